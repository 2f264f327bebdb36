//! Faults that a registry applies to requests.

/// What a request to the registry is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// The `/v2/` page.
    Ping,
    /// A token.
    Token,
    /// Whether a blob is there.
    HeadBlob,
    /// A blob, or the redirect to it.
    GetBlob,
    /// A blob from the storage to which the registry redirects.
    Storage,
    /// A new upload session, or a mount.
    Begin,
    /// Bytes of an upload.
    Patch,
    /// The end of an upload.
    Put,
    /// The state of an upload, or its cancellation.
    Session,
    /// Whether a manifest is there.
    HeadManifest,
    /// A manifest.
    GetManifest,
    /// Storing a manifest.
    PutManifest,
    /// Deleting a blob or manifest.
    Delete,
    /// A page of tags.
    Tags,
    /// Anything else.
    Other,
}

/// How a request fails.
#[derive(Debug, Clone)]
pub enum Action {
    /// The response is a status, headers and a body; the body of the request is not read.
    Answer {
        /// The status.
        status: u16,
        /// Headers.
        headers: Vec<(&'static str, String)>,
        /// The body.
        body: String,
    },
    /// The response is a status and an error that repeats the request's `Authorization`.
    Echo(u16),
    /// The connection is closed after so many bytes of the request's body.
    CutRequest(u64),
    /// Nothing more is read after so many bytes of the request's body, and there is no response.
    StallRequest(u64),
    /// The request is done, and the connection is closed without a response.
    LoseReply,
    /// The connection is closed after so many bytes of the reply's body.
    CutReply(usize),
    /// Nothing more is sent after so many bytes of the reply's body.
    StallReply(usize),
    /// The first byte of the reply's body is changed.
    Corrupt,
    /// The reply's body is truncated to so many bytes, with a matching length.
    Truncate(usize),
    /// All issued tokens are revoked just before the request is handled.
    RevokeTokens,
}

/// An [`Action`] for some requests of one [`Step`].
#[derive(Debug, Clone)]
pub struct Fault {
    pub(super) step: Step,
    pub(super) skip: usize,
    pub(super) times: usize,
    pub(super) action: Action,
}

impl Fault {
    /// Applies `action` to the next request for `step`.
    pub fn new(step: Step, action: Action) -> Self {
        Self {
            step,
            skip: 0,
            times: 1,
            action,
        }
    }

    /// Responds to the next request for `step` with only a status.
    pub fn status(step: Step, status: u16) -> Self {
        Self::new(
            step,
            Action::Answer {
                status,
                headers: Vec::new(),
                body: String::new(),
            },
        )
    }

    /// Lets the first `skip` requests pass.
    pub fn after(mut self, skip: usize) -> Self {
        self.skip = skip;
        self
    }

    /// Applies it `times` times.
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }
}

/// Takes the action for a request of `step`, if there is one.
pub(super) fn take(faults: &mut Vec<Fault>, step: Step) -> Option<Action> {
    let index = faults.iter().position(|fault| fault.step == step)?;
    let fault = faults.get_mut(index)?;
    if fault.skip > 0 {
        fault.skip -= 1;
        return None;
    }
    let action = fault.action.clone();
    fault.times = fault.times.saturating_sub(1);
    if fault.times == 0 {
        faults.remove(index);
    }
    Some(action)
}
