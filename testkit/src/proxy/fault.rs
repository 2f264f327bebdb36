//! Faults that a proxy applies to requests.

/// A fault for the next request whose line has a given prefix.
#[derive(Debug, Clone)]
pub struct Fault {
    pub(super) line: &'static str,
    pub(super) after: usize,
    pub(super) how: How,
    pub(super) times: usize,
}

/// What happens after the last byte that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Both connections are closed, after so many bytes of the request.
    CutRequest,
    /// They are closed after so many bytes of the reply.
    CutReply,
    /// The rest of the request is dropped.
    Stall,
}

impl Fault {
    /// Closes the connection after so many bytes of a request that begins with `line`, such as
    /// `PATCH /v2/`, its head included.
    #[must_use]
    pub fn cut_request(line: &'static str, after: usize) -> Self {
        Self::new(line, after, How::CutRequest)
    }

    /// Closes the connection after so many bytes of the reply.
    #[must_use]
    pub fn cut_reply(line: &'static str, after: usize) -> Self {
        Self::new(line, after, How::CutReply)
    }

    /// Passes nothing on after so many bytes of the request; the rest is read and dropped.
    #[must_use]
    pub fn stall_request(line: &'static str, after: usize) -> Self {
        Self::new(line, after, How::Stall)
    }

    /// Applies it to so many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    fn new(line: &'static str, after: usize, how: How) -> Self {
        Self {
            line,
            after,
            how,
            times: 1,
        }
    }
}
