//! The health check of a container.

use serde::Serialize;

use crate::json::lenient;

/// How to check whether a container is healthy. Empty and zero values are inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Healthcheck {
    /// `NONE`; or `CMD` and a program with its arguments; or `CMD-SHELL` and a line for the shell.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub test: Vec<String>,
    /// Time between two checks, in nanoseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub interval: i64,
    /// Time after which a check has failed, in nanoseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub timeout: i64,
    /// Time after the start in which failures do not count, in nanoseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_period: i64,
    /// Time between two checks while it starts, in nanoseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub start_interval: i64,
    /// Consecutive failures that make it unhealthy.
    #[serde(skip_serializing_if = "is_zero")]
    pub retries: i64,
}

lenient!(Healthcheck {
    "test" => test: Vec<String>,
    "interval" => interval: i64,
    "timeout" => timeout: i64,
    "startperiod" => start_period: i64,
    "startinterval" => start_interval: i64,
    "retries" => retries: i64,
});

fn is_zero(number: &i64) -> bool {
    *number == 0
}
