//! Classification of IP addresses: public, private, link-local, loopback or reserved.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The range of an address, from public to this machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum AddressRange {
    Public = 0,
    /// Private use, unique local, carrier-grade NAT.
    Private = 1,
    Loopback = 2,
    /// Link-local, where clouds have their metadata services, metadata services at other addresses,
    /// and "unspecified".
    Link = 3,
    /// Reserved for documentation, measurements, protocols or future use.
    Reserved = 4,
}

/// What is known of a range of addresses.
#[derive(Clone, Copy)]
enum Meaning {
    AddressRange(AddressRange),
    /// Its addresses embed an IPv4 address from this bit on, and packets may be routed there.
    Carries(u32),
}

use Meaning::Carries;

const LINK: Meaning = Meaning::AddressRange(AddressRange::Link);
const LOOPBACK: Meaning = Meaning::AddressRange(AddressRange::Loopback);
const PRIVATE: Meaning = Meaning::AddressRange(AddressRange::Private);
const RESERVED: Meaning = Meaning::AddressRange(AddressRange::Reserved);

/// The ranges of IPv4 that are not public, by IANA's registry of special-purpose addresses, and the
/// metadata services of clouds outside those ranges. The first match counts.
const V4: [(Ipv4Addr, u32, Meaning); 19] = [
    (Ipv4Addr::new(100, 100, 100, 200), 32, LINK), // metadata of Alibaba Cloud
    (Ipv4Addr::new(168, 63, 129, 16), 32, LINK),   // the wire server of Azure
    (Ipv4Addr::new(0, 0, 0, 0), 8, LINK),          // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8, PRIVATE),
    (Ipv4Addr::new(100, 64, 0, 0), 10, PRIVATE), // carrier-grade NAT
    (Ipv4Addr::new(127, 0, 0, 0), 8, LOOPBACK),
    (Ipv4Addr::new(169, 254, 0, 0), 16, LINK),
    (Ipv4Addr::new(172, 16, 0, 0), 12, PRIVATE),
    (Ipv4Addr::new(192, 0, 0, 192), 32, LINK), // metadata of Oracle Cloud
    (Ipv4Addr::new(192, 0, 0, 0), 24, RESERVED), // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24, RESERVED), // documentation
    (Ipv4Addr::new(192, 88, 99, 0), 24, RESERVED), // relays of 6to4
    (Ipv4Addr::new(192, 168, 0, 0), 16, PRIVATE),
    (Ipv4Addr::new(198, 18, 0, 0), 15, RESERVED), // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24, RESERVED), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24, RESERVED), // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 4, RESERVED),   // multicast
    (Ipv4Addr::new(255, 255, 255, 255), 32, LINK), // broadcast
    (Ipv4Addr::new(240, 0, 0, 0), 4, RESERVED),
];

/// The same for IPv6.
const V6: [(Ipv6Addr, u32, Meaning); 21] = [
    (v6([0xfd00, 0xec2]), 32, LINK), // AWS: metadata, credentials, time, names
    (Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254), 128, LINK), // metadata of Google Cloud
    (Ipv6Addr::new(0xfd00, 0x42, 0, 0, 0, 0, 0, 0x42), 128, LINK), // metadata of Scaleway
    (Ipv6Addr::LOCALHOST, 128, LOOPBACK),
    (Ipv6Addr::UNSPECIFIED, 128, LINK),
    (Ipv6Addr::UNSPECIFIED, 96, Carries(96)), // IPv4-compatible
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, Carries(96)), // IPv4-mapped
    (Ipv6Addr::new(0, 0, 0, 0, 0xffff, 0, 0, 0), 96, Carries(96)), // IPv4-translated
    (v6([0x64, 0xff9b]), 96, Carries(96)),    // NAT64
    (Ipv6Addr::new(0x64, 0xff9b, 1, 0, 0, 0, 0, 0), 48, RESERVED), // a NAT64 of the network's own
    (v6([0x100, 0]), 64, RESERVED),           // discarded
    (Ipv6Addr::new(0x100, 0, 0, 1, 0, 0, 0, 0), 64, RESERVED), // dummy
    (v6([0x2001, 0]), 23, RESERVED),          // protocols, among them Teredo and ORCHID
    (v6([0x2001, 0xdb8]), 32, RESERVED),      // documentation
    (v6([0x2002, 0]), 16, Carries(16)),       // 6to4
    (v6([0x3fff, 0]), 20, RESERVED),          // documentation
    (v6([0x5f00, 0]), 16, RESERVED),          // segment routing
    (v6([0xfc00, 0]), 7, PRIVATE),
    (v6([0xfe80, 0]), 10, LINK),
    (v6([0xfec0, 0]), 10, RESERVED), // site-local, which is no longer used
    (v6([0xff00, 0]), 8, RESERVED),  // multicast
];

const fn v6([first, second]: [u16; 2]) -> Ipv6Addr {
    Ipv6Addr::new(first, second, 0, 0, 0, 0, 0, 0)
}

