//! Names of hosts: parsing them, and recognising Docker Hub, Amazon ECR and loopback.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use http::Uri;
use http::uri::Authority;

use crate::error::Fault;

/// A registry's host: its name in references, and its address on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Host {
    name: String,
    authority: Authority,
}

/// Whether `name` is one of Docker Hub's, which share one address and one credential.
pub(crate) fn is_docker_hub(name: &str) -> bool {
    matches!(
        name,
        "docker.io" | "index.docker.io" | "registry-1.docker.io"
    )
}

/// Whether `name` is a private registry of Amazon ECR, in any partition.
///
/// The form is `ACCOUNT.dkr.ecr[-fips].REGION.SUFFIX`, or `ACCOUNT.dkr-ecr[-fips].…` on the
/// dual-stack suffixes.
pub(crate) fn is_ecr(name: &str) -> bool {
    let Some((account, rest)) = name.split_once('.') else {
        return false;
    };
    let service = ["dkr.ecr.", "dkr.ecr-fips.", "dkr-ecr.", "dkr-ecr-fips."];
    account.len() == 12
        && account.bytes().all(|byte| byte.is_ascii_digit())
        && service.iter().any(|service| rest.starts_with(service))
}

impl Host {
    /// Parses `HOST`, `HOST:PORT` or `[IPV6]:PORT`.
    pub(crate) fn parse(name: &str) -> Result<Self, Fault> {
        let invalid = || Fault::Name {
            what: "registry host",
            text: name.to_owned(),
        };
        let wire = if is_docker_hub(name) {
            "registry-1.docker.io"
        } else {
            name
        };
        let authority: Authority = wire.parse().map_err(|_| invalid())?;
        if !names_host(&authority) {
            return Err(invalid());
        }
        Ok(Self {
            name: name.to_owned(),
            authority,
        })
    }

    /// The name in references.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// `HOST[:PORT]` on the wire.
    pub(crate) fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Whether it is this machine, by the name alone.
    pub(crate) fn is_loopback(&self) -> bool {
        is_localhost(self.authority.host())
            || address(self.authority.host())
                .is_some_and(|address| address.to_canonical().is_loopback())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// A URL's host without the brackets of an IPv6 address.
pub(crate) fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// The address that a URL's host denotes, in any notation; `None` for a name.
pub(crate) fn address(host: &str) -> Option<IpAddr> {
    let host = bare(host);
    let host = host.strip_suffix('.').unwrap_or(host);
    match host.parse() {
        Ok(address) => Some(address),
        Err(_) => classful(host).map(IpAddr::V4),
    }
}

/// An address that resolvers parse without a lookup: one to four numbers, decimal, octal or
/// hexadecimal, of which the last fills all remaining bytes.
fn classful(host: &str) -> Option<Ipv4Addr> {
    let numbers: Vec<u32> = host.split('.').map(number).collect::<Option<_>>()?;
    let (last, leading) = numbers.split_last()?;
    let mut bytes = last.to_be_bytes();
    let (head, tail) = bytes.split_at_checked(leading.len())?;
    if tail.is_empty() || head.iter().any(|byte| *byte != 0) {
        return None;
    }
    for (byte, number) in bytes.iter_mut().zip(leading) {
        *byte = u8::try_from(*number).ok()?;
    }
    Some(Ipv4Addr::from(bytes))
}

fn number(text: &str) -> Option<u32> {
    let (digits, radix) = match text.strip_prefix('0') {
        None | Some("") => (text, 10),
        Some(rest) => match rest.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (rest, 8),
        },
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_number.then(|| u32::from_str_radix(digits, radix).ok())?
}

/// Names that resolve to this machine by definition.
pub(crate) fn is_localhost(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host == "localhost" || host.ends_with(".localhost")
}

/// Whether an authority is a host, which is not only dots, and at most a port: no user.
pub(crate) fn names_host(authority: &Authority) -> bool {
    let host = authority.host();
    let port = match authority.as_str().strip_prefix(host) {
        Some("") => true,
        Some(port) => port
            .strip_prefix(':')
            .is_some_and(|port| port.parse::<u16>().is_ok()),
        None => false,
    };
    port && !host.trim_matches('.').is_empty()
}

/// The port that a URL means.
pub(crate) fn port(uri: &Uri) -> u16 {
    uri.port_u16()
        .unwrap_or(if uri.scheme_str() == Some("http") {
            80
        } else {
            443
        })
}

/// Whether two URLs have the same scheme, host and port.
pub(crate) fn same_origin(one: &Uri, other: &Uri) -> bool {
    one.scheme() == other.scheme() && same_host(one, other) && port(one) == port(other)
}

/// Whether two URLs have the same host, whatever the port.
pub(crate) fn same_host(one: &Uri, other: &Uri) -> bool {
    match (one.host(), other.host()) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses() {
        for (text, wire, loopback) in [
            ("docker.io", "registry-1.docker.io", false),
            ("ghcr.io", "ghcr.io", false),
            ("localhost:5000", "localhost:5000", true),
            ("127.0.0.9", "127.0.0.9", true),
            ("[::1]:5000", "[::1]:5000", true),
            ("10.0.0.1:5000", "10.0.0.1:5000", false),
        ] {
            let host = Host::parse(text).expect(text);
            assert_eq!(
                (host.authority().as_str(), host.is_loopback()),
                (wire, loopback),
                "{text}"
            );
            assert_eq!(host.name(), text);
        }
        for text in [
            "",
            "a b",
            "user@host",
            ":5000",
            "host:",
            "host:port",
            "host:99999",
            "..",
            "a/b",
        ] {
            assert!(Host::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn addresses_in_all_notations() {
        let loopback = Some("127.0.0.1");
        for (host, expected) in [
            ("127.0.0.1", loopback),
            ("127.0.0.1.", loopback),
            ("127.1", loopback),
            ("127.0.1", loopback),
            ("2130706433", loopback),
            ("0x7f000001", loopback),
            ("0X7F.1", loopback),
            ("0177.0.0.01", loopback),
            ("0", Some("0.0.0.0")),
            ("169.16689662", Some("169.254.169.254")),
            ("[::1]", Some("::1")),
            ("[::ffff:127.0.0.1]", Some("::ffff:127.0.0.1")),
            ("127.0.0.256", None),
            ("127.256.1", None),
            ("127.16777216", None),
            ("4294967296", None),
            ("1.2.3.4.5", None),
            ("08", None),
            ("0x", None),
            ("+1", None),
            ("1..2", None),
            ("", None),
            (".", None),
            ("r.io", None),
            ("face", None),
        ] {
            let expected = expected.map(|text| text.parse().expect("valid"));
            assert_eq!(address(host), expected, "{host}");
        }
    }

    #[test]
    fn ecr_hosts() {
        for (name, expected) in [
            ("123456789012.dkr.ecr.eu-west-1.amazonaws.com", true),
            ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", true),
            ("123456789012.dkr-ecr.us-east-1.on.aws", true),
            ("123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn", true),
            ("public.ecr.aws", false),
            ("12345.dkr.ecr.eu-west-1.amazonaws.com", false),
            ("ghcr.io", false),
        ] {
            assert_eq!(is_ecr(name), expected, "{name}");
        }
    }
}
