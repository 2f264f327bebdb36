//! Which addresses a connection may be opened to.

use std::net::IpAddr;
use std::sync::Arc;

use super::address_range::AddressRange;
use super::connector::ConnectError;
use super::network::Neighbourhood;
use crate::host;

/// The addresses that connections may be opened to.
#[derive(Debug, Clone)]
pub(crate) enum Reach {
    /// Any: the user of this machine names the host.
    Anywhere,
    /// The registry itself, at any address; that decides where it may send its clients.
    Registry(Arc<Neighbourhood>),
    /// Hosts that a registry named, which must be in its neighbourhood.
    Named(Arc<Neighbourhood>),
    /// Any but this machine, its link and reserved ranges: a remote party names the host.
    Remote,
}

impl Reach {
    /// Checks whether `host` may be requested at all. A proxy may resolve a name differently, but
    /// an address means the same everywhere. Hosts that a registry named were checked then.
    pub(super) fn admit_host(&self, host: &str) -> Result<(), ConnectError> {
        match (self, host::address(host)) {
            (Self::Remote, Some(address)) => self.admit(host, address),
            _ => Ok(()),
        }
    }

    /// Checks whether `host` may be connected to at `address`.
    pub(super) fn admit(&self, host: &str, address: IpAddr) -> Result<(), ConnectError> {
        let host = || host.to_owned();
        match self {
            Self::Anywhere | Self::Registry(_) => Ok(()),
            Self::Named(neighbourhood) if neighbourhood.admits(address) => Ok(()),
            Self::Named(_) => Err(ConnectError::Forbidden(host())),
            Self::Remote => match AddressRange::of(address) {
                AddressRange::Public | AddressRange::Private => Ok(()),
                AddressRange::Loopback | AddressRange::Link | AddressRange::Reserved => {
                    Err(ConnectError::Local {
                        host: host(),
                        address,
                    })
                }
            },
        }
    }

    /// Records a connection to `host` at `address`, with `own` at this end, or refuses it. Both
    /// ends of a connection to this machine have the same address, whichever one that is.
    pub(super) fn reached(
        &self,
        host: &str,
        address: IpAddr,
        own: IpAddr,
    ) -> Result<(), ConnectError> {
        match self {
            Self::Registry(neighbourhood) => neighbourhood.note(address),
            Self::Remote if address == own => {
                let host = host.to_owned();
                return Err(ConnectError::Local { host, address });
            }
            Self::Anywhere | Self::Named(_) | Self::Remote => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_machine_is_known_by_both_ends_of_a_connection() {
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        for (reach, admitted) in [(Reach::Remote, false), (Reach::Anywhere, true)] {
            let own = reach.reached("h", ip("10.0.0.5"), ip("10.0.0.5"));
            assert_eq!(own.is_ok(), admitted, "{reach:?}");
            let other = reach.reached("h", ip("10.0.0.6"), ip("10.0.0.5"));
            assert!(other.is_ok(), "{reach:?}");
        }
    }
}
