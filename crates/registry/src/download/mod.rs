//! Downloads of any file by URL, on behalf of a user of this machine.

mod body;
mod fetch;
mod origin;
mod target;

use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_core::Stream;

use self::body::Body;
use self::fetch::Fetch;
use crate::client::Client;
use crate::error::Error;
use crate::retry::RetryListener;
use crate::source::ByteStream;

/// What a download may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DownloadPolicy {
    /// Maximum size in bytes; a larger file is an error.
    pub max_bytes: u64,
    /// Whether the URL, and every URL that it redirects to, may lead to this machine and to its own
    /// link, where clouds have their metadata services.
    pub allow_local: bool,
}

/// The bytes of a file, as its server sends them: no content encoding is requested and none is
/// decoded.
///
/// The stream ends only after the last byte; otherwise its last item is an error, which holds an
/// [`Error`]. A broken body is not requested again. Dropping the stream closes its connection.
pub struct Download {
    url: String,
    length: Option<u64>,
    stream: ByteStream,
}

impl Client {
    /// Fetches the file at `url`, which is http or https and may name a user and a password. It
    /// returns once the server has begun to send.
    ///
    /// Only status 200 is accepted. Redirects are followed, never from https to http, and only the
    /// origin of `url` is sent the user. Servers are verified by the system's roots and the CAs of
    /// [`Config::certs_dir`](crate::Config::certs_dir), regardless of
    /// [`Config::insecure`](crate::Config::insecure). A proxy resolves the names of hosts behind
    /// it. Transient failures are retried.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) for an invalid URL, and with
    /// [`Fault::LocalAddress`](crate::Fault::LocalAddress) for one that leads where `policy` does
    /// not allow; [`Fault::TooLarge`](crate::Fault::TooLarge) if the file is known to be larger
    /// than `policy` allows; and any failure of the server.
    pub async fn download(&self, url: &str, policy: DownloadPolicy) -> Result<Download, Error> {
        self.download_telling(url, policy, RetryListener::none())
            .await
    }

    /// As [`download`](Self::download), with `listener` called before each retry.
    ///
    /// # Errors
    /// As [`download`](Self::download).
    pub async fn download_telling(
        &self,
        url: &str,
        policy: DownloadPolicy,
        listener: RetryListener,
    ) -> Result<Download, Error> {
        let mut fetch = Fetch::new(&self.shared, url, policy)?;
        let mut tries = self.shared.config.retry.begin(listener);
        let reply = loop {
            match fetch.once().await {
                Ok(reply) => break reply,
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| fetch.origin.error(fault))?;
                }
            }
        };
        Ok(Download {
            url: fetch.origin.found().to_owned(),
            length: reply.body_length(),
            stream: Body::new(reply, fetch.origin, policy.max_bytes).into_stream(),
        })
    }
}

impl Download {
    /// The URL after all redirects, without user, password and query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The number of bytes, if the server announced it.
    pub fn length(&self) -> Option<u64> {
        self.length
    }
}

impl Stream for Download {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.stream.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download")
            .field("url", &self.url)
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}
