//! Accepts connections and dispatches requests.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::{Bytes, BytesMut};
use http::request::Parts;
use http::{Method, Response};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::access::{self, Tokens};
use super::fault::{self, Action, Fault, Step};
use super::profile::{Auth, Profile};
use super::reply::{End, Reply, ReplyBody};
use super::store::Store;
use super::{Request, blobs, manifests, uploads};

#[derive(Debug)]
pub(super) struct State {
    pub(super) profile: Profile,
    pub(super) address: SocketAddr,
    pub(super) storage: SocketAddr,
    token_path: Mutex<String>,
    password: Mutex<Option<String>>,
    store: Mutex<Store>,
    tokens: Mutex<Tokens>,
    faults: Mutex<Vec<Fault>>,
    requests: Mutex<Vec<Request>>,
}

/// A request with its body read.
pub(super) struct Asked {
    pub(super) head: Parts,
    pub(super) body: Bytes,
    pub(super) target: Target,
}

/// What a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Ping,
    Token,
    Storage(String),
    Begin { repository: String },
    Session { id: u64 },
    Blob { repository: String, digest: String },
    Manifest { repository: String, name: String },
    Tags { repository: String },
    Other,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    pub(super) fn new(profile: Profile, address: SocketAddr, storage: SocketAddr) -> Self {
        let password = match &profile.auth {
            Auth::Open => None,
            Auth::Basic { password, .. } => Some(password.clone()),
            Auth::Token(auth) => Some(auth.password.clone()),
        };
        Self {
            profile,
            address,
            storage,
            password: Mutex::new(password),
            token_path: Mutex::new("/token".to_owned()),
            store: Mutex::default(),
            tokens: Mutex::default(),
            faults: Mutex::default(),
            requests: Mutex::default(),
        }
    }

    pub(super) fn token_path(&self) -> String {
        lock(&self.token_path).clone()
    }

    pub(super) fn move_tokens(&self, path: &str) {
        *lock(&self.token_path) = path.to_owned();
    }

    pub(super) fn store(&self) -> MutexGuard<'_, Store> {
        lock(&self.store)
    }

    pub(super) fn tokens(&self) -> MutexGuard<'_, Tokens> {
        lock(&self.tokens)
    }

    pub(super) fn faults(&self) -> MutexGuard<'_, Vec<Fault>> {
        lock(&self.faults)
    }

    pub(super) fn requests(&self) -> MutexGuard<'_, Vec<Request>> {
        lock(&self.requests)
    }

    pub(super) fn change_password(&self, password: &str) {
        *lock(&self.password) = Some(password.to_owned());
    }

    pub(super) fn is_password(&self, password: &str) -> bool {
        lock(&self.password).as_deref() == Some(password)
    }
}

