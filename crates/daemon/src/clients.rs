//! Options that limit connections and clients.

use std::time::Duration;

use clap::Args;
use sockerless_frontend::ConnectionLimits;
use sockerless_images::{ClientLimits, Pace};

use crate::bytes;

/// How much clients may ask of the daemon together, and how slow they may be.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits of clients")]
pub(crate) struct ClientOptions {
    /// Connections at once. When there are more, those that wait for a request are closed, the
    /// longest waiting first; when all have requests, only a ping is answered
    #[arg(
        long,
        env = "SOCKERLESS_MAX_CONNECTIONS",
        value_name = "NUMBER",
        default_value_t = ConnectionLimits::default().connections,
        value_parser = number
    )]
    max_connections: usize,

    /// Bytes of the head of one request
    #[arg(
        long,
        env = "SOCKERLESS_MAX_HEAD_BYTES",
        value_name = "BYTES",
        default_value_t = ConnectionLimits::default().head_bytes,
        value_parser = size
    )]
    max_head_bytes: usize,

    /// Bytes of all heads that have not ended, beyond the first 4 KiB of each
    #[arg(
        long,
        env = "SOCKERLESS_MAX_HEADS_BYTES",
        value_name = "BYTES",
        default_value_t = ConnectionLimits::default().heads_bytes,
        value_parser = size
    )]
    max_heads_bytes: usize,

    /// Seconds that the head of a request may take
    #[arg(
        long,
        env = "SOCKERLESS_HEAD_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = ConnectionLimits::default().head_time.as_secs(),
        value_parser = seconds()
    )]
    head_timeout: u64,

    /// Readers of events at once
    #[arg(
        long,
        env = "SOCKERLESS_MAX_EVENT_READERS",
        value_name = "NUMBER",
        default_value_t = ConnectionLimits::default().event_readers,
        value_parser = number
    )]
    max_event_readers: usize,

    /// Bytes of events that a reader has not taken, before it gets the next
    #[arg(
        long,
        env = "SOCKERLESS_MAX_EVENT_BYTES",
        value_name = "BYTES",
        default_value_t = ConnectionLimits::default().event_bytes,
        value_parser = bytes::parse
    )]
    max_event_bytes: u64,

    /// Loads and imports that are read at once
    #[arg(
        long,
        env = "SOCKERLESS_MAX_LOADS",
        value_name = "NUMBER",
        default_value_t = ClientLimits::default().loads,
        value_parser = number
    )]
    max_loads: usize,

    /// Saves that are written at once
    #[arg(
        long,
        env = "SOCKERLESS_MAX_SAVES",
        value_name = "NUMBER",
        default_value_t = ClientLimits::default().saves,
        value_parser = number
    )]
    max_saves: usize,

    /// Seconds for which a client is waited for that sends or takes nothing
    #[arg(
        long,
        env = "SOCKERLESS_CLIENT_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = ClientLimits::default().pace.limit.as_secs(),
        value_parser = seconds()
    )]
    client_timeout: u64,

    /// Bytes a second that a client has to send or take, on an average over that time; 0: any
    #[arg(
        long,
        env = "SOCKERLESS_MIN_CLIENT_RATE",
        value_name = "BYTES",
        default_value_t = ClientLimits::default().pace.rate,
        value_parser = bytes::parse
    )]
    min_client_rate: u64,

    /// Seconds for which a slower client keeps its place among the loads or saves while others
    /// wait for one
    #[arg(
        long,
        env = "SOCKERLESS_CLIENT_GRACE",
        value_name = "SECONDS",
        default_value_t = ClientLimits::default().grace.as_secs(),
        value_parser = seconds()
    )]
    client_grace: u64,
}

/// At least one, and no more than a semaphore can count.
fn number(text: &str) -> Result<usize, String> {
    let most = tokio::sync::Semaphore::MAX_PERMITS;
    match usize::try_from(bytes::count(text)?) {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(format!("give a number from 1 to {most}")),
    }
}

fn size(text: &str) -> Result<usize, String> {
    let bytes = bytes::parse(text)?;
    usize::try_from(bytes).map_err(|_| "that is more than fits into memory".to_owned())
}

/// At least one, and at most a year.
fn seconds() -> clap::builder::RangedU64ValueParser {
    clap::value_parser!(u64).range(1..=365 * 24 * 60 * 60)
}

impl From<&ClientOptions> for ConnectionLimits {
    fn from(options: &ClientOptions) -> Self {
        Self {
            connections: options.max_connections,
            head_bytes: options.max_head_bytes,
            heads_bytes: options.max_heads_bytes,
            head_time: Duration::from_secs(options.head_timeout),
            event_readers: options.max_event_readers,
            event_bytes: options.max_event_bytes,
            ..Self::default()
        }
    }
}

impl From<&ClientOptions> for ClientLimits {
    fn from(options: &ClientOptions) -> Self {
        Self {
            loads: options.max_loads,
            saves: options.max_saves,
            pace: Pace {
                limit: Duration::from_secs(options.client_timeout),
                rate: options.min_client_rate,
            },
            grace: Duration::from_secs(options.client_grace),
        }
    }
}
