//! The proxy: its faults, its connections and the requests that it has seen.

use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::fault::Fault;
use super::link::Link;

/// How long a test waits for connections to end.
const PATIENCE: Duration = Duration::from_secs(60);

/// A proxy on a free port of 127.0.0.1. It passes everything on, except for injected faults, and
/// records the request lines. All its connections end when this is dropped.
#[derive(Debug)]
pub struct FaultProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
pub(super) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Where connections go; `None` closes them at once.
    target: Option<SocketAddr>,
    ended: bool,
    faults: Vec<Fault>,
    requests: Vec<String>,
    open: Vec<(usize, TcpStream)>,
    opened: usize,
    /// Stalled connections that are still open.
    stalled: usize,
    stalls: usize,
}

impl FaultProxy {
    /// Starts a proxy for the server at `target`.
    ///
    /// # Panics
    /// When there is no free port.
    #[must_use]
    pub fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let shared = Arc::new(Shared::default());
        shared.lock().target = Some(target);
        let acceptor = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || accept(&listener, &shared))
        };
        Self {
            address,
            shared,
            acceptor: Some(acceptor),
        }
    }

    /// `HOST:PORT`, as references name it.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Applies a fault to some of the next requests. Of several matching faults the first one
    /// counts.
    pub fn inject(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    /// How many of the faults have not happened yet.
    #[must_use]
    pub fn pending(&self) -> usize {
        self.shared
            .lock()
            .faults
            .iter()
            .map(|fault| fault.times)
            .sum()
    }

    /// The requests so far, as `METHOD PATH`.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        self.shared.lock().requests.clone()
    }

    /// How many of them begin with `line`.
    #[must_use]
    pub fn count(&self, line: &str) -> usize {
        let state = self.shared.lock();
        let requests = state.requests.iter();
        requests.filter(|other| other.starts_with(line)).count()
    }

    /// Closes every connection, and each new one at once.
    pub fn disconnect(&self) {
        let mut state = self.shared.lock();
        state.target = None;
        state.close();
    }

    /// Passes on to `target` from now on.
    pub fn connect(&self, target: SocketAddr) {
        self.shared.lock().target = Some(target);
    }

    /// Waits until a connection stalls.
    ///
    /// # Panics
    /// When none does.
    pub fn wait_for_stall(&self) {
        self.shared
            .wait("nothing stalled", |state| state.stalls > 0);
    }

    /// Waits until every connection that stalled is closed by the client.
    ///
    /// # Panics
    /// When one stays open.
    pub fn wait_until_left(&self) {
        self.shared
            .wait("a stalled connection stays open", |state| {
                state.stalls > 0 && state.stalled == 0
            });
    }
}

impl Drop for FaultProxy {
    fn drop(&mut self) {
        {
            let mut state = self.shared.lock();
            state.ended = true;
            state.close();
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

    /// Records a request, and returns its fault.
    pub(super) fn request(&self, line: String) -> Option<Fault> {
        let mut state = self.lock();
        let index = state
            .faults
            .iter()
            .position(|fault| line.starts_with(fault.line));
        state.requests.push(line);
        self.changed.notify_all();
        let index = index?;
        let fault = state.faults[index].clone();
        state.faults[index].times -= 1;
        if fault.times == 1 {
            state.faults.remove(index);
        }
        Some(fault)
    }

    /// Records that a connection is stalled.
    pub(super) fn stalled(&self) {
        let mut state = self.lock();
        state.stalled += 1;
        state.stalls += 1;
        self.changed.notify_all();
    }

    /// Records that a stalled connection is closed.
    pub(super) fn left(&self) {
        self.lock().stalled -= 1;
        self.changed.notify_all();
    }

    fn wait(&self, otherwise: &str, wanted: impl Fn(&State) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut state = self.lock();
        while !wanted(&state) {
            let left = deadline.checked_duration_since(Instant::now());
            let left = left.unwrap_or_else(|| panic!("{otherwise}: {:?}", state.requests));
            state = self
                .changed
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
    }
}

impl State {
    fn close(&mut self) {
        for (_, stream) in &self.open {
            // It may be closed already.
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while let Ok((client, _)) = listener.accept() {
        let target = {
            let state = shared.lock();
            if state.ended {
                return;
            }
            state.target
        };
        let shared = Arc::clone(shared);
        std::thread::spawn(move || carry(client, target, &shared));
    }
}

/// Serves one connection to its end. If the target cannot be reached, it is closed.
fn carry(client: TcpStream, target: Option<SocketAddr>, shared: &Arc<Shared>) {
    let Some(Ok(server)) = target.map(TcpStream::connect) else {
        return;
    };
    let (Ok(watched), Ok(()), Ok(())) = (
        client.try_clone(),
        client.set_nodelay(true),
        server.set_nodelay(true),
    ) else {
        return;
    };
    let number = {
        let mut state = shared.lock();
        if state.ended || state.target.is_none() {
            return;
        }
        state.opened += 1;
        let number = state.opened;
        state.open.push((number, watched));
        number
    };
    Link::new(client, server, Arc::clone(shared)).run();
    shared.lock().open.retain(|(other, _)| *other != number);
    shared.changed.notify_all();
}