/// Serves connections until the task is aborted; its connections end with it.
pub(super) async fn accept(listener: TcpListener, state: Arc<State>) {
    let mut connections = JoinSet::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            return;
        };
        let state = Arc::clone(&state);
        connections.spawn(async move {
            let service = service_fn(|request| serve(Arc::clone(&state), request));
            // Broken connections are expected here.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    state: Arc<State>,
    request: http::Request<Incoming>,
) -> io::Result<Response<ReplyBody>> {
    let (head, body) = request.into_parts();
    let target = target(head.uri.path(), &state.token_path());
    let step = step(&target, &head.method);
    state.requests().push(Request {
        step,
        method: head.method.clone(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head.headers.clone(),
    });
    let is_head = head.method == Method::HEAD;
    let action = fault::take(&mut state.faults(), step);

    match &action {
        Some(Action::Answer {
            status,
            headers,
            body,
        }) => {
            let mut reply = Reply::new(*status).body(body.clone());
            for (name, value) in headers {
                reply = reply.header(name, value);
            }
            return reply.finish(is_head, usize::MAX, End::Proper);
        }
        Some(Action::CutRequest(bytes)) => {
            read(body, Some(*bytes)).await?;
            return Err(io::Error::other("cut"));
        }
        Some(Action::StallRequest(bytes)) => {
            // The rest of the body stays on the wire, unread.
            let _unread = read(body, Some(*bytes)).await?;
            return std::future::pending().await;
        }
        Some(Action::Echo(status)) => {
            let shown = head.headers.get(http::header::AUTHORIZATION);
            let shown = shown.and_then(|value| value.to_str().ok());
            let message = format!("cannot use {}", shown.unwrap_or_default());
            return Reply::error(*status, "DENIED", &message).finish(
                is_head,
                usize::MAX,
                End::Proper,
            );
        }
        Some(Action::RevokeTokens) => state.tokens().clear(),
        _ => {}
    }

    let reply = match before_the_body(&state, &head, &target) {
        Some(reply) => reply,
        None => {
            let (body, _) = read(body, None).await?;
            answer(&state, Asked { head, body, target })
        }
    };
    finish(reply, action, is_head)
}

fn finish(
    mut reply: Reply,
    action: Option<Action>,
    is_head: bool,
) -> io::Result<Response<ReplyBody>> {
    match action {
        Some(Action::LoseReply) => Err(io::Error::other("lost")),
        Some(Action::CutReply(bytes)) => reply.finish(is_head, bytes, End::Cut),
        Some(Action::StallReply(bytes)) => reply.finish(is_head, bytes, End::Hang),
        Some(Action::Truncate(bytes)) => {
            reply.body.truncate(bytes);
            reply.finish(is_head, usize::MAX, End::Proper)
        }
        Some(Action::Corrupt) => {
            let mut bytes = reply.body.to_vec();
            if let Some(first) = bytes.first_mut() {
                *first ^= 1;
            }
            reply.body(bytes).finish(is_head, usize::MAX, End::Proper)
        }
        _ => reply.finish(is_head, usize::MAX, End::Proper),
    }
}

/// Reads the body, up to `limit` bytes; returns the rest too.
async fn read(mut body: Incoming, limit: Option<u64>) -> io::Result<(Bytes, Option<Incoming>)> {
    let mut all = BytesMut::new();
    while limit.is_none_or(|limit| (all.len() as u64) < limit) {
        match body.frame().await {
            None => return Ok((all.freeze(), None)),
            Some(frame) => {
                if let Ok(data) = frame.map_err(io::Error::other)?.into_data() {
                    all.extend_from_slice(&data);
                }
            }
        }
    }
    Ok((all.freeze(), Some(body)))
}

/// Refusals that do not wait for the body.
fn before_the_body(state: &State, head: &Parts, target: &Target) -> Option<Reply> {
    if let Some(refusal) = access::refuse(state, head, target) {
        return Some(refusal);
    }
    let length: Option<u64> = head
        .headers
        .get(http::header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if !matches!(target, Target::Session { .. }) {
        return None;
    }
    if length.is_none() && state.profile.demands_length && head.method == Method::PATCH {
        return Some(Reply::error(
            400,
            "CONTENT_LENGTH_INVALID",
            "no Content-Length",
        ));
    }
    let limit = match head.method {
        Method::PATCH => state.profile.largest_patch,
        Method::PUT => state.profile.largest_put,
        _ => None,
    };
    match limit {
        Some((limit, status)) if length.is_some_and(|length| length > limit) => Some(
            Reply::new(status)
                .header("content-type", "text/html")
                .header("connection", "close")
                .body("<html><h1>Request Entity Too Large</h1></html>"),
        ),
        _ => None,
    }
}

fn answer(state: &State, asked: Asked) -> Reply {
    match &asked.target {
        Target::Ping => Reply::new(200).body("{}"),
        Target::Token => access::token(state, &asked),
        Target::Storage(digest) => blobs::storage(state, &asked, digest),
        Target::Begin { repository } => uploads::begin(state, &asked, repository),
        Target::Session { id } => uploads::go_on(state, &asked, *id),
        Target::Blob { repository, digest } => blobs::blob(state, &asked, repository, digest),
        Target::Manifest { repository, name } => {
            manifests::manifest(state, &asked, repository, name)
        }
        Target::Tags { repository } => manifests::tags(state, &asked, repository),
        Target::Other => Reply::error(404, "NOT_FOUND", "no such page"),
    }
}

fn target(path: &str, token_path: &str) -> Target {
    if let Some(digest) = path.strip_prefix("/storage/") {
        return Target::Storage(digest.to_owned());
    }
    if let Some(id) = path.strip_prefix("/artifacts-uploads/") {
        return id
            .parse()
            .map_or(Target::Other, |id| Target::Session { id });
    }
    let rest = match path {
        _ if path == token_path => return Target::Token,
        "/v2/" | "/v2" => return Target::Ping,
        _ => match path.strip_prefix("/v2/") {
            Some(rest) => rest,
            None => return Target::Other,
        },
    };
    if let Some(repository) = rest.strip_suffix("/tags/list") {
        return Target::Tags {
            repository: repository.to_owned(),
        };
    }
    if let Some((repository, id)) = rest.rsplit_once("/blobs/uploads/") {
        return match id {
            "" => Target::Begin {
                repository: repository.to_owned(),
            },
            id => id
                .parse()
                .map_or(Target::Other, |id| Target::Session { id }),
        };
    }
    if let Some((repository, digest)) = rest.rsplit_once("/blobs/") {
        return Target::Blob {
            repository: repository.to_owned(),
            digest: digest.to_owned(),
        };
    }
    match rest.rsplit_once("/manifests/") {
        Some((repository, name)) => Target::Manifest {
            repository: repository.to_owned(),
            name: name.to_owned(),
        },
        None => Target::Other,
    }
}

fn step(target: &Target, method: &Method) -> Step {
    match (target, method.as_str()) {
        (Target::Ping, _) => Step::Ping,
        (Target::Token, _) => Step::Token,
        (Target::Storage(_), _) => Step::Storage,
        (Target::Begin { .. }, _) => Step::Begin,
        (Target::Session { .. }, "PATCH") => Step::Patch,
        (Target::Session { .. }, "PUT") => Step::Put,
        (Target::Session { .. }, _) => Step::Session,
        (Target::Blob { .. }, "HEAD") => Step::HeadBlob,
        (Target::Blob { .. }, "GET") => Step::GetBlob,
        (Target::Manifest { .. }, "HEAD") => Step::HeadManifest,
        (Target::Manifest { .. }, "GET") => Step::GetManifest,
        (Target::Manifest { .. }, "PUT") => Step::PutManifest,
        (Target::Blob { .. } | Target::Manifest { .. }, "DELETE") => Step::Delete,
        (Target::Tags { .. }, _) => Step::Tags,
        _ => Step::Other,
    }
}
