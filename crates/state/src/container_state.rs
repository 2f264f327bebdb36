//! What has happened to a container since it was created.

use jiff::Timestamp;

use crate::{ContainerStatus, Error};

/// What has happened to a container since it was created: what Docker shows as its `State`.
///
/// The default is the state of a container that has never been started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerState {
    /// What it is doing.
    pub status: ContainerStatus,
    /// Exit code of its last run; 0 while there is none.
    pub exit_code: i64,
    /// Why its last start failed; empty when it did not.
    pub error: String,
    /// Whether its last run was ended because it used too much memory.
    pub oom_killed: bool,
    /// When its last run began. `None` when it has never been started.
    pub started_at: Option<Timestamp>,
    /// When its last run ended. `None` when no run has ended.
    pub finished_at: Option<Timestamp>,
    /// How often its restart policy has started it again.
    pub restart_count: u64,
    /// The daemon that has it, if it exists in one place only.
    pub owner: Option<String>,
}

impl ContainerState {
    /// Checks what every store requires of a state.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let texts = [Some(&self.error), self.owner.as_ref()];
        // PostgreSQL texts cannot have a zero byte.
        if texts.into_iter().flatten().any(|text| text.contains('\0')) {
            return Err(Error::Unstorable {
                what: "the state of a container with a zero byte in a text".to_owned(),
            });
        }
        Ok(())
    }
}
