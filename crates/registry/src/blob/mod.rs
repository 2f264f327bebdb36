//! Blobs: checking for them, pulling, pushing and mounting.

mod pull;
mod push;

use http::StatusCode;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use sockerless_reference::Digest;

pub use pull::BlobStream;
pub use push::{BlobPush, NewBlob};

use crate::auth::Scope;
use crate::error::{Error, Fault, Subject};
use crate::registry::Ask;
use crate::repository::Repository;

impl Repository {
    /// The size of a blob in bytes, if the repository has it.
    ///
    /// # Errors
    /// Any failure that prevents a definite result.
    pub async fn head_blob(&self, digest: &Digest) -> Result<Option<u64>, Error> {
        let mut tries = self.registry.tries(&self.access);
        loop {
            match self.look_for_blob(digest, self.pull_scope()).await {
                Ok(found) => return Ok(found),
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| self.error(Subject::Blob(*digest), fault))?;
                }
            }
        }
    }

    async fn look_for_blob(&self, digest: &Digest, scope: Scope) -> Result<Option<u64>, Fault> {
        let url = self.url(&format!("blobs/{digest}")).await?;
        let ask =
            Ask::head(url, scope).header(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        match self.registry.call(&self.access, &ask).await {
            Ok(reply) if reply.status() == StatusCode::OK => match reply.length() {
                Some(length) => Ok(Some(length)),
                None => Err(Fault::Malformed("a blob without Content-Length".to_owned())),
            },
            Ok(reply) => Err(Fault::Malformed(format!("status {}", reply.status()))),
            Err(fault) if fault.registry_status() == Some(404) => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}
