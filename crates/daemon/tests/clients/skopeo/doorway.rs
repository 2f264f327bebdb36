use std::io::{self, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use sockerless_testkit::daemon::Daemon;
use tempfile::TempDir;

/// The skopeo of Debian 12 asks for version 1.22 of the API, which is older than what the daemon and
/// any Docker Engine since 25 speak. Its requests are those that newer ones send.
const OLD: &str = " /v1.22/";
const NEW: &str = " /v1.44/";

/// A socket before a daemon's, through which an old skopeo speaks as a newer one does.
pub(super) struct Doorway {
    folder: TempDir,
}

impl Doorway {
    pub(super) fn before(daemon: &Daemon) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let daemon = daemon.socket();
        // It waits for connections until the tests end.
        std::thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let daemon = daemon.clone();
                std::thread::spawn(move || pass(client, &daemon));
            }
        });
        Self { folder }
    }

    pub(super) fn host(&self) -> String {
        format!("unix://{}", socket(self.folder.path()).display())
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("doorway.sock")
}

/// One connection, one request: its line is changed, and the daemon closes after the answer.
fn pass(mut client: UnixStream, daemon: &Path) -> io::Result<()> {
    let head = head(&mut client)?;
    let (line, rest) = head.split_once("\r\n").ok_or(io::ErrorKind::InvalidData)?;
    let line = line.replacen(OLD, NEW, 1);
    let mut daemon = UnixStream::connect(daemon)?;
    write!(daemon, "{line}\r\nConnection: close\r\n{rest}")?;
    let (mut from, mut to) = (client.try_clone()?, daemon.try_clone()?);
    std::thread::spawn(move || io::copy(&mut from, &mut to));
    io::copy(&mut daemon, &mut client)?;
    client.shutdown(Shutdown::Both)
}

fn head(client: &mut UnixStream) -> io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    String::from_utf8(head).map_err(io::Error::other)
}
