//! A client of the OCI distribution protocol: pull, push, authentication.
//!
//! - [`Client`] has the configuration: trust, proxies and where credentials are. It is cheap to
//!   clone and keeps connections and tokens.
//! - [`Repository`] is one repository with one set of credentials; everything is read and written
//!   through it: blobs, manifests, tags.
//! - [`Client::download`] fetches any file by its URL, over the same connections.
//! - [`Error`] names the registry, the repository, the blob or manifest, and the registry's own
//!   message; [`ErrorKind`] says what a caller can do about it.
//!
//! Guarantees:
//! - The digest and size of every blob and manifest received are verified.
//! - Transient failures are retried ([`RetryPolicy`]); a broken upload is begun anew.
//! - Everything read from a registry has a size limit, every wait a time limit.
//! - Credentials go to the registry and its token server, never to a host it redirects to, and
//!   are in no log, error or `Debug` text.
//!
//! ```no_run
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use sockerless_registry::{Client, Config, TagOrDigest};
//!
//! let client = Client::new(Config::default());
//! let repository = client.repository("ghcr.io", "owner/app", None)?;
//! let manifest = repository.get_manifest(&"latest".parse::<TagOrDigest>()?).await?;
//! println!("{} {}", manifest.digest, manifest.media_type);
//! # Ok(())
//! # }
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod auth;
mod blob;
mod client;
mod config;
mod connections;
mod credentials;
mod download;
mod error;
#[cfg(feature = "fuzz")]
pub mod fuzz;
mod host;
mod link;
mod location;
mod manifest;
mod name;
mod redirects;
mod refusal;
mod registry;
mod repository;
mod retry;
mod secret;
mod source;
mod tags;
mod transport;

pub use blob::{BlobPush, BlobStream, NewBlob};
pub use client::Client;
pub use config::{Config, DockerConfigFile, Limits, Timeouts};
pub use credentials::{
    CredentialError, CredentialOrigin, Credentials, HeaderCredentials, HeaderError,
    ResolvedCredentials, parse_registry_auth,
};
pub use download::{Download, DownloadPolicy};
pub use error::{Error, ErrorKind, Fault, Subject};
pub use manifest::Manifest;
pub use name::{InvalidName, TagOrDigest};
pub use refusal::Refusal;
pub use repository::Repository;
pub use retry::{Retry, RetryListener, RetryPolicy};
pub use secret::Secret;
pub use sockerless_oci::Descriptor;
pub use sockerless_reference::Digest;
pub use source::{ByteStream, Progress, Source};
pub use transport::{InvalidProxy, Proxies};
