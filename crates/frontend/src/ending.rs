use tokio::sync::watch;

/// Tells a request that its connection is to end. A request that ends by itself need not listen;
/// one that goes on for ever would hold up the shutdown.
#[derive(Debug, Clone)]
pub(crate) struct Ending {
    /// Nothing is ever sent: the channel ends with its sender.
    running: watch::Receiver<()>,
}

/// Lets a connection go on. Its requests are to end when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    _running: watch::Sender<()>,
}

impl Ending {
    /// For a connection that is not to end yet.
    pub(crate) fn new() -> (Running, Self) {
        let (sender, receiver) = watch::channel(());
        let running = Running { _running: sender };
        (running, Self { running: receiver })
    }

    /// Ready when the connection is to end.
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
