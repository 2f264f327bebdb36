//! Addresses that the daemon listens at.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Host {
    /// `unix:///run/sockerless.sock`
    Unix(PathBuf),
    /// `tcp://127.0.0.1:2375`: address or name, and port.
    Tcp(String),
    /// `fd://`: every socket that systemd opened for this process.
    Fd,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once("://") {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("unix", _)) => {
                Err("the path of a socket starts with a slash: unix:///run/sockerless.sock".into())
            }
            Some(("tcp", address)) => match address.rsplit_once(':') {
                Some((name, port)) if !name.is_empty() && port.parse::<u16>().is_ok() => {
                    Ok(Self::Tcp(address.to_owned()))
                }
                _ => Err("a TCP address has a host and a port: tcp://127.0.0.1:2375".into()),
            },
            Some(("fd", "")) => Ok(Self::Fd),
            Some(("fd", _)) => {
                Err("fd:// stands for every socket that systemd opened: leave out the rest".into())
            }
            _ => Err("give unix:///PATH, tcp://ADDR:PORT or fd://".into()),
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix://{}", path.display()),
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::Fd => f.write_str("fd://"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for text in [
            "unix:///run/x.sock",
            "tcp://127.0.0.1:0",
            "tcp://[::1]:2375",
            "fd://",
        ] {
            let host: Host = text.parse().expect(text);
            assert_eq!(host.to_string(), text);
        }
        for bad in [
            "",
            "/run/x.sock",
            "unix://run/x.sock",
            "unix://",
            "tcp://127.0.0.1",
            "tcp://:2375",
            "tcp://host:port",
            "fd://3",
            "npipe:////./pipe/x",
        ] {
            assert!(bad.parse::<Host>().is_err(), "{bad}");
        }
    }
}
