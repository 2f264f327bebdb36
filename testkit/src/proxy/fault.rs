/// What happens to the next request whose line begins in a certain way.
#[derive(Debug, Clone)]
pub struct Fault {
    pub(super) line: &'static str,
    pub(super) side: Side,
    pub(super) after: usize,
    pub(super) how: How,
    pub(super) times: usize,
}

/// Whose bytes are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Request,
    Reply,
}

/// What happens after the last byte that passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// Both connections are closed.
    Cut,
    /// Nothing passes any more.
    Stall,
}

impl Fault {
    /// Closes the connection after so many bytes of a request that begins with `line`, such as
    /// `PATCH /v2/`, its head included.
    #[must_use]
    pub fn cut_request(line: &'static str, after: usize) -> Self {
        Self::new(line, Side::Request, after, How::Cut)
    }

    /// Closes the connection after so many bytes of the reply.
    #[must_use]
    pub fn cut_reply(line: &'static str, after: usize) -> Self {
        Self::new(line, Side::Reply, after, How::Cut)
    }

    /// Lets nothing pass after so many bytes of the request; what comes is taken and dropped.
    #[must_use]
    pub fn stall_request(line: &'static str, after: usize) -> Self {
        Self::new(line, Side::Request, after, How::Stall)
    }

    /// Lets nothing pass after so many bytes of the reply.
    #[must_use]
    pub fn stall_reply(line: &'static str, after: usize) -> Self {
        Self::new(line, Side::Reply, after, How::Stall)
    }

    /// For so many requests instead of one.
    #[must_use]
    pub fn times(mut self, times: usize) -> Self {
        self.times = times;
        self
    }

    fn new(line: &'static str, side: Side, after: usize, how: How) -> Self {
        Self {
            line,
            side,
            after,
            how,
            times: 1,
        }
    }
}
