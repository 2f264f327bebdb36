use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How long a server may take to close a connection after its client has closed it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A port of 127.0.0.1 that passes everything on to a server, with an optional delay.
///
/// It knows when the server's side of a connection is closed, so that nothing that was sent through
/// it can still have an effect.
#[derive(Debug)]
pub(crate) struct Gate {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// `None` closes new connections.
    server: Option<SocketAddr>,
    delay: Duration,
    /// The clients' sides of the connections that the server has not closed.
    open: BTreeMap<u64, TcpStream>,
    opened: u64,
    /// New connections that were closed.
    refused: u64,
    ended: bool,
}

impl Gate {
    pub(crate) fn open(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        shared.lock().server = Some(server);
        let acceptor = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || accept(&listener, &shared))
        };
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where new connections go; `None` closes them.
    pub(crate) fn lead(&self, server: Option<SocketAddr>) {
        self.shared.lock().server = server;
    }

    /// How many new connections were closed.
    pub(crate) fn refused(&self) -> u64 {
        self.shared.lock().refused
    }

    /// Delays everything that passes.
    pub(crate) fn delay(&self, delay: Duration) {
        self.shared.lock().delay = delay;
    }

    /// Closes all connections, and waits until the server has closed its side: it has read
    /// everything that was sent, and will do nothing more for these clients.
    ///
    /// # Panics
    /// When it does not.
    pub(crate) fn cut(&self) {
        let mut state = self.shared.lock();
        let last = state.opened;
        for client in state.open.values() {
            // It may be closed already.
            let _closed = client.shutdown(Shutdown::Both);
        }
        let deadline = Instant::now() + PATIENCE;
        while state.open.range(..=last).next().is_some() {
            let left = deadline.checked_duration_since(Instant::now());
            let left = left.expect("the server closes what its clients have left");
            state = self
                .shared
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.ended = true;
            for client in state.open.values() {
                let _closed = client.shutdown(Shutdown::Both);
            }
        }
        // The acceptor sees the end with the next connection.
        let woken = TcpStream::connect(self.address);
        if let (Ok(_), Some(acceptor)) = (woken, self.acceptor.take()) {
            let _ended = acceptor.join();
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_a_little(&self) {
        let delay = self.lock().delay;
        if !delay.is_zero() {
            #[expect(clippy::disallowed_methods, reason = "the delay is the fault")]
            thread::sleep(delay);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        if shared.lock().ended {
            return;
        }
        let shared = Arc::clone(shared);
        thread::spawn(move || carry(&client, &shared));
    }
}

/// Serves one connection to its end. If the server cannot be reached, it is closed.
fn carry(client: &TcpStream, shared: &Shared) {
    let number = {
        let mut state = shared.lock();
        let Some(server) = state.server else {
            state.refused += 1;
            return;
        };
        let Ok(ours) = client.try_clone() else { return };
        // Counted first, so that a cut also waits for connections that are being opened.
        state.opened += 1;
        let number = state.opened;
        state.open.insert(number, ours);
        (number, server)
    };
    let (number, server) = number;
    if let Ok(server) = TcpStream::connect(server) {
        let _fast = (client.set_nodelay(true), server.set_nodelay(true));
        thread::scope(|scope| {
            scope.spawn(|| requests(client, &server, shared));
            replies(client, &server, shared);
        });
    }
    shared.lock().open.remove(&number);
    shared.changed.notify_all();
}

/// Until the client closes; then the side to the server is shut down.
fn requests(mut client: &TcpStream, mut server: &TcpStream, shared: &Shared) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        shared.wait_a_little();
        if server.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _told = server.shutdown(Shutdown::Write);
}

/// Until the server closes, even if the client is gone.
fn replies(mut client: &TcpStream, mut server: &TcpStream, shared: &Shared) {
    let mut buffer = vec![0; 16 * 1024];
    while let Ok(length @ 1..) = server.read(&mut buffer) {
        shared.wait_a_little();
        let _gone = client.write_all(&buffer[..length]);
    }
    // Ends the other direction too.
    let _closed = client.shutdown(Shutdown::Both);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Accepts one connection and returns what it received.
    fn server() -> (SocketAddr, JoinHandle<Vec<u8>>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("bound");
        let served = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            stream.write_all(b"hello").expect("sent");
            let mut came = Vec::new();
            stream.read_to_end(&mut came).expect("read");
            came
        });
        (address, served)
    }

    #[test]
    fn a_cut_ends_when_the_server_has_read_everything() {
        let (address, served) = server();
        let gate = Gate::open(address);
        gate.delay(Duration::from_millis(20));
        let mut client = TcpStream::connect(gate.address()).expect("a connection");
        client.write_all(b"last words").expect("sent");
        let mut hello = [0; 5];
        client.read_exact(&mut hello).expect("read");
        gate.cut();
        assert!(gate.shared.lock().open.is_empty());
        let came = served.join().expect("no panic");
        assert!(b"last words".starts_with(&came), "{came:?}");
        assert!(matches!(client.read(&mut hello), Ok(0) | Err(_)));
    }

    #[test]
    fn one_that_leads_nowhere_closes() {
        let (address, served) = server();
        let gate = Gate::open(address);
        gate.lead(None);
        let mut client = TcpStream::connect(gate.address()).expect("a connection");
        assert!(matches!(client.read(&mut [0; 5]), Ok(0) | Err(_)));
        gate.lead(Some(address));
        let mut client = TcpStream::connect(gate.address()).expect("a connection");
        let mut hello = [0; 5];
        client.read_exact(&mut hello).expect("read");
        drop(client);
        assert_eq!(served.join().expect("no panic"), b"");
    }
}
