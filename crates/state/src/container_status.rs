//! The statuses of a container.

use std::fmt;

use crate::column::Damage;

/// What a container is doing, in Docker's words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ContainerStatus {
    /// It has never been started.
    #[default]
    Created,
    /// Its command runs.
    Running,
    /// Its command runs, and is stopped by the system until it is resumed.
    Paused,
    /// Its command has ended, and is about to be started again.
    Restarting,
    /// Its command has ended, or could not be started.
    Exited,
    /// It could not be removed, and cannot be started.
    Dead,
}

impl ContainerStatus {
    /// Every status, in the order of a container's life.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Running,
        Self::Paused,
        Self::Restarting,
        Self::Exited,
        Self::Dead,
    ];

    /// Docker's name for it, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Restarting => "restarting",
            Self::Exited => "exited",
            Self::Dead => "dead",
        }
    }

    /// The status with this name in Docker. `None` for any other word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// The status in a column.
    pub(crate) fn from_column(word: &str) -> Result<Self, Damage> {
        Self::from_word(word).ok_or_else(|| Damage(format!("a container with the status {word:?}")))
    }
}

impl fmt::Display for ContainerStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for status in ContainerStatus::ALL {
            assert_eq!(ContainerStatus::from_word(status.as_str()), Some(status));
            assert_eq!(status.to_string(), status.as_str());
        }
        for word in ["", "Running", "removing", "running "] {
            assert_eq!(ContainerStatus::from_word(word), None, "{word}");
            assert!(ContainerStatus::from_column(word).is_err(), "{word}");
        }
    }
}
