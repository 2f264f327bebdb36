use std::net::IpAddr;
use std::sync::Arc;

use super::connector::ConnectError;
use super::network::{Neighbourhood, Place};
use crate::host;

/// Which addresses connections may be opened to.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// Any: the host is where the user of this machine says.
    Anywhere,
    /// The registry itself, wherever that is, which decides where it may send its clients.
    Registry(Arc<Neighbourhood>),
    /// Hosts that a registry named, which must be in its neighbourhood.
    Named(Arc<Neighbourhood>),
    /// Any but this machine and its link: the host is where somebody else says.
    Remote,
}

impl Reach {
    /// Whether `host` may be asked for at all. What a name means may be a proxy's matter, but an
    /// address means the same everywhere. Hosts that a registry named were judged when it did.
    pub(super) fn admit_host(&self, host: &str) -> Result<(), ConnectError> {
        match (self, host::address(host)) {
            (Self::Remote, Some(address)) => self.admit(host, address),
            _ => Ok(()),
        }
    }

    /// Whether `host` may be connected to at `address`.
    pub(super) fn admit(&self, host: &str, address: IpAddr) -> Result<(), ConnectError> {
        let host = || host.to_owned();
        match self {
            Self::Anywhere | Self::Registry(_) => Ok(()),
            Self::Named(neighbourhood) if neighbourhood.admits(address) => Ok(()),
            Self::Named(_) => Err(ConnectError::Forbidden(host())),
            Self::Remote => match Place::of(address) {
                Place::Public | Place::Private => Ok(()),
                Place::Loopback | Place::Link => Err(ConnectError::Local {
                    host: host(),
                    address,
                }),
            },
        }
    }

    /// Notes that there is a connection to `address`.
    pub(super) fn note(&self, address: IpAddr) {
        if let Self::Registry(neighbourhood) = self {
            neighbourhood.note(address);
        }
    }
}