impl AddressRange {
    pub(crate) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::of_v4(address),
            IpAddr::V6(address) => Self::of_v6(address),
        }
    }

    fn of_v4(address: Ipv4Addr) -> Self {
        let bits = address.to_bits();
        let fits = |(first, length, _): &&(Ipv4Addr, u32, Meaning)| {
            (bits ^ first.to_bits()).leading_zeros() >= *length
        };
        match V4.iter().find(fits) {
            Some((_, _, Meaning::AddressRange(place))) => *place,
            _ => Self::Public,
        }
    }

    fn of_v6(address: Ipv6Addr) -> Self {
        let bits = address.to_bits();
        let fits = |(first, length, _): &&(Ipv6Addr, u32, Meaning)| {
            (bits ^ first.to_bits()).leading_zeros() >= *length
        };
        let carried = |from: u32| Self::of_v4(Ipv4Addr::from_bits((bits >> (96 - from)) as u32));
        let place = match V6.iter().find(fits) {
            Some((_, _, Meaning::AddressRange(place))) => *place,
            Some((_, _, Carries(from))) => carried(*from),
            None => Self::Public,
        };
        // ISATAP embeds an IPv4 address under any prefix.
        let [.., high, low, _, _] = address.segments();
        if place == Self::Public && high & !0x200 == 0 && low == 0x5efe {
            return carried(96);
        }
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_special_range_has_its_place() {
        use AddressRange::{Link, Loopback, Private, Public, Reserved};
        for (place, addresses) in [
            (
                Public,
                &[
                    "1.1.1.1",
                    "9.255.255.255",
                    "11.0.0.0",
                    "93.184.216.34",
                    "100.63.255.255",
                    "100.128.0.0",
                    "126.255.255.255",
                    "128.0.0.0",
                    "168.63.129.15",
                    "172.15.255.255",
                    "172.32.0.0",
                    "192.0.1.0",
                    "192.31.196.1",
                    "198.17.255.255",
                    "198.20.0.0",
                    "223.255.255.255",
                    "2606:2800:220:1::1",
                    "2001:200::1",
                    "2620:4f:8000::1",
                    "64:ff9b::1.1.1.1",
                    "2002:101:101::1",
                    "::ffff:1.1.1.1",
                    "2606:2800::5efe:1.1.1.1",
                ][..],
            ),
            (
                Private,
                &[
                    "10.0.0.0",
                    "10.255.255.255",
                    "100.64.0.1",
                    "172.31.255.255",
                    "192.168.0.1",
                    "fd00::1",
                    "fc00::1",
                    "::ffff:10.0.0.1",
                    "::10.0.0.1",
                    "64:ff9b::192.168.0.1",
                    "2002:c0a8:1::1",
                ],
            ),
            (
                Loopback,
                &[
                    "127.0.0.1",
                    "127.255.255.255",
                    "::1",
                    "::127.0.0.1",
                    "::ffff:127.0.0.1",
                    "::ffff:0:127.0.0.1",
                    "64:ff9b::127.0.0.1",
                    "2002:7f00:1::",
                    "2606:2800::5efe:127.0.0.1",
                    "2606:2800::200:5efe:127.0.0.1",
                ],
            ),
            (
                Link,
                &[
                    "0.0.0.0",
                    "0.1.2.3",
                    "100.100.100.200",
                    "168.63.129.16",
                    "169.254.169.254",
                    "192.0.0.192",
                    "255.255.255.255",
                    "::",
                    "fe80::1",
                    "febf::1",
                    "fd00:ec2::254",
                    "fd00:ec2::23",
                    "fd20:ce::254",
                    "fd00:42::42",
                    "::169.254.169.254",
                    "::ffff:169.254.169.254",
                    "64:ff9b::169.254.169.254",
                    "64:ff9b::168.63.129.16",
                    "2002:a9fe:a9fe::1",
                    "2002:a83f:8110::1",
                ],
            ),
            (
                Reserved,
                &[
                    "192.0.0.1",
                    "192.0.2.1",
                    "192.88.99.1",
                    "198.18.0.1",
                    "198.19.255.255",
                    "198.51.100.1",
                    "203.0.113.1",
                    "224.0.0.1",
                    "239.255.255.255",
                    "240.0.0.1",
                    "64:ff9b:1::1",
                    "64:ff9b:1:ffff::127.0.0.1",
                    "100::1",
                    "100:0:0:1::1",
                    "2001::1",
                    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                    "2001:2::1",
                    "2001:10::1",
                    "2001:20::1",
                    "2001:db8::1",
                    "3fff::1",
                    "5f00::1",
                    "fec0::1",
                    "ff02::1",
                    "2002:c000:201::1",
                ],
            ),
        ] {
            for text in addresses {
                let address = text.parse().expect(text);
                assert_eq!(AddressRange::of(address), place, "{text}");
            }
        }
    }

    #[test]
    fn no_range_hides_a_later_one() {
        let hidden = |first: u128, length: u32, bits: u128, later: u32| {
            later >= length && (first ^ bits).leading_zeros() >= length
        };
        for (at, (first, length, _)) in V6.iter().enumerate() {
            for (other, later, _) in &V6[at + 1..] {
                let is_hidden = hidden(first.to_bits(), *length, other.to_bits(), *later);
                assert!(!is_hidden, "{other}/{later} is behind {first}/{length}");
            }
        }
        let wide = |address: &Ipv4Addr| u128::from(address.to_bits()) << 96;
        for (at, (first, length, _)) in V4.iter().enumerate() {
            for (other, later, _) in &V4[at + 1..] {
                let is_hidden = hidden(wide(first), *length, wide(other), *later);
                assert!(!is_hidden, "{other}/{later} is behind {first}/{length}");
            }
        }
    }
}
