//! Requests for blobs, in the registry and in the storage behind it.

use bytes::Bytes;
use http::header::{AUTHORIZATION, RANGE};
use http::{HeaderMap, Method};
use sockerless_reference::Digest;

use super::reply::Reply;
use super::server::{Asked, State};

pub(super) fn blob(state: &State, asked: &Asked, repository: &str, digest: &str) -> Reply {
    let found = digest.parse::<Digest>().ok().and_then(|digest| {
        let store = state.store();
        store
            .repositories
            .get(repository)?
            .blobs
            .get(&digest)
            .cloned()
    });
    let Some(bytes) = found else {
        return Reply::error(404, "BLOB_UNKNOWN", "blob unknown to registry");
    };
    match asked.head.method {
        Method::HEAD => Reply::new(200)
            .header("docker-content-digest", digest)
            .header("content-length", bytes.len().to_string()),
        Method::DELETE if !state.profile.deletes => {
            Reply::error(405, "UNSUPPORTED", "The operation is unsupported.")
        }
        Method::DELETE => {
            if let Ok(digest) = digest.parse::<Digest>() {
                state.store().create(repository).blobs.remove(&digest);
            }
            Reply::new(202)
        }
        _ if state.profile.redirects_blobs => Reply::new(307).header(
            "location",
            format!(
                "http://{}/storage/{digest}?X-Signature=hidden",
                state.storage
            ),
        ),
        _ => part(state, &asked.head.headers, &bytes),
    }
}

/// The object store behind the registry, on a port of its own.
pub(super) fn storage(state: &State, asked: &Asked, digest: &str) -> Reply {
    if asked.head.headers.contains_key(AUTHORIZATION) {
        let text = "<Error><Message>Only one auth mechanism allowed</Message></Error>";
        return Reply::new(400)
            .header("content-type", "application/xml")
            .body(text);
    }
    let found = digest.parse::<Digest>().ok().and_then(|digest| {
        let store = state.store();
        store
            .repositories
            .values()
            .find_map(|held| held.blobs.get(&digest).cloned())
    });
    match found {
        Some(bytes) => part(state, &asked.head.headers, &bytes),
        None => Reply::new(404),
    }
}

fn part(state: &State, headers: &HeaderMap, bytes: &Bytes) -> Reply {
    let first = headers.get(RANGE).and_then(|value| {
        let text = value.to_str().ok()?;
        text.strip_prefix("bytes=")?
            .strip_suffix('-')?
            .parse::<usize>()
            .ok()
    });
    let reply = Reply::new(200).header("content-type", "application/octet-stream");
    match first {
        Some(first) if state.profile.ranges && first < bytes.len() => Reply::new(206)
            .header(
                "content-range",
                format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len()),
            )
            .body(bytes.slice(first..)),
        _ => reply.body(bytes.clone()),
    }
}
