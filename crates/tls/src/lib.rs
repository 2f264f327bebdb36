//! TLS settings: the certificates that are trusted, the certificate that is presented, and how a
//! peer is verified.
//!
//! The settings of every TLS connection are made here, so that all use the same library,
//! cryptography provider and TLS versions. Reading files blocks.

mod client;
mod error;
mod file;
mod identity;
mod roots;
mod verifier;

pub use client::{Client, ServerVerification};
pub use error::{Error, FileError, FileFault};
pub use file::{FILE_LIMIT, certificates, private_key};
pub use identity::Identity;
pub use roots::{file_roots, system_roots};
