use std::io::{BufReader, ErrorKind, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::{Body, Response};

/// How long a daemon may be silent.
const PATIENCE: Duration = Duration::from_secs(300);

/// A connection that is kept for one request after the other.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
    answers: BufReader<UnixStream>,
    response: Response,
}

impl Connection {
    /// Connects.
    pub(crate) fn open(socket: &Path) -> Result<Self> {
        let stream = UnixStream::connect(socket).context("connect")?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let answers = BufReader::with_capacity(64 * 1024, stream.try_clone()?);
        Ok(Self {
            stream,
            answers,
            response: Response::default(),
        })
    }

    /// Sends a complete request, and reads the response into a buffer that is reused.
    pub(crate) fn ask(&mut self, request: &[u8]) -> Result<&Response> {
        self.stream.write_all(request).context("send a request")?;
        self.response.read(&mut self.answers)?;
        Ok(&self.response)
    }

    /// `GET target`.
    pub(crate) fn get(mut self, target: &str) -> Result<Response> {
        let head = format!("GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n");
        self.ask(head.as_bytes())?;
        Ok(self.response)
    }

    /// `POST target` with a body.
    pub(crate) fn upload(
        mut self,
        target: &str,
        headers: &[(&str, &str)],
        body: &mut Body,
    ) -> Result<Response> {
        let mut head = format!("POST {target} HTTP/1.1\r\nHost: bench\r\n");
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str(&body.header());
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes())?;
        match body.send(&mut self.stream) {
            Ok(()) => {}
            // A daemon that refuses a body closes early; its response has the reason.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
                ) => {}
            Err(error) => return Err(error).context("send a body"),
        }
        self.response.read(&mut self.answers)?;
        Ok(self.response)
    }
}
