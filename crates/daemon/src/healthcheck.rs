//! `sockerless healthcheck`: asks a running daemon whether it is well.

use std::fs;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::cli::HealthcheckOptions;
use crate::defaults;
use crate::host::Host;

/// Timeout of the connection, and of each read and write.
const TIME: Duration = Duration::from_secs(5);
/// Maximum bytes of a response: more than any of these has.
const ANSWER_BYTES: u64 = 1 << 20;

/// Checks that the daemon responds, and with `--ready` that it can do its work.
pub(crate) fn run(options: &HealthcheckOptions) -> Result<()> {
    let host = match options.host.first() {
        Some(host) => host.clone(),
        None => defaults::host()?,
    };
    let path = match options.ready {
        // This request needs the state.
        true => "/info",
        false => "/_ping",
    };
    let answer = match &host {
        Host::Unix(path_of_socket) => UnixStream::connect(path_of_socket).and_then(|stream| {
            stream.set_read_timeout(Some(TIME))?;
            stream.set_write_timeout(Some(TIME))?;
            ask(stream, path)
        }),
        Host::Tcp(address) => connect(address).and_then(|stream| {
            stream.set_read_timeout(Some(TIME))?;
            stream.set_write_timeout(Some(TIME))?;
            ask(stream, path)
        }),
        Host::Fd => bail!("a healthcheck cannot ask at fd://: give the socket's own address"),
    };
    let answer = answer.map_err(|error| {
        let why = why(&host, &error);
        anyhow::Error::from(error).context(why)
    })?;
    let status = answer.lines().next().unwrap_or_default();
    match status.split(' ').nth(1) {
        Some("200") => Ok(()),
        Some(_) if options.ready && message(&answer).is_some() => bail!(
            "the daemon at {host} answers and is not ready: {}",
            message(&answer).unwrap_or_default()
        ),
        _ => {
            bail!("what answers at {host} is not well: expected HTTP status 200, found {status:?}")
        }
    }
}

/// Explains why there is no response, as far as the error shows it.
fn why(host: &Host, error: &io::Error) -> String {
    let start = "start it with `sockerless serve`, or say with --host where it listens";
    match (host, error.kind()) {
        (Host::Unix(path), io::ErrorKind::PermissionDenied) => match fs::metadata(path) {
            Ok(socket) => format!(
                "this user may not open {host}, where a daemon may well answer: run as root, or as \
                 a member of group {}",
                group(socket.gid())
            ),
            Err(_) => format!("this user may not look into the folder of {host}: run as root"),
        },
        (Host::Unix(_), io::ErrorKind::NotFound) => {
            format!("no daemon answers at {host}, where there is no socket: {start}")
        }
        (_, io::ErrorKind::ConnectionRefused) => {
            format!("no daemon answers at {host}, where nothing listens: {start}")
        }
        (_, io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
            format!(
                "the daemon at {host} does not answer within {} s",
                TIME.as_secs()
            )
        }
        _ => format!("no daemon answers at {host}"),
    }
}

/// The name of a group, or its number if it has none.
fn group(id: u32) -> String {
    let groups = fs::read_to_string("/etc/group").unwrap_or_default();
    let name = groups.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    });
    name.unwrap_or_else(|| id.to_string())
}

/// The message in an error's body.
fn message(answer: &str) -> Option<&str> {
    let (_, rest) = answer.split_once("{\"message\":\"")?;
    rest.trim_end().strip_suffix("\"}")
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let mut last = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in address.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, TIME) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn ask(mut stream: impl Read + Write, path: &str) -> io::Result<String> {
    stream.write_all(question(path).as_bytes())?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

fn question(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: sockerless\r\nConnection: close\r\n\r\n")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Starts a server that gives one response, and returns the options to ask it.
    fn answering(answer: &'static str, ready: bool) -> HealthcheckOptions {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("accept");
            let expected = question(if ready { "/info" } else { "/_ping" });
            let mut request = vec![0; expected.len()];
            stream.read_exact(&mut request).expect("read");
            assert_eq!(request, expected.as_bytes());
            stream.write_all(answer.as_bytes()).expect("write");
        });
        HealthcheckOptions {
            host: vec![Host::Tcp(address.to_string())],
            ready,
        }
    }

    #[test]
    fn well_or_not() {
        for ready in [false, true] {
            run(&answering("HTTP/1.1 200 OK\r\n\r\nOK", ready)).expect("well");
            for answer in ["HTTP/1.1 500 Internal Server Error\r\n\r\n", "", "200"] {
                let error = run(&answering(answer, ready))
                    .expect_err(answer)
                    .to_string();
                assert!(error.contains("expected HTTP status 200"), "{error}");
            }
        }
    }

    #[test]
    fn alive_and_not_ready() {
        let answer = "HTTP/1.1 503 Service Unavailable\r\n\r\n{\"message\":\"no state\"}\n";
        let error = run(&answering(answer, true)).expect_err("not ready");
        let error = error.to_string();
        assert!(
            error.ends_with(" answers and is not ready: no state"),
            "{error}"
        );
    }

    #[test]
    fn nobody_there() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("s.sock");
        let ask = || {
            let host = vec![Host::Unix(path.clone())];
            let asked = run(&HealthcheckOptions { host, ready: false });
            asked.expect_err("nobody").to_string()
        };
        let error = ask();
        assert!(
            error.starts_with("no daemon answers at unix:///"),
            "{error}"
        );
        assert!(
            error.contains("there is no socket: start it with"),
            "{error}"
        );
        drop(std::os::unix::net::UnixListener::bind(&path).expect("bind"));
        let error = ask();
        assert!(error.contains("nothing listens: start it with"), "{error}");
    }

    #[test]
    fn groups_by_their_names() {
        assert_eq!(group(0), "root");
        assert_eq!(group(u32::MAX - 7), (u32::MAX - 7).to_string());
    }
}
