//! Port specifications of `EXPOSE`.

use std::net::IpAddr;
use std::ops::RangeInclusive;

use super::PortError;

const PROTOCOLS: [&str; 3] = ["tcp", "udp", "sctp"];

/// The ports that `[[ADDRESS:]HOST:]CONTAINER[/PROTOCOL]` opens in a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Ports {
    /// The ports.
    pub(super) range: RangeInclusive<u16>,
    /// `tcp`, `udp` or `sctp`.
    pub(super) protocol: &'static str,
}

impl Ports {
    /// Reads a port or a range of ports. The host's part is checked and otherwise ignored.
    pub(super) fn parse(spec: &str) -> Result<Self, PortError> {
        let (host, container) = match spec.rsplit_once(':') {
            Some((host, container)) => (Some(host), container),
            None => (None, spec),
        };
        let (container, protocol) = container.split_once('/').unwrap_or((container, ""));
        if container.is_empty() {
            return Err(PortError::NoPort(spec.to_owned()));
        }
        let protocol = known(protocol)?;
        let (address, host) = match host {
            Some(host) => host.rsplit_once(':').unwrap_or(("", host)),
            None => ("", ""),
        };
        check_address(address)?;
        let range = range(container).ok_or_else(|| PortError::Container(container.to_owned()))?;
        check_host(host, container, &range)?;
        Ok(Self { range, protocol })
    }
}

fn known(protocol: &str) -> Result<&'static str, PortError> {
    if protocol.is_empty() {
        return Ok("tcp");
    }
    PROTOCOLS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(protocol))
        .ok_or_else(|| PortError::Protocol(protocol.to_lowercase()))
}

fn check_address(address: &str) -> Result<(), PortError> {
    let bare = address
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
        .unwrap_or(address);
    if bare.is_empty() || bare.parse::<IpAddr>().is_ok() {
        Ok(())
    } else {
        Err(PortError::Address(address.to_owned()))
    }
}

/// One container port may have several host ports; otherwise the ranges must have the same length.
fn check_host(host: &str, container: &str, ports: &RangeInclusive<u16>) -> Result<(), PortError> {
    if host.is_empty() {
        return Ok(());
    }
    let range = range(host).ok_or_else(|| PortError::Host(host.to_owned()))?;
    if ports.len() > 1 && ports.len() != range.len() {
        return Err(PortError::Ranges {
            container: container.to_owned(),
            host: host.to_owned(),
        });
    }
    Ok(())
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (port(first)?, port(last)?);
    (first <= last).then_some(first..=last)
}

fn port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports() {
        for (spec, range, protocol) in [
            ("80", 80..=80, "tcp"),
            ("080", 80..=80, "tcp"),
            ("0", 0..=0, "tcp"),
            ("65535/udp", 65535..=65535, "udp"),
            ("80/", 80..=80, "tcp"),
            ("80/SCTP", 80..=80, "sctp"),
            ("8000-8002", 8000..=8002, "tcp"),
            ("8080:80", 80..=80, "tcp"),
            (":80", 80..=80, "tcp"),
            ("1.2.3.4:8080:80", 80..=80, "tcp"),
            ("1.2.3.4::80", 80..=80, "tcp"),
            ("[::1]:80:80", 80..=80, "tcp"),
            ("::1:80:80", 80..=80, "tcp"),
            ("80-81:90", 90..=90, "tcp"),
            ("80-81:90-91", 90..=91, "tcp"),
        ] {
            assert_eq!(Ports::parse(spec), Ok(Ports { range, protocol }), "{spec}");
        }
    }

    #[test]
    fn refused() {
        for (spec, message) in [
            ("", "no port specified: <empty>"),
            ("/tcp", "no port specified: /tcp<empty>"),
            ("80:", "no port specified: 80:<empty>"),
            ("80/Foo", "invalid proto: foo"),
            ("80/tcp/udp", "invalid proto: tcp/udp"),
            ("x", "invalid containerPort: x"),
            ("65536", "invalid containerPort: 65536"),
            ("-1", "invalid containerPort: -1"),
            ("+80", "invalid containerPort: +80"),
            ("9-3", "invalid containerPort: 9-3"),
            ("1-2-3", "invalid containerPort: 1-2-3"),
            ("x:80", "invalid hostPort: x"),
            ("a.b:1:80", "invalid IP address: a.b"),
            ("[x]:1:80", "invalid IP address: [x]"),
            (
                "80:90-91",
                "invalid ranges specified for container and host Ports: 90-91 and 80",
            ),
        ] {
            assert_eq!(Ports::parse(spec).expect_err(spec).to_string(), message);
        }
    }
}
