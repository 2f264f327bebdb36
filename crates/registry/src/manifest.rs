//! Manifests: asking for, fetching and storing them.

use std::sync::LazyLock;

use bytes::Bytes;
use http::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use sockerless_oci::{Descriptor, media_type};
use sockerless_reference::Digest;

use crate::auth::Scope;
use crate::error::{Error, ErrorKind, Fault, Subject};
use crate::name::TagOrDigest;
use crate::registry::Ask;
use crate::repository::Repository;
use crate::transport::Reply;

/// All manifest types in use: without its type in `Accept`, a registry may convert the manifest,
/// which changes its digest.
static ACCEPTED: LazyLock<String> = LazyLock::new(|| {
    [
        media_type::OCI_INDEX,
        media_type::OCI_MANIFEST,
        media_type::DOCKER_LIST,
        media_type::DOCKER_MANIFEST,
        media_type::DOCKER_SCHEMA_1_SIGNED,
        media_type::DOCKER_SCHEMA_1,
    ]
    .join(", ")
});

/// How often a manifest is sent again when the registry does not find a blob of it.
const LOOKS: u32 = 2;

const CONTENT_DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// A manifest or index, exactly as the registry sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The media type.
    pub media_type: String,
    /// The digest of [`Manifest::bytes`].
    pub digest: Digest,
    /// The bytes that the digest is of.
    pub bytes: Bytes,
}

