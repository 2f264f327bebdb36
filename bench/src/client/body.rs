use std::fs::File;
use std::io::{self, BufWriter, Read as _, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::ChildStdout;

use anyhow::{Context as _, Result};

/// The body of a request.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing.
    Empty,
    /// Bytes in memory.
    Bytes(Vec<u8>),
    /// A file and its length.
    File(File, u64),
    /// The output of a program, in chunks.
    Pipe(ChildStdout),
}

/// Bytes of a file that are sent at a time, as the docker CLI does.
const PIECE: usize = 32 * 1024;

/// Bytes of one chunk at most.
const CHUNK: usize = 256 * 1024;

impl Body {
    /// A file.
    pub(crate) fn file(path: &Path) -> Result<Self> {
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let length = file.metadata()?.len();
        Ok(Self::File(file, length))
    }

    /// The header for its length.
    pub(super) fn header(&self) -> String {
        match self {
            Self::Empty => "Content-Length: 0\r\n".to_owned(),
            Self::Bytes(bytes) => format!("Content-Length: {}\r\n", bytes.len()),
            Self::File(_, length) => format!("Content-Length: {length}\r\n"),
            Self::Pipe(_) => "Transfer-Encoding: chunked\r\n".to_owned(),
        }
    }

    /// Sends it.
    pub(super) fn send(&mut self, stream: &mut UnixStream) -> io::Result<()> {
        match self {
            Self::Empty => Ok(()),
            Self::Bytes(bytes) => stream.write_all(bytes),
            Self::File(file, _) => {
                let mut stream = BufWriter::with_capacity(PIECE, stream);
                io::copy(file, &mut stream)?;
                stream.flush()
            }
            Self::Pipe(pipe) => chunks(pipe, stream),
        }
    }
}

fn chunks(pipe: &mut ChildStdout, stream: &mut impl Write) -> io::Result<()> {
    let mut buffer = vec![0; CHUNK];
    loop {
        let length = pipe.read(&mut buffer)?;
        write!(stream, "{length:x}\r\n")?;
        stream.write_all(buffer.get(..length).unwrap_or_default())?;
        stream.write_all(b"\r\n")?;
        if length == 0 {
            return Ok(());
        }
    }
}
