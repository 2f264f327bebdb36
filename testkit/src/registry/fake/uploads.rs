//! Requests of upload sessions and mounts.

use bytes::Bytes;
use http::Method;
use http::header::{CONTENT_RANGE, CONTENT_TYPE};
use sockerless_reference::Digest;

use super::profile::{Mounts, UploadLocation};
use super::reply::Reply;
use super::server::{Asked, State};
use super::store::Store;

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let query = asked.head.uri.query()?;
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

pub(super) fn begin(state: &State, asked: &Asked, repository: &str) -> Reply {
    if asked.head.method != Method::POST {
        return Reply::error(405, "UNSUPPORTED", "The operation is unsupported.");
    }
    let mut store = state.store();
    if state.profile.repositories_must_exist && !store.repositories.contains_key(repository) {
        let text =
            format!("The repository with name '{repository}' does not exist in the registry");
        return Reply::error(404, "NAME_UNKNOWN", &text);
    }
    if let (Some(digest), Some(from)) = (parameter(asked, "mount"), parameter(asked, "from")) {
        match state.profile.mounts {
            Mounts::Refused(status) => {
                return Reply::error(status, "UNAUTHORIZED", "invalid repository name");
            }
            Mounts::Done => {
                if let Some(reply) = mount(&mut store, repository, &digest, &from) {
                    return reply;
                }
            }
            Mounts::Ignored => {}
        }
    }
    let id = store.begin(repository);
    location(state, &mut store, id, Reply::new(202))
}

fn mount(store: &mut Store, repository: &str, digest: &str, from: &str) -> Option<Reply> {
    let digest: Digest = digest.parse().ok()?;
    let bytes = store.repositories.get(from)?.blobs.get(&digest)?.clone();
    store.create(repository).blobs.insert(digest, bytes);
    Some(Reply::new(201).header("location", format!("/v2/{repository}/blobs/{digest}")))
}

/// Adds the next location of a session to a reply.
fn location(state: &State, store: &mut Store, id: u64, reply: Reply) -> Reply {
    let Some(session) = store.uploads.get_mut(&id) else {
        return reply;
    };
    session.turn += 1;
    let (turn, repository) = (session.turn, &session.repository);
    let path = format!("/v2/{repository}/blobs/uploads/{id}?_state={turn}%3D");
    let address = state.address;
    reply.header(
        "location",
        match state.profile.location {
            UploadLocation::Relative => path,
            UploadLocation::Absolute => format!("http://{address}{path}"),
            UploadLocation::OtherPath => {
                format!("http://{address}/artifacts-uploads/{id}?_state={turn}%3D")
            }
            UploadLocation::Query => format!("{path}&_nouploadcache=false&sig=a%2Fb%2B%3D%3D"),
        },
    )
}

pub(super) fn go_on(state: &State, asked: &Asked, id: u64) -> Reply {
    let mut store = state.store();
    let turn = store
        .uploads
        .get(&id)
        .map(|session| format!("{}=", session.turn));
    if turn.is_none() || parameter(asked, "_state") != turn {
        return Reply::error(
            404,
            "BLOB_UPLOAD_UNKNOWN",
            "blob upload unknown to registry",
        );
    }
    match asked.head.method {
        Method::PATCH => patch(state, &mut store, asked, id),
        Method::PUT => put(&mut store, asked, id),
        Method::DELETE => {
            store.uploads.remove(&id);
            Reply::new(204)
        }
        _ => location(state, &mut store, id, Reply::new(204)),
    }
}

fn patch(state: &State, store: &mut Store, asked: &Asked, id: u64) -> Reply {
    let kind = asked
        .head
        .headers
        .get(CONTENT_TYPE)
        .map(http::HeaderValue::as_bytes);
    if !matches!(kind, None | Some(b"application/octet-stream")) {
        return Reply::error(415, "UNSUPPORTED", "not application/octet-stream");
    }
    if asked.head.headers.contains_key(CONTENT_RANGE) {
        return Reply::error(416, "RANGE_INVALID", "this registry takes no ranges");
    }
    let Some(session) = store.uploads.get_mut(&id) else {
        return Reply::new(404);
    };
    session.patches += 1;
    if session.patches == 1 || !state.profile.frozen_range {
        session.bytes.extend_from_slice(&asked.body);
    }
    let status = if state.profile.frozen_range { 201 } else { 202 };
    let last = session.bytes.len().saturating_sub(1);
    location(
        state,
        store,
        id,
        Reply::new(status).header("range", format!("0-{last}")),
    )
}

fn put(store: &mut Store, asked: &Asked, id: u64) -> Reply {
    let Some(mut session) = store.uploads.remove(&id) else {
        return Reply::new(404);
    };
    session.bytes.extend_from_slice(&asked.body);
    let bytes: Bytes = session.bytes.freeze();
    let expected = parameter(asked, "digest").and_then(|text| text.parse::<Digest>().ok());
    if expected != Some(Digest::of(&bytes)) {
        return Reply::error(
            400,
            "DIGEST_INVALID",
            "provided digest did not match uploaded content",
        );
    }
    let digest = Digest::of(&bytes);
    let repository = session.repository;
    store.create(&repository).blobs.insert(digest, bytes);
    Reply::new(201)
        .header("location", format!("/v2/{repository}/blobs/{digest}"))
        .header("docker-content-digest", digest.to_string())
}
