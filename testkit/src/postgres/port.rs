//! Reserves ports for servers that stop and restart.

use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the ports that the kernel assigns to clients, so that no connection takes the port of a
/// stopped server that will restart.
const FIRST: u16 = 15_000;

/// How many there are to choose from.
const PORTS: u16 = 15_000;

/// A TCP port of 127.0.0.1 that is reserved as long as this lives: each reservation holds the UDP
/// port of the same number, which the kernel releases however a process ends.
#[derive(Debug)]
pub(super) struct Port {
    pub(super) number: u16,
    _held: UdpSocket,
}

impl Port {
    /// Reserves a free one.
    ///
    /// # Panics
    /// When none is free.
    pub(super) fn reserve() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Processes that start at once begin at different places.
        let first = std::process::id().wrapping_mul(31);
        for _ in 0..PORTS {
            let next = first.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
            let offset = u16::try_from(next % u32::from(PORTS)).expect("a remainder is smaller");
            let address = (Ipv4Addr::LOCALHOST, FIRST + offset);
            if let Ok(held) = UdpSocket::bind(address)
                && TcpListener::bind(address).is_ok()
            {
                let number = address.1;
                return Self {
                    number,
                    _held: held,
                };
            }
        }
        panic!("no port of 127.0.0.1 is free");
    }
}
