//! Docker image references and content digests.
//!
//! A [`Reference`] is a name in Docker's normalised form, a [`Digest`] is what content is stored
//! under, and a [`Query`] is what a client names an image by: a name, an ID, or the start of one.
//!
//! ```
//! use sockerless_reference::{Query, Reference};
//!
//! let reference: Reference = "alpine:3.20".parse()?;
//! assert_eq!(reference.to_string(), "docker.io/library/alpine:3.20");
//! assert_eq!(reference.familiar(), "alpine:3.20");
//!
//! let Query::Name { reference, prefix } = Query::parse("c0ffee")? else {
//!     unreachable!("only 64 hexadecimal characters are an ID");
//! };
//! assert_eq!(reference.familiar(), "c0ffee:latest");
//! assert!(prefix.is_some());
//! # Ok::<(), sockerless_reference::ReferenceError>(())
//! ```

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

mod archive_name;
mod digest;
mod error;
mod id_prefix;
mod parse;
mod query;
mod reference;
mod tag_target;

pub use digest::{Digest, DigestError};
pub use error::ReferenceError;
pub use id_prefix::IdPrefix;
pub use query::Query;
pub use reference::Reference;
