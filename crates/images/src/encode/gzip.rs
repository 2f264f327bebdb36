//! gzip on all processors, always with the same result: blocks of one size are compressed
//! separately, each with the end of the previous one as its dictionary, and are joined to one
//! stream.

use std::collections::VecDeque;
use std::io;
use std::num::NonZero;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use flate2::{Compress, Compression, Crc, FlushCompress, Status};

use super::Send;

/// Bytes that are compressed at a time: enough that the overhead of a block does not matter, and
/// few enough for several layers at once.
pub(super) const BLOCK: usize = 256 * 1024;

/// Threads for one layer. Others are compressed at the same time.
const THREADS: usize = 4;

/// What the next block may refer to.
const WINDOW: usize = 32 * 1024;

/// Of this compressor: three times as fast as zlib's default of 6, and 2 % larger.
const LEVEL: Compression = Compression::new(2);

/// No name, no time, an unknown system.
const HEADER: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0\0\xff";

/// A last block, without content.
const END: &[u8] = b"\x03\0";

type Compressed = io::Result<Vec<u8>>;

/// A block to compress.
struct Job {
    block: Bytes,
    /// The end of the block before it.
    window: Bytes,
    reply: SyncSender<Compressed>,
}

/// Compresses blocks, all but the last of them of [`BLOCK`] bytes, and sends the stream.
pub(super) fn gzip(
    blocks: impl Iterator<Item = io::Result<Bytes>>,
    send: Send<'_>,
) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = threads.min(THREADS);
    let (jobs, queue) = sync_channel(threads);
    let queue = Mutex::new(queue);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| serve(&queue));
        }
        let mut stream = Stream {
            jobs,
            send,
            waiting: VecDeque::new(),
            most: threads,
            window: Bytes::new(),
            crc: Crc::new(),
        };
        (stream.send)(Bytes::from_static(HEADER))?;
        for block in blocks {
            stream.push(block?)?;
        }
        stream.finish()
    })
}

/// A stream that is being made, in the order of its blocks.
struct Stream<'a> {
    jobs: SyncSender<Job>,
    send: Send<'a>,
    waiting: VecDeque<Receiver<Compressed>>,
    /// Blocks that may wait, and so a bound on memory.
    most: usize,
    window: Bytes,
    crc: Crc,
}

impl Stream<'_> {
    fn push(&mut self, block: Bytes) -> io::Result<()> {
        self.crc.update(&block);
        let tail = block.slice(block.len().saturating_sub(WINDOW)..);
        let window = std::mem::replace(&mut self.window, tail);
        let (reply, compressed) = sync_channel(1);
        let job = Job {
            block,
            window,
            reply,
        };
        self.jobs.send(job).map_err(|_| ended())?;
        self.waiting.push_back(compressed);
        if self.waiting.len() > self.most {
            self.pass_on()?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<()> {
        while !self.waiting.is_empty() {
            self.pass_on()?;
        }
        let mut end = END.to_vec();
        end.extend(self.crc.sum().to_le_bytes());
        end.extend(self.crc.amount().to_le_bytes());
        (self.send)(end.into())
    }

    /// Sends the next block, when it is compressed.
    fn pass_on(&mut self) -> io::Result<()> {
        match self.waiting.pop_front() {
            Some(compressed) => (self.send)(compressed.recv().map_err(|_| ended())??.into()),
            None => Ok(()),
        }
    }
}

fn ended() -> io::Error {
    io::Error::other("a thread that compresses has ended")
}

/// Compresses the jobs of the queue until the queue is closed.
fn serve(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job {
            block,
            window,
            reply,
        }) = job
        else {
            return;
        };
        // The receiver may be gone, and needs no block then.
        let _ = reply.send(compress(&block, &window));
    }
}

/// One block, up to a byte boundary.
fn compress(block: &[u8], window: &[u8]) -> Compressed {
    let mut deflate = Compress::new(LEVEL, false);
    if !window.is_empty() {
        deflate.set_dictionary(window).map_err(io::Error::other)?;
    }
    let mut compressed = Vec::with_capacity(block.len() + block.len() / 8 + 64);
    loop {
        let taken = usize::try_from(deflate.total_in()).unwrap_or(usize::MAX);
        let rest = block.get(taken..).unwrap_or_default();
        let status = deflate
            .compress_vec(rest, &mut compressed, FlushCompress::Sync)
            .map_err(io::Error::other)?;
        let done = usize::try_from(deflate.total_in()).is_ok_and(|taken| taken == block.len());
        // A flush is complete when it left some of the capacity unused.
        if done && compressed.len() < compressed.capacity() {
            compressed.shrink_to_fit();
            return Ok(compressed);
        }
        if status == Status::StreamEnd {
            return Err(io::Error::other("the compressor has ended early"));
        }
        compressed.reserve(BLOCK / 8);
    }
}
