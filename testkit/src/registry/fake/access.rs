//! Authentication: basic, tokens, and what each permits.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use http::header::AUTHORIZATION;
use http::request::Parts;

use super::profile::{Auth, TokenAuth};
use super::reply::Reply;
use super::server::{Asked, State, Target};

/// Issued tokens, and what each permits.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    given: HashMap<String, Grant>,
    next: u64,
}

#[derive(Debug)]
struct Grant {
    /// `REPOSITORY:ACTION` pairs.
    permitted: Vec<String>,
    until: Instant,
}

impl Tokens {
    pub(super) fn clear(&mut self) {
        self.given.clear();
    }
}

/// The refusal of a request that is not permitted.
pub(super) fn refuse(state: &State, head: &Parts, target: &Target) -> Option<Reply> {
    if matches!(target, Target::Token | Target::Storage(_)) {
        return None;
    }
    let shown = head
        .headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let permitted = match &state.profile.auth {
        Auth::Open => return None,
        Auth::Basic { username, .. } => shown
            .and_then(basic)
            .is_some_and(|(name, password)| name == *username && state.is_password(&password)),
        Auth::Token(_) => shown.is_some_and(|shown| bears_token(state, shown, head, target)),
    };
    if permitted {
        return None;
    }
    if let (Some((status, message)), Some(_)) = (state.profile.expired, shown) {
        return Some(Reply::error(status, "DENIED", message));
    }
    let reply = Reply::error(401, "UNAUTHORIZED", "authentication required");
    if state.profile.bare_unauthorized && *target != Target::Ping {
        return Some(reply);
    }
    Some(match &state.profile.auth {
        Auth::Basic { service, .. } => {
            let realm = state.address;
            reply.header(
                "www-authenticate",
                format!("Basic realm=\"http://{realm}/\",service=\"{service}\""),
            )
        }
        _ => {
            let scope = needed(state, head, target)
                .map(|(repository, action)| format!(",scope=\"repository:{repository}:{action}\""))
                .unwrap_or_default();
            let error = match shown {
                Some(_) if state.profile.says_why => ",error=\"insufficient_scope\"",
                _ => "",
            };
            let (realm, path) = (state.address, state.token_path());
            reply.header(
                "www-authenticate",
                format!("Bearer realm=\"http://{realm}{path}\",service=\"fake\"{scope}{error}"),
            )
        }
    })
}

fn bears_token(state: &State, shown: &str, head: &Parts, target: &Target) -> bool {
    let Some(token) = shown.strip_prefix("Bearer ") else {
        return false;
    };
    let tokens = state.tokens();
    let Some(grant) = tokens.given.get(token) else {
        return false;
    };
    if Instant::now() >= grant.until {
        return false;
    }
    match needed(state, head, target) {
        None => true,
        Some((repository, action)) => grant.permitted.contains(&format!("{repository}:{action}")),
    }
}

/// The required repository and action.
fn needed(state: &State, head: &Parts, target: &Target) -> Option<(String, &'static str)> {
    let action = match head.method {
        Method::GET | Method::HEAD => "pull",
        Method::DELETE => "delete",
        _ => "push",
    };
    let needed = match target {
        Target::Begin { repository } => Some((repository.clone(), "push")),
        Target::Session { id } => {
            let store = state.store();
            store
                .uploads
                .get(id)
                .map(|session| (session.repository.clone(), "push"))
        }
        Target::Blob { repository, .. }
        | Target::Manifest { repository, .. }
        | Target::Tags { repository } => Some((repository.clone(), action)),
        _ => None,
    };
    let prefix = state.profile.scope_prefix;
    needed.map(|(repository, action)| (format!("{prefix}{repository}"), action))
}

/// The token server.
pub(super) fn token(state: &State, asked: &Asked) -> Reply {
    let Auth::Token(auth) = &state.profile.auth else {
        return Reply::error(404, "NOT_FOUND", "no tokens here");
    };
    let form = match asked.head.method {
        Method::POST => asked.body.to_vec(),
        _ => asked
            .head
            .uri
            .query()
            .unwrap_or_default()
            .as_bytes()
            .to_vec(),
    };
    let get = |name: &str| {
        form_urlencoded::parse(&form)
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .collect::<Vec<_>>()
    };
    let known = match asked.head.method {
        Method::POST => {
            if auth.refresh_token.is_none() {
                return Reply::error(405, "UNSUPPORTED", "no POST here");
            }
            get("grant_type") == ["refresh_token"]
                && !get("client_id").is_empty()
                && get("refresh_token").first() == auth.refresh_token.as_ref()
        }
        _ => {
            let shown = asked.head.headers.get(AUTHORIZATION);
            match shown.and_then(|value| basic(value.to_str().ok()?)) {
                Some((name, password)) => name == auth.username && state.is_password(&password),
                None if auth.anonymous_pull => {
                    return give(state, auth, &get("scope"), &["pull"], "token");
                }
                None => false,
            }
        }
    };
    if !known {
        return Reply::error(401, "UNAUTHORIZED", "incorrect username or password");
    }
    let name = if asked.head.method == Method::POST {
        "access_token"
    } else {
        "token"
    };
    give(
        state,
        auth,
        &get("scope"),
        &["pull", "push", "delete"],
        name,
    )
}

fn give(state: &State, auth: &TokenAuth, scopes: &[String], allowed: &[&str], name: &str) -> Reply {
    let mut permitted = Vec::new();
    for scope in scopes.iter().flat_map(|scopes| scopes.split(' ')) {
        let mut parts = scope.splitn(3, ':');
        let (_, repository, actions) = (parts.next(), parts.next(), parts.next());
        for action in actions.unwrap_or_default().split(',') {
            if allowed.contains(&action) {
                permitted.push(format!("{}:{action}", repository.unwrap_or_default()));
            }
        }
    }
    let mut tokens = state.tokens();
    tokens.next += 1;
    let text = format!("fake-token-{}", tokens.next);
    let life = auth.life.unwrap_or(Duration::from_secs(60));
    tokens.given.insert(
        text.clone(),
        Grant {
            permitted,
            until: Instant::now() + life,
        },
    );
    let mut document = serde_json::json!({ name: text });
    if let Some(life) = auth.life {
        document["expires_in"] = life.as_secs().into();
    }
    Reply::new(200)
        .header("content-type", "application/json")
        .body(document.to_string())
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (name, password) = text.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}
