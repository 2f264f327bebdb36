use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::atomic::{AtomicU8, Ordering};

/// Metadata services that clouds keep at addresses of private use: Alibaba Cloud, AWS and Google.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
    IpAddr::V6(Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)),
];

/// Where an address is, from anywhere to this machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Place {
    Public = 0,
    /// Private use, unique local, carrier-grade NAT.
    Private = 1,
    Loopback = 2,
    /// Link-local, where clouds keep their metadata services, those of them that are elsewhere,
    /// and "unspecified".
    Link = 3,
}

impl Place {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            _ if METADATA.contains(&address) => Self::Link,
            IpAddr::V4(v4) => {
                let [first, second, ..] = v4.octets();
                if v4.is_loopback() {
                    Self::Loopback
                } else if v4.is_link_local() || v4.is_unspecified() || v4.is_broadcast() {
                    Self::Link
                } else if v4.is_private() || (first == 100 && second & 0xc0 == 64) {
                    Self::Private
                } else {
                    Self::Public
                }
            }
            IpAddr::V6(v6) => {
                if let Some(v4) = v6.to_ipv4_mapped() {
                    Self::of(IpAddr::V4(v4))
                } else if v6.is_loopback() {
                    Self::Loopback
                } else if v6.is_unicast_link_local() || v6.is_unspecified() {
                    Self::Link
                } else if v6.is_unique_local() {
                    Self::Private
                } else {
                    Self::Public
                }
            }
        }
    }
}

/// Where a registry turned out to be, which decides where it may send its clients.
///
/// A registry on the internet that names an address inside the network of its client would have
/// the client make requests there for it.
#[derive(Debug, Default)]
pub(crate) struct Neighbourhood(AtomicU8);

impl Neighbourhood {
    /// Notes that the registry was reached at `address`.
    pub(crate) fn note(&self, address: IpAddr) {
        self.0
            .fetch_or(1 << Place::of(address) as u8, Ordering::Relaxed);
    }

    fn knows(&self, place: Place) -> bool {
        self.0.load(Ordering::Relaxed) & (1 << place as u8) != 0
    }

    /// Whether the registry may send its client to `address`.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        match Place::of(address) {
            Place::Public => true,
            Place::Private => self.knows(Place::Private) || self.knows(Place::Loopback),
            place => self.knows(place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_names_addresses_of_its_own_kind() {
        let public = ["93.184.216.34", "2606:2800:220:1::1"];
        let private = ["10.1.2.3", "192.168.0.1", "100.64.0.1", "fd00::1"];
        let loopback = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];
        let link = [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "100.100.100.200",
            "fe80::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "0.0.0.0",
            "::",
        ];
        for (home, allowed) in [
            (None, vec![&public[..]]),
            (Some("93.184.216.34"), vec![&public[..]]),
            (Some("10.0.0.1"), vec![&public[..], &private[..]]),
            (
                Some("127.0.0.1"),
                vec![&public[..], &private[..], &loopback[..]],
            ),
            (Some("169.254.1.1"), vec![&public[..], &link[..]]),
        ] {
            let neighbourhood = Neighbourhood::default();
            if let Some(home) = home {
                neighbourhood.note(home.parse().expect("valid"));
            }
            for list in [&public[..], &private[..], &loopback[..], &link[..]] {
                for text in list {
                    let expected = allowed.contains(&list);
                    assert_eq!(
                        neighbourhood.admits(text.parse().expect("valid")),
                        expected,
                        "{home:?} names {text}"
                    );
                }
            }
        }
    }
}
