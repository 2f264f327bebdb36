//! The measured programs: daemons with the Docker Engine API, skopeo, and the registry and the
//! database that they use.

mod alone;
mod daemon;
mod dockerd;
mod fleet;
mod podman;
mod postgres;
mod process;
mod registry;
mod skopeo;
mod sockerless;
mod versions;

pub(crate) use daemon::Daemon;
pub(crate) use fleet::{Cost, Fleet};
pub(crate) use postgres::Postgres;
pub(crate) use registry::Registry;
pub(crate) use skopeo::Skopeo;
pub(crate) use sockerless::Sockerless;
pub(crate) use versions::versions;

use std::path::Path;

use anyhow::Result;

/// The peers that serve Docker's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// Debian's dockerd with overlay2.
    Dockerd,
    /// Podman's API service with overlay.
    Podman,
}

impl Peer {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Dockerd, Self::Podman];

    /// Its name in tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Dockerd => "dockerd",
            Self::Podman => "podman",
        }
    }

    /// Starts it with all its files below `folder`.
    pub(crate) fn start(self, folder: &Path) -> Result<Daemon> {
        match self {
            Self::Dockerd => dockerd::start(folder),
            Self::Podman => podman::start(folder),
        }
    }
}
