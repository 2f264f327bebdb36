//! A port that refuses connections.

use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::OwnedFd;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, socket};

/// A port of 127.0.0.1 without a listener, reserved as long as this lives.
#[derive(Debug)]
pub struct ClosedPort {
    _socket: OwnedFd,
    address: SocketAddr,
}

impl ClosedPort {
    /// A new one.
    ///
    /// # Panics
    /// When the system has no port.
    #[must_use]
    pub fn new() -> Self {
        let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
        bind(&socket, &SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).expect("a free port");
        let name = getsockname(&socket).expect("it is bound");
        let address = SocketAddr::try_from(name).expect("an IP address");
        Self {
            _socket: socket,
            address,
        }
    }

    /// `HOST:PORT`, as references name it.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }
}

impl Default for ClosedPort {
    fn default() -> Self {
        Self::new()
    }
}
