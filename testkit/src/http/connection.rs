//! One connection, with full control of the bytes.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use super::{Request, Response};

/// How long the other side may be silent before a test gives up.
const PATIENCE: Duration = Duration::from_secs(180);

/// Where a daemon listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// The path of a Unix socket.
    Unix(PathBuf),
    /// An address and a port.
    Tcp(SocketAddr),
}

/// How the sending of a body ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// The other side read everything.
    Whole,
    /// The other side closed before that.
    Refused,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: Stream,
    buffer: Vec<u8>,
}

#[derive(Debug)]
enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// When no process listens there.
    pub fn open(address: &Address) -> io::Result<Self> {
        let stream = match address {
            Address::Unix(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Stream::Unix(stream)
            }
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address)?;
                stream.set_nodelay(true)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.set_write_timeout(Some(PATIENCE))?;
                Stream::Tcp(stream)
            }
        };
        Ok(Self {
            stream,
            buffer: Vec::new(),
        })
    }

    /// Sends a request and reads the response, even one that arrives before the body is sent.
    ///
    /// # Errors
    /// When the connection ends before the response is complete.
    pub fn exchange(&mut self, request: &Request) -> io::Result<Response> {
        let head = request.head_bytes();
        let body = request.body_bytes();
        self.stream(request.is_head(), |writer| {
            writer.write_all(&head)?;
            writer.write_all(&body)
        })
        .map(|(response, _)| response)
    }

    /// Reads the response while `write` sends the request on another thread.
    ///
    /// # Errors
    /// When the connection ends before the response is complete.
    pub fn stream(
        &mut self,
        is_head: bool,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
    ) -> io::Result<(Response, Sent)> {
        let mut writer = self.stream.duplicate()?;
        std::thread::scope(|scope| {
            let sender = scope.spawn(move || match write(&mut writer) {
                Ok(()) => Ok(Sent::Whole),
                Err(error) if closed(&error) => Ok(Sent::Refused),
                Err(error) => Err(error),
            });
            let response = self.response(is_head);
            if response.is_err() {
                // Ends a sender whose data is no longer read.
                self.stream.shutdown(Shutdown::Both);
            }
            let sent = sender
                .join()
                .map_err(|_| io::Error::other("the sender panicked"))?;
            Ok((response?, sent?))
        })
    }

    /// Sends raw bytes.
    ///
    /// # Errors
    /// When the other side has closed.
    pub fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Closes the sending side; the response can still be read.
    pub fn finish_sending(&self) {
        self.stream.shutdown(Shutdown::Write);
    }

    /// Reads one head: status line and headers, with the empty line.
    ///
    /// # Errors
    /// When the connection ends before.
    pub fn head(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                return String::from_utf8(head).map_err(io::Error::other);
            }
            self.fill()?;
        }
    }

    /// Reads one response. `is_head` when it is the response to a `HEAD`.
    ///
    /// # Errors
    /// When the connection ends before the response is complete, or when it is not HTTP.
    pub fn response(&mut self, is_head: bool) -> io::Result<Response> {
        let head = self.head()?;
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.strip_prefix("HTTP/1.1 "));
        let status = status
            .and_then(|rest| rest.get(..3))
            .and_then(|code| code.parse().ok());
        let status = status.ok_or_else(|| io::Error::other(format!("no status in {head:?}")))?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let (raw_body, chunks, body) = (Vec::new(), Vec::new(), Vec::new());
        let mut response = Response {
            head,
            status,
            headers,
            raw_body,
            chunks,
            body,
        };
        if is_head || status < 200 || status == 204 || status == 304 {
            return Ok(response);
        }
        if response.is_chunked() {
            self.chunks(&mut response)?;
        } else if let Some(length) = response.header("Content-Length") {
            let length = length.parse().map_err(io::Error::other)?;
            response.raw_body = self.take(length)?;
            response.body.clone_from(&response.raw_body);
        } else {
            response.raw_body = self.rest()?;
            response.body.clone_from(&response.raw_body);
        }
        Ok(response)
    }

    /// Whether the other side has closed and sent nothing more. Waits for either.
    ///
    /// # Errors
    /// When neither happens in time.
    pub fn is_at_end(&mut self) -> io::Result<bool> {
        if !self.buffer.is_empty() {
            return Ok(false);
        }
        match self.fill() {
            Ok(()) => Ok(false),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof || closed(&error) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn chunks(&mut self, response: &mut Response) -> io::Result<()> {
        loop {
            let line = self.line()?;
            let size = line.trim_end().split(';').next().unwrap_or_default();
            let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
            response.raw_body.extend(line.as_bytes());
            let mut chunk = self.take(size + 2)?;
            response.raw_body.extend(&chunk);
            if chunk.split_off(size) != b"\r\n" {
                return Err(io::Error::other("a chunk without its line end"));
            }
            if size == 0 {
                return Ok(());
            }
            response.body.extend(&chunk);
            response.chunks.push(chunk);
        }
    }

    fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|two| two == b"\r\n") {
                let line: Vec<u8> = self.buffer.drain(..end + 2).collect();
                return String::from_utf8(line).map_err(io::Error::other);
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < length {
            self.fill()?;
        }
        Ok(self.buffer.drain(..length).collect())
    }

    fn rest(&mut self) -> io::Result<Vec<u8>> {
        loop {
            match self.fill() {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::UnexpectedEof => {
                    return Ok(std::mem::take(&mut self.buffer));
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn fill(&mut self) -> io::Result<()> {
        let mut bytes = [0; 16 * 1024];
        loop {
            match self.stream.read(&mut bytes) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(length) => {
                    self.buffer.extend(&bytes[..length]);
                    return Ok(());
                }
                // A process that is stopped for a moment, as by a debugger, sees this.
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

fn closed(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::NotConnected
    )
}

impl Stream {
    fn duplicate(&self) -> io::Result<Self> {
        Ok(match self {
            Self::Unix(stream) => Self::Unix(stream.try_clone()?),
            Self::Tcp(stream) => Self::Tcp(stream.try_clone()?),
        })
    }

    /// Fails only when the connection is closed already, which is the intention.
    fn shutdown(&self, how: Shutdown) {
        let _gone = match self {
            Self::Unix(stream) => stream.shutdown(how),
            Self::Tcp(stream) => stream.shutdown(how),
        };
    }
}

impl Read for Stream {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.read(bytes),
            Self::Tcp(stream) => stream.read(bytes),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => stream.write(bytes),
            Self::Tcp(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
