use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::cli::HealthcheckOptions;
use crate::defaults;
use crate::host::Host;

/// Time for the connection, and for each read and write.
const TIME: Duration = Duration::from_secs(5);
/// More than any answer to a ping.
const ANSWER_BYTES: u64 = 8 << 10;

const PING: &[u8] = b"GET /_ping HTTP/1.1\r\nHost: sockerless\r\nConnection: close\r\n\r\n";

/// Asks the daemon whether it is well.
pub(crate) fn run(options: &HealthcheckOptions) -> Result<()> {
    let host = match options.host.first() {
        Some(host) => host.clone(),
        None => defaults::host()?,
    };
    let answer = match &host {
        Host::Unix(path) => UnixStream::connect(path).and_then(|stream| {
            stream.set_read_timeout(Some(TIME))?;
            stream.set_write_timeout(Some(TIME))?;
            ping(stream)
        }),
        Host::Tcp(address) => connect(address).and_then(|stream| {
            stream.set_read_timeout(Some(TIME))?;
            stream.set_write_timeout(Some(TIME))?;
            ping(stream)
        }),
        Host::Fd => bail!("a healthcheck cannot ask at fd://: give the socket's own address"),
    };
    let answer = answer.with_context(|| format!("no daemon answers at {host}"))?;
    let status = answer.lines().next().unwrap_or_default();
    if status.split(' ').nth(1) != Some("200") {
        bail!("what answers at {host} is not well: expected HTTP status 200, found {status:?}");
    }
    Ok(())
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

fn ping(mut stream: impl Read + Write) -> io::Result<String> {
    stream.write_all(PING)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that gives one answer; the address to ask at.
    fn answering(answer: &'static str) -> HealthcheckOptions {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("accept");
            let mut request = vec![0; PING.len()];
            stream.read_exact(&mut request).expect("read");
            assert_eq!(request, PING);
            stream.write_all(answer.as_bytes()).expect("write");
        });
        HealthcheckOptions {
            host: vec![Host::Tcp(address.to_string())],
        }
    }

    #[test]
    fn well_or_not() {
        run(&answering("HTTP/1.1 200 OK\r\n\r\nOK")).expect("well");
        for answer in ["HTTP/1.1 500 Internal Server Error\r\n\r\n", "", "200"] {
            let error = run(&answering(answer)).expect_err(answer).to_string();
            assert!(error.contains("expected HTTP status 200"), "{error}");
        }
    }

    #[test]
    fn nobody_there() {
        let folder = tempfile::tempdir().expect("folder");
        let host = Host::Unix(folder.path().join("none.sock"));
        let error = run(&HealthcheckOptions { host: vec![host] }).expect_err("nobody");
        assert!(
            error
                .to_string()
                .starts_with("no daemon answers at unix:///"),
            "{error}"
        );
    }
}
