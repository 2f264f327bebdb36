mod addresses;
mod bodies;
mod redirects;
mod replies;
mod secrets;
mod web;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sockerless_registry::{Client, Config, Download, DownloadPolicy, Error, RetryPolicy};

use crate::setup::config;

/// For servers on loopback, such as those of the tests.
const LOCAL: DownloadPolicy = DownloadPolicy {
    max_bytes: 10_000_000,
    allow_local: true,
};

/// For hosts that users name.
const REMOTE: DownloadPolicy = DownloadPolicy {
    allow_local: false,
    ..LOCAL
};

/// As [`config`], without a second try.
fn once() -> Config {
    let retry = RetryPolicy {
        tries: 1,
        ..config().retry
    };
    Config { retry, ..config() }
}

async fn download(url: &str, policy: DownloadPolicy) -> Result<Bytes, Error> {
    all(Client::new(once()).download(url, policy).await?).await
}

/// The whole file.
async fn all(download: Download) -> Result<Bytes, Error> {
    let pieces: Vec<Bytes> = download.try_collect().await.map_err(|error| {
        let inner = error.into_inner().expect("an error of the crate");
        *inner.downcast().expect("an error of the crate")
    })?;
    Ok(pieces.concat().into())
}
