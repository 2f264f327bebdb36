/// What happens to the next request whose line begins in a certain way.
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
    /// Nothing more of the request passes.
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

    /// Lets nothing pass after so many bytes of the request; what comes is taken and dropped.
    #[must_use]
    pub fn stall_request(line: &'static str, after: usize) -> Self {
        Self::new(line, after, How::Stall)
    }

    /// For so many requests instead of one.
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