impl Repository {
    /// The descriptor of a manifest, if the repository has it. Docker Hub does not count this as a
    /// pull.
    ///
    /// # Errors
    /// Any failure that prevents a definite result, with the registry's own message: when a HEAD,
    /// which has no body, is refused, a GET is made.
    pub async fn head_manifest(&self, name: &TagOrDigest) -> Result<Option<Descriptor>, Error> {
        let mut tries = self.registry.tries(&self.access);
        loop {
            match self.try_head(name, self.pull_scope()).await {
                Ok(found) => return Ok(found),
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| self.manifest_error(name, fault))?;
                }
            }
        }
    }

    /// Fetches a manifest or index and verifies its digest.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if there is none, [`ErrorKind::Unsupported`] if it is of Docker's
    /// schema 1, [`ErrorKind::Mismatch`] if the bytes do not match their digest or type or are too
    /// many, and any failure of the registry.
    pub async fn get_manifest(&self, name: &TagOrDigest) -> Result<Manifest, Error> {
        let mut tries = self.registry.tries(&self.access);
        loop {
            match self.try_get(name, self.pull_scope()).await {
                Ok(manifest) => return Ok(manifest),
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| self.manifest_error(name, fault))?;
                }
            }
        }
    }

    /// Stores a manifest or index under a name: by digest, or as a tag. An immutable tag that
    /// already is this manifest is not an error.
    ///
    /// # Errors
    /// [`ErrorKind::TagImmutable`] if the tag is immutable and another manifest,
    /// [`ErrorKind::Invalid`] if the registry rejects the manifest or misses a blob of it,
    /// [`ErrorKind::Mismatch`] if it stored something else, and any failure of the registry.
    pub async fn put_manifest(
        &self,
        name: &TagOrDigest,
        media_type: &str,
        bytes: impl Into<Bytes>,
    ) -> Result<Digest, Error> {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        let fail = |fault| self.manifest_error(name, fault);
        if let TagOrDigest::Digest(expected) = name
            && *expected != digest
        {
            return Err(fail(Fault::Digest {
                expected: *expected,
                found: digest,
            }));
        }
        let mut tries = self.registry.tries(&self.access);
        let mut looks = 0;
        loop {
            match self.try_put(name, media_type, &bytes, &digest).await {
                Ok(()) => return Ok(digest),
                Err(fault) if looks < LOOKS && misses_blob(&fault) => {
                    looks += 1;
                    tries.again(fault).await.map_err(fail)?;
                }
                Err(fault) if fault.kind() == ErrorKind::TagImmutable => {
                    let present = self.try_head(name, self.push_scope()).await;
                    return match present {
                        Ok(Some(found)) if found.digest == digest => Ok(digest),
                        _ => Err(fail(fault)),
                    };
                }
                Err(fault) => tries.after(fault).await.map_err(fail)?,
            }
        }
    }

    async fn try_head(
        &self,
        name: &TagOrDigest,
        scope: Scope,
    ) -> Result<Option<Descriptor>, Fault> {
        let url = self.url(&format!("manifests/{}", name.checked()?)).await?;
        let ask = accept_manifests(Ask::head(url, scope.clone()));
        match self.registry.call(&self.access, &ask).await {
            Ok(reply) if reply.status() == StatusCode::OK => {
                if let Some(descriptor) = describe(&reply, name) {
                    return Ok(Some(descriptor));
                }
            }
            Ok(reply) => return Err(Fault::Malformed(format!("status {}", reply.status()))),
            Err(fault) => match fault.registry_status() {
                Some(404) => return Ok(None),
                Some(400 | 401 | 403 | 405) => {}
                _ => return Err(fault),
            },
        }
        // The head lacks something, or the message of a refusal: a GET has both.
        match self.try_get(name, scope).await {
            Ok(manifest) => {
                let size = manifest.bytes.len() as u64;
                let found = Descriptor::new(manifest.media_type, manifest.digest, size);
                Ok(Some(found))
            }
            Err(fault) if fault.registry_status() == Some(404) => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    async fn try_get(&self, name: &TagOrDigest, scope: Scope) -> Result<Manifest, Fault> {
        let url = self.url(&format!("manifests/{}", name.checked()?)).await?;
        let reply = self
            .registry
            .call(&self.access, &accept_manifests(Ask::get(url, scope)))
            .await?;
        if reply.status() != StatusCode::OK {
            return Err(Fault::Malformed(format!(
                "status {} for a manifest",
                reply.status()
            )));
        }
        let announced = announced_digest(&reply);
        let kind = announced_type(&reply);
        if kind.as_deref().is_some_and(media_type::is_schema_1) {
            // Its digest excludes its signatures, so it cannot be verified like others.
            let text = "a manifest of Docker's schema 1".to_owned();
            return Err(Fault::Unsupported(text));
        }
        let bytes = reply.bytes(self.registry.config().limits.manifest).await?;
        let found = Digest::of(&bytes);
        let expected = match name {
            TagOrDigest::Digest(digest) => Some(*digest),
            TagOrDigest::Tag(_) => announced,
        };
        if let Some(expected) = expected
            && expected != found
        {
            return Err(Fault::Digest { expected, found });
        }
        let media_type = agree(kind, &bytes)?;
        Ok(Manifest {
            media_type,
            digest: found,
            bytes,
        })
    }

    async fn try_put(
        &self,
        name: &TagOrDigest,
        media_type: &str,
        bytes: &Bytes,
        digest: &Digest,
    ) -> Result<(), Fault> {
        let url = self.url(&format!("manifests/{}", name.checked()?)).await?;
        let kind = HeaderValue::try_from(media_type).map_err(|_| Fault::Name {
            what: "media type",
            text: media_type.to_owned(),
        })?;
        let ask = Ask::new(Method::PUT, url, self.push_scope())
            .header(CONTENT_TYPE, kind)
            .body(bytes.clone())
            .slow_answer();
        let reply = self.registry.call(&self.access, &ask).await?;
        let stored = announced_digest(&reply);
        reply.drain().await;
        match stored {
            Some(found) if found != *digest => Err(Fault::Digest {
                expected: *digest,
                found,
            }),
            _ => Ok(()),
        }
    }

    fn manifest_error(&self, name: &TagOrDigest, fault: Fault) -> Error {
        self.error(Subject::Manifest(name.to_string()), fault)
    }
}

/// Whether the registry does not find a blob of a manifest. It may exist all the same: some
/// registries lose a blob for a moment while another client pushes it again.
fn misses_blob(fault: &Fault) -> bool {
    let Fault::Refused(refusal) = fault else {
        return false;
    };
    // The first error of a list may have another code.
    let is_said = |message: &str| message.contains("blob unknown");
    refusal.code() == Some("MANIFEST_BLOB_UNKNOWN") || refusal.message().is_some_and(is_said)
}

fn accept_manifests(ask: Ask) -> Ask {
    ask.header(ACCEPT, HeaderValue::from_static(ACCEPTED.as_str()))
        .header(ACCEPT_ENCODING, HeaderValue::from_static("identity"))
}

/// The digest that a reply announces.
pub(crate) fn announced_digest(reply: &Reply) -> Option<Digest> {
    reply.header(CONTENT_DIGEST)?.trim().parse().ok()
}

/// The type in the head of a reply, unless it is generic.
fn announced_type(reply: &Reply) -> Option<String> {
    let kind = media_type::essence(reply.header(CONTENT_TYPE)?);
    let vague = [
        "",
        "application/json",
        "application/octet-stream",
        "text/plain",
        "text/html",
    ];
    (!vague.contains(&kind.as_str())).then_some(kind)
}

/// A descriptor from the head alone, if all of it is there.
fn describe(reply: &Reply, name: &TagOrDigest) -> Option<Descriptor> {
    let digest = announced_digest(reply)?;
    if let TagOrDigest::Digest(asked) = name
        && *asked != digest
    {
        return None;
    }
    let size = reply.length()?;
    Some(Descriptor::new(announced_type(reply)?, digest, size))
}

/// The type of a manifest: the announced one, or the one it declares. If they differ, the next
/// reader could interpret it differently.
pub(crate) fn agree(announced: Option<String>, bytes: &[u8]) -> Result<String, Fault> {
    let own = media_type::declared(bytes)
        .map_err(|_| Fault::Malformed("the manifest is not a JSON object".to_owned()))?;
    match (announced, own) {
        (Some(announced), Some(own)) if media_type::essence(&own) != announced => {
            Err(Fault::Malformed(format!(
                "a manifest sent as {announced} that says it is {own}"
            )))
        }
        (Some(kind), _) | (None, Some(kind)) => Ok(kind),
        (None, None) => Err(Fault::Malformed(
            "a manifest of which nothing tells the type".to_owned(),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Refusal;

    #[test]
    fn types_agree() {
        let kind = |text: &str| Some(text.to_owned());
        assert_eq!(agree(kind("a/b"), b"{}").expect("valid"), "a/b");
        assert_eq!(
            agree(None, br#"{"mediaType":"a/b"}"#).expect("valid"),
            "a/b"
        );
        assert_eq!(
            agree(kind("a/b"), br#"{"mediaType":"A/B"}"#).expect("valid"),
            "a/b"
        );
        let twice = b"{\"mediaType\":\"a/c\",\"MEDIATYPE\":\"a/b\",\"x\":\"\xff\",\"y\":1e999}";
        assert_eq!(agree(kind("a/b"), twice).expect("valid"), "a/b");
        assert!(agree(kind("a/b"), br#"{"mediaType":"a/c"}"#).is_err());
        assert!(agree(None, b"{}").is_err());
        assert!(agree(kind("a/b"), b"<html>").is_err());
    }
    #[test]
    fn a_blob_that_is_missed() {
        let refused = |body: &str| {
            let headers = http::HeaderMap::new();
            let refusal = Refusal::new(StatusCode::BAD_REQUEST, &headers, body.as_bytes());
            misses_blob(&Fault::Refused(refusal))
        };
        assert!(refused(r#"{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}"#));
        assert!(refused(
            r#"{"errors":[
                {"code":"DIGEST_INVALID","message":"provided digest did not match"},
                {"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry"}
            ]}"#
        ));
        assert!(!refused(r#"{"errors":[{"code":"MANIFEST_INVALID"}]}"#));
        assert!(!misses_blob(&Fault::Connection("reset".to_owned())));
    }
}
