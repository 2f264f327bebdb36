//! Signals that the daemon acts on.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};

/// The signals that the daemon acts on.
#[derive(Debug)]
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// The action that a signal requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    /// Shut down; with the name of the signal.
    End(&'static str),
    /// Reload the configuration.
    Reload,
}

impl Signals {
    /// Installs the handlers: from now on these signals do not end the process by themselves.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for a signal.
    pub(crate) async fn next(&mut self) -> Order {
        tokio::select! {
            _ = self.terminate.recv() => Order::End("SIGTERM"),
            _ = self.interrupt.recv() => Order::End("SIGINT"),
            _ = self.hang_up.recv() => Order::Reload,
        }
    }

    /// Waits for a signal to shut down, and returns its name.
    pub(crate) async fn end(&mut self) -> &'static str {
        loop {
            if let Order::End(signal) = self.next().await {
                return signal;
            }
        }
    }
}
