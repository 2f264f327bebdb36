use std::time::Duration;

use super::Usage;

/// The cost of one run of a work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Sample {
    /// From the first byte of the request to the last of the response, or from start to end.
    pub(crate) wall: Duration,
    /// Of the worker's processes, not of the client.
    pub(crate) usage: Usage,
    /// Most memory of the worker's processes, in bytes.
    pub(crate) peak_memory: u64,
    /// The result of the work, when that is not the time.
    pub(crate) result: Option<f64>,
    /// Bytes that the registry received, where there is one.
    pub(crate) sent: Option<u64>,
    /// Bytes of the registry's content afterwards.
    pub(crate) registry: Option<u64>,
}

impl Sample {
    /// A sample of which only this is known.
    pub(super) fn new(wall: Duration, usage: Usage, peak_memory: u64) -> Self {
        Self {
            wall,
            usage,
            peak_memory,
            result: None,
            sent: None,
            registry: None,
        }
    }

    /// A result without a measured process.
    pub(crate) fn of(result: f64) -> Self {
        Self::new(Duration::ZERO, Usage::default(), 0).with_result(result)
    }

    /// The same with a result other than time.
    pub(crate) fn with_result(mut self, result: f64) -> Self {
        self.result = Some(result);
        self
    }

    /// The time in seconds, or the result.
    pub(crate) fn figure(&self) -> f64 {
        self.result.unwrap_or(self.wall.as_secs_f64())
    }
}
