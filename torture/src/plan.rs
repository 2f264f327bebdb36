use std::path::PathBuf;
use std::time::Duration;

/// The parameters of a run.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The daemon.
    pub sockerless: PathBuf,
    /// The seed of all random numbers. The operations of a client are the same for the same seed as
    /// long as their responses are; races between clients are not reproduced.
    pub seed: u64,
    /// How many daemons.
    pub daemons: usize,
    /// How many clients.
    pub clients: usize,
    /// How many slots each client has: groups of four images, three names and two containers.
    pub slots: usize,
    /// When the clients stop.
    pub end: End,
    /// Where the daemons' logs are written.
    pub logs: PathBuf,
}

/// When the clients stop. Each kind of fault happens before that, however early it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// After so many operations of all of them together.
    Operations(u64),
    /// After so much time.
    Time(Duration),
}
