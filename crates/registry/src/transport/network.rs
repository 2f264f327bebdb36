//! The network that a registry is in, which limits the addresses that it may name.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU8, Ordering};

use super::AddressRange;

/// Where a registry is located, which decides where it may send its clients.
///
/// A registry on the internet that names an address inside the network of its client would have
/// the client make requests there for it.
#[derive(Debug, Default)]
pub(crate) struct Neighbourhood(AtomicU8);

impl Neighbourhood {
    /// Records that the registry was reached at `address`.
    pub(crate) fn note(&self, address: IpAddr) {
        self.0
            .fetch_or(1 << AddressRange::of(address) as u8, Ordering::Relaxed);
    }

    fn knows(&self, place: AddressRange) -> bool {
        self.0.load(Ordering::Relaxed) & (1 << place as u8) != 0
    }

    /// Whether the registry may send its client to `address`.
    pub(crate) fn admits(&self, address: IpAddr) -> bool {
        match AddressRange::of(address) {
            AddressRange::Public => true,
            AddressRange::Private => {
                self.knows(AddressRange::Private) || self.knows(AddressRange::Loopback)
            }
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
        let loopback = ["127.0.0.1", "::1", "::ffff:127.0.0.1", "2002:7f00:1::"];
        let link = [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "100.100.100.200",
            "fe80::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "0.0.0.0",
            "::",
            "64:ff9b::169.254.169.254",
            "168.63.129.16",
        ];
        let reserved = ["192.0.2.1", "2001:db8::1", "64:ff9b:1::1", "240.0.0.1"];
        for (home, allowed) in [
            (None, vec![&public[..]]),
            (Some("93.184.216.34"), vec![&public[..]]),
            (Some("10.0.0.1"), vec![&public[..], &private[..]]),
            (
                Some("127.0.0.1"),
                vec![&public[..], &private[..], &loopback[..]],
            ),
            (Some("169.254.1.1"), vec![&public[..], &link[..]]),
            (Some("198.18.0.1"), vec![&public[..], &reserved[..]]),
        ] {
            let neighbourhood = Neighbourhood::default();
            if let Some(home) = home {
                neighbourhood.note(home.parse().expect("valid"));
            }
            for list in [
                &public[..],
                &private[..],
                &loopback[..],
                &link[..],
                &reserved[..],
            ] {
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
