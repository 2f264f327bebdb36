//! The signal that makes requests on a connection end.

use tokio::sync::watch;

/// Reports to a request that its connection has to end. A request that ends by itself need not
/// listen; one without an end would block the shutdown.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    /// Nothing is ever sent: the channel ends with its sender.
    running: watch::Receiver<()>,
}

/// Keeps a connection running. Dropping this makes its requests end.
#[derive(Debug)]
pub(crate) struct Running {
    _running: watch::Sender<()>,
}

impl Ending {
    /// Both halves for a new connection.
    pub(crate) fn new() -> (Running, Self) {
        let (sender, receiver) = watch::channel(());
        let running = Running { _running: sender };
        (running, Self { running: receiver })
    }

    /// Ready when the connection has to end.
    pub(crate) async fn wanted(&mut self) {
        while self.running.changed().await.is_ok() {}
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn every_request_is_told() {
        let (running, mut ending) = Ending::new();
        let mut other = ending.clone();
        assert_eq!(ending.wanted().now_or_never(), None);
        drop(running);
        assert_eq!(ending.wanted().now_or_never(), Some(()));
        assert_eq!(other.wanted().now_or_never(), Some(()));
        assert_eq!(other.wanted().now_or_never(), Some(()));
    }
}
