//! Why a part of a container's configuration is refused.

/// A member of a configuration that cannot be taken. It repeats nothing of the value, which may be
/// a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMember {
    /// The value has another type than Docker's.
    #[error("{name} has to be {expected}")]
    Type {
        /// Where it is: `HostConfig.NetworkMode`.
        name: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// It names more networks than a container may be in.
    #[error("{name} names {count} networks: at most {limit} are taken")]
    TooManyNetworks {
        /// Where it is.
        name: &'static str,
        /// How many were given.
        count: usize,
        /// How many may be.
        limit: usize,
    },
}
