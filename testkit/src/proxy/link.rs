//! One connection through the proxy.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use super::fault::{Fault, How};
use super::scan::Scanner;
use super::server::Shared;

/// One connection through the proxy.
pub(super) struct Link {
    client: TcpStream,
    server: TcpStream,
    shared: Arc<Shared>,
    /// The remaining bytes of a reply until both connections are closed.
    reply: Mutex<Option<usize>>,
}

impl Link {
    pub(super) fn new(client: TcpStream, server: TcpStream, shared: Arc<Shared>) -> Self {
        Self {
            client,
            server,
            shared,
            reply: Mutex::new(None),
        }
    }

    /// Carries bytes both ways until either side closes.
    pub(super) fn run(&self) {
        std::thread::scope(|scope| {
            scope.spawn(|| self.replies());
            self.requests();
        });
    }

    fn close(&self) {
        for stream in [&self.client, &self.server] {
            // It may be closed already.
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }

    fn requests(&self) {
        let mut scanner = Scanner::default();
        let mut limit: Option<(usize, How)> = None;
        let (mut passed, mut stalled, mut buffer) = (0, false, vec![0; 16 * 1024]);
        while let Ok(length @ 1..) = (&self.client).read(&mut buffer) {
            let bytes = &buffer[..length];
            for (begin, line) in scanner.feed(bytes) {
                match self.shared.request(line) {
                    Some(Fault {
                        after,
                        how: How::CutReply,
                        ..
                    }) => self.limit_reply(after),
                    Some(Fault { after, how, .. }) => limit = Some((begin + after, how)),
                    None => {}
                }
            }
            let allowed = match limit {
                Some((at, _)) => at.saturating_sub(passed).min(length),
                None => length,
            };
            if (&self.server).write_all(&bytes[..allowed]).is_err() {
                break;
            }
            passed += allowed;
            match limit {
                Some((at, How::CutRequest)) if passed >= at => break,
                Some((at, How::Stall)) if passed >= at && !stalled => {
                    stalled = true;
                    self.shared.stalled();
                }
                _ => {}
            }
        }
        if stalled {
            self.shared.left();
        }
        self.close();
    }

    fn limit_reply(&self, after: usize) {
        *self.reply.lock().unwrap_or_else(PoisonError::into_inner) = Some(after);
    }

    fn replies(&self) {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(length @ 1..) = (&self.server).read(&mut buffer) {
            let (allowed, cut) = self.allowed(length);
            if (&self.client).write_all(&buffer[..allowed]).is_err() || cut {
                break;
            }
        }
        self.close();
    }

    /// How many of `length` bytes of a reply pass, and whether the connection is cut then.
    fn allowed(&self, length: usize) -> (usize, bool) {
        let mut reply = self.reply.lock().unwrap_or_else(PoisonError::into_inner);
        match reply.as_mut() {
            None => (length, false),
            Some(left) => {
                let allowed = length.min(*left);
                *left -= allowed;
                (allowed, *left == 0)
            }
        }
    }
}
