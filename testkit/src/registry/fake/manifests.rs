//! Requests for manifests and tags.

use http::Method;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use sockerless_reference::Digest;

use super::reply::Reply;
use super::server::{Asked, State};
use super::store::Repository;

/// Largest manifest that is accepted.
const LIMIT: usize = 4 << 20;

pub(super) fn manifest(state: &State, asked: &Asked, repository: &str, name: &str) -> Reply {
    let mut reply = match asked.head.method {
        Method::PUT => put(state, asked, repository, name),
        Method::DELETE => delete(state, repository, name),
        Method::HEAD if !state.profile.manifest_heads => {
            Reply::error(405, "UNSUPPORTED", "The operation is unsupported.")
        }
        _ => get(state, repository, name),
    };
    for (header, value) in &state.profile.manifest_headers {
        reply = reply.header(header, *value);
    }
    reply
}

fn get(state: &State, repository: &str, name: &str) -> Reply {
    let store = state.store();
    let Some(held) = store.repositories.get(repository) else {
        return Reply::error(404, "NAME_UNKNOWN", "repository name not known to registry");
    };
    match held.manifest(name) {
        Some((kind, bytes)) => Reply::new(200)
            .header("content-type", kind)
            .header("docker-content-digest", Digest::of(bytes).to_string())
            .body(bytes.clone()),
        None => Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown"),
    }
}

fn put(state: &State, asked: &Asked, repository: &str, name: &str) -> Reply {
    let profile = &state.profile;
    let mut store = state.store();
    if profile.repositories_must_exist && !store.repositories.contains_key(repository) {
        return Reply::error(404, "NAME_UNKNOWN", "no such repository");
    }
    let held = store.create(repository);
    let kind = asked
        .head
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let kind = kind.unwrap_or_default().to_owned();
    let digest = Digest::of(&asked.body);
    let tag = match name.parse::<Digest>() {
        Ok(expected) if expected != digest => {
            return Reply::error(400, "DIGEST_INVALID", "not the digest of the manifest");
        }
        Ok(_) => None,
        Err(_) => Some(name),
    };
    if let Some(fault) = fault_of(&asked.body, &kind, held, profile.checks_blobs) {
        return fault;
    }
    if !profile.docker_types && kind.starts_with("application/vnd.docker.") {
        return Reply::error(415, "MANIFEST_INVALID", "unsupported media type");
    }
    if let (Some(status), Some(tag)) = (profile.immutable_tags, tag)
        && held.tags.contains_key(tag)
    {
        let text = format!("The image tag '{tag}' already exists and cannot be overwritten");
        let code = if status == 400 {
            "TAG_INVALID"
        } else {
            "PRECONDITION"
        };
        return Reply::error(status, code, &text);
    }
    held.manifests.insert(digest, (kind, asked.body.clone()));
    if let Some(tag) = tag {
        held.tags.insert(tag.to_owned(), digest);
    }
    Reply::new(201)
        .header("location", format!("/v2/{repository}/manifests/{digest}"))
        .header("docker-content-digest", digest.to_string())
}

fn fault_of(bytes: &[u8], kind: &str, held: &Repository, checks_blobs: bool) -> Option<Reply> {
    if bytes.len() > LIMIT {
        return Some(Reply::error(413, "SIZE_INVALID", "manifest too large"));
    }
    let Ok(document) = serde_json::from_slice::<Value>(bytes) else {
        return Some(Reply::error(400, "MANIFEST_INVALID", "not JSON"));
    };
    if document["mediaType"]
        .as_str()
        .is_some_and(|own| own != kind)
    {
        return Some(Reply::error(
            400,
            "MANIFEST_INVALID",
            "mediaType is not the Content-Type",
        ));
    }
    if !checks_blobs {
        return None;
    }
    let listed = |key: &str| document[key].as_array().cloned().unwrap_or_default();
    let digest = |value: &Value| value["digest"].as_str().and_then(|text| text.parse().ok());
    let blobs = listed("layers")
        .into_iter()
        .chain(document.get("config").cloned());
    for blob in blobs.filter(|blob| blob.get("urls").is_none()) {
        if digest(&blob).is_none_or(|digest| !held.blobs.contains_key(&digest)) {
            let text = format!("blob unknown to registry: {}", blob["digest"]);
            return Some(Reply::error(400, "MANIFEST_BLOB_UNKNOWN", &text));
        }
    }
    for child in listed("manifests") {
        if digest(&child).is_none_or(|digest| !held.manifests.contains_key(&digest)) {
            return Some(Reply::error(400, "MANIFEST_UNKNOWN", "manifest unknown"));
        }
    }
    None
}

fn delete(state: &State, repository: &str, name: &str) -> Reply {
    if !state.profile.deletes {
        return Reply::error(405, "UNSUPPORTED", "The operation is unsupported.");
    }
    let mut store = state.store();
    let held = store.create(repository);
    let removed = match name.parse::<Digest>() {
        Ok(digest) => {
            held.tags.retain(|_, tagged| *tagged != digest);
            held.manifests.remove(&digest).is_some()
        }
        Err(_) => held.tags.remove(name).is_some(),
    };
    if removed {
        Reply::new(202)
    } else {
        Reply::error(404, "MANIFEST_UNKNOWN", "manifest unknown")
    }
}

pub(super) fn tags(state: &State, asked: &Asked, repository: &str) -> Reply {
    let store = state.store();
    let Some(held) = store.repositories.get(repository) else {
        return Reply::error(404, "NAME_UNKNOWN", "repository name not known to registry");
    };
    let query = asked.head.uri.query().unwrap_or_default();
    let last = form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == "last")
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    let left: Vec<_> = held.tags.keys().filter(|tag| **tag > last).collect();
    let page = &left[..left.len().min(state.profile.page)];
    // A repository without tags returns null, as some registries do.
    let listed = (!page.is_empty()).then_some(page);
    let reply = Reply::new(200)
        .header("content-type", "application/json")
        .body(serde_json::json!({"name": repository, "tags": listed}).to_string());
    match page.last() {
        Some(last) if page.len() < left.len() => reply.header(
            "link",
            format!(
                "</v2/{repository}/tags/list?last={last}&n={}>; rel=\"next\"",
                page.len()
            ),
        ),
        _ => reply,
    }
}
