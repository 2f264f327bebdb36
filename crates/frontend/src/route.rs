//! Every route of the Docker Engine API on one page: which request means what.
//!
//! Image names contain slashes, and Docker decodes `%2F` before it routes, so a path is matched
//! as a whole: `{name}` stands for any text with slashes, `{id}` for one segment.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

/// What a request asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// `OPTIONS` of anything.
    Options,
    /// `GET` or `HEAD /_ping`.
    Ping,
    /// `GET /version`.
    Version,
    /// `GET /info`.
    Info,
    /// `POST /images/load`.
    LoadImages,
    /// `POST /images/create`.
    CreateImage,
    /// `GET /images/json`.
    ListImages,
    /// `GET /images/{name}/json`.
    InspectImage {
        /// The image as the client names it.
        name: String,
    },
    /// `POST /images/{name}/tag`.
    TagImage {
        /// The image as the client names it.
        name: String,
    },
    /// `POST /images/{name}/push`.
    PushImage {
        /// The image as the client names it.
        name: String,
    },
    /// `GET /distribution/{name}/json`.
    InspectDistribution {
        /// The image as the client names it.
        name: String,
    },
    /// `POST /auth`.
    Login,
    /// A route of the Docker Engine that is not served here.
    NotServed {
        /// Its method and path, as Docker documents it.
        endpoint: &'static str,
    },
}

/// A route and the API version that the path asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routed {
    /// What stands after `/v`, not checked: `1.41`.
    pub version: Option<String>,
    /// What is asked for.
    pub route: Route,
}

/// Why a request has no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reject {
    /// No such path, or not with this method.
    Unknown,
    /// The path has `//`, `.` or `..` in it; clients are sent to the clean one.
    Unclean {
        /// The clean path, percent-encoded, without query.
        location: String,
    },
    /// A `%` without two hexadecimal digits after it.
    Escape {
        /// The `%` and what follows it, three characters at most.
        escape: String,
    },
}

#[derive(Clone, Copy)]
enum Endpoint {
    Ping,
    Version,
    Info,
    Load,
    Create,
    List,
    Inspect,
    Tag,
    Push,
    Distribution,
    Login,
    NotServed,
}

use Endpoint::{
    Create, Distribution, Info, Inspect, List, Load, Login, NotServed, Ping, Push, Tag, Version,
};

/// In Docker's order: the first that matches is meant.
const ROUTES: &[(&str, Endpoint)] = &[
    ("GET /_ping", Ping),
    ("HEAD /_ping", Ping),
    ("GET /version", Version),
    ("GET /info", Info),
    ("POST /images/load", Load),
    ("GET /images/json", List),
    ("GET /images/search", NotServed),
    ("GET /images/get", NotServed),
    ("GET /images/{name}/get", NotServed),
    ("GET /images/{name}/history", NotServed),
    ("GET /images/{name}/json", Inspect),
    ("GET /images/{name}/attestations", NotServed),
    ("POST /images/create", Create),
    ("POST /images/{name}/push", Push),
    ("POST /images/{name}/tag", Tag),
    ("POST /images/prune", NotServed),
    ("DELETE /images/{name}", NotServed),
    ("GET /distribution/{name}/json", Distribution),
    ("POST /auth", Login),
    ("GET /events", NotServed),
    ("GET /system/df", NotServed),
    ("POST /session", NotServed),
    ("POST /grpc", NotServed),
    ("POST /build", NotServed),
    ("POST /build/prune", NotServed),
    ("POST /build/cancel", NotServed),
    ("POST /commit", NotServed),
    ("HEAD /containers/{name}/archive", NotServed),
    ("GET /containers/json", NotServed),
    ("GET /containers/{name}/export", NotServed),
    ("GET /containers/{name}/changes", NotServed),
    ("GET /containers/{name}/json", NotServed),
    ("GET /containers/{name}/top", NotServed),
    ("GET /containers/{name}/logs", NotServed),
    ("GET /containers/{name}/stats", NotServed),
    ("GET /containers/{name}/attach/ws", NotServed),
    ("GET /containers/{name}/archive", NotServed),
    ("GET /containers/{name}/checkpoints", NotServed),
    ("POST /containers/create", NotServed),
    ("POST /containers/{name}/kill", NotServed),
    ("POST /containers/{name}/pause", NotServed),
    ("POST /containers/{name}/unpause", NotServed),
    ("POST /containers/{name}/restart", NotServed),
    ("POST /containers/{name}/start", NotServed),
    ("POST /containers/{name}/stop", NotServed),
    ("POST /containers/{name}/wait", NotServed),
    ("POST /containers/{name}/resize", NotServed),
    ("POST /containers/{name}/attach", NotServed),
    ("POST /containers/{name}/exec", NotServed),
    ("POST /containers/{name}/rename", NotServed),
    ("POST /containers/{name}/update", NotServed),
    ("POST /containers/{name}/checkpoints", NotServed),
    ("POST /containers/prune", NotServed),
    ("PUT /containers/{name}/archive", NotServed),
    ("DELETE /containers/{name}", NotServed),
    ("GET /exec/{name}/json", NotServed),
    ("POST /exec/{name}/start", NotServed),
    ("POST /exec/{name}/resize", NotServed),
    ("GET /networks", NotServed),
    ("GET /networks/{name}", NotServed),
    ("POST /networks/create", NotServed),
    ("POST /networks/{name}/connect", NotServed),
    ("POST /networks/{name}/disconnect", NotServed),
    ("POST /networks/prune", NotServed),
    ("DELETE /networks/{name}", NotServed),
    ("GET /volumes", NotServed),
    ("GET /volumes/{name}", NotServed),
    ("POST /volumes/create", NotServed),
    ("POST /volumes/prune", NotServed),
    ("PUT /volumes/{name}", NotServed),
    ("DELETE /volumes/{name}", NotServed),
    ("GET /plugins", NotServed),
    ("GET /plugins/{name}/json", NotServed),
    ("GET /plugins/privileges", NotServed),
    ("DELETE /plugins/{name}", NotServed),
    ("POST /plugins/{name}/enable", NotServed),
    ("POST /plugins/{name}/disable", NotServed),
    ("POST /plugins/pull", NotServed),
    ("POST /plugins/{name}/push", NotServed),
    ("POST /plugins/{name}/upgrade", NotServed),
    ("POST /plugins/{name}/set", NotServed),
    ("POST /plugins/create", NotServed),
    ("POST /swarm/init", NotServed),
    ("POST /swarm/join", NotServed),
    ("POST /swarm/leave", NotServed),
    ("GET /swarm", NotServed),
    ("GET /swarm/unlockkey", NotServed),
    ("POST /swarm/update", NotServed),
    ("POST /swarm/unlock", NotServed),
    ("GET /services", NotServed),
    ("GET /services/{id}", NotServed),
    ("POST /services/create", NotServed),
    ("POST /services/{id}/update", NotServed),
    ("DELETE /services/{id}", NotServed),
    ("GET /services/{id}/logs", NotServed),
    ("GET /nodes", NotServed),
    ("GET /nodes/{id}", NotServed),
    ("DELETE /nodes/{id}", NotServed),
    ("POST /nodes/{id}/update", NotServed),
    ("GET /tasks", NotServed),
    ("GET /tasks/{id}", NotServed),
    ("GET /tasks/{id}/logs", NotServed),
    ("GET /secrets", NotServed),
    ("POST /secrets/create", NotServed),
    ("DELETE /secrets/{id}", NotServed),
    ("GET /secrets/{id}", NotServed),
    ("POST /secrets/{id}/update", NotServed),
    ("GET /configs", NotServed),
    ("POST /configs/create", NotServed),
    ("DELETE /configs/{id}", NotServed),
    ("GET /configs/{id}", NotServed),
    ("POST /configs/{id}/update", NotServed),
];

/// Finds what a request means. `path` is as it came, percent-encoded, without query.
///
/// # Errors
/// [`Reject`], for a path that is not clean, unknown, or not for this method.
pub fn route(method: &str, path: &str) -> Result<Routed, Reject> {
    if method == "OPTIONS" && path == "*" {
        return Ok(Routed {
            version: None,
            route: Route::Options,
        });
    }
    let decoded = decode(path)?;
    let clean = clean(&decoded);
    if clean != decoded {
        return Err(Reject::Unclean {
            location: percent_encode(&clean, PATH).to_string(),
        });
    }
    let path = String::from_utf8_lossy(&clean);
    if let Some((version, rest)) = split_version(&path)
        && let Some(route) = find(method, rest)
    {
        return Ok(Routed {
            version: Some(version.to_owned()),
            route,
        });
    }
    let route = find(method, &path).ok_or(Reject::Unknown)?;
    Ok(Routed {
        version: None,
        route,
    })
}

fn find(method: &str, path: &str) -> Option<Route> {
    if method == "OPTIONS" {
        return Some(Route::Options);
    }
    ROUTES.iter().find_map(|&(endpoint, kind)| {
        let (wanted, pattern) = endpoint.split_once(' ')?;
        let name = (wanted == method)
            .then(|| matches(pattern, path))
            .flatten()?
            .to_owned();
        Some(match kind {
            Ping => Route::Ping,
            Version => Route::Version,
            Info => Route::Info,
            Load => Route::LoadImages,
            Create => Route::CreateImage,
            List => Route::ListImages,
            Inspect => Route::InspectImage { name },
            Tag => Route::TagImage { name },
            Push => Route::PushImage { name },
            Distribution => Route::InspectDistribution { name },
            Login => Route::Login,
            NotServed => Route::NotServed { endpoint },
        })
    })
}

/// What stands in `path` for the variable of `pattern`; empty for a pattern without one.
fn matches<'a>(pattern: &str, path: &'a str) -> Option<&'a str> {
    let Some((prefix, rest)) = pattern.split_once('{') else {
        return (pattern == path).then_some("");
    };
    let (variable, suffix) = rest.split_once('}')?;
    let value = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
    // The dot of Docker's patterns matches no line feed.
    let fits = match variable {
        "id" => !value.is_empty() && !value.contains('/'),
        _ => !value.contains('\n'),
    };
    fits.then_some(value)
}

/// Splits `/v1.41/info` into `1.41` and `/info`.
fn split_version(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/v")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (version, rest) = rest.split_at(end);
    (!version.is_empty() && rest.starts_with('/')).then_some((version, rest))
}

/// What Go leaves as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

fn decode(path: &str) -> Result<Vec<u8>, Reject> {
    crate::query::check_escapes(path).map_err(|escape| Reject::Escape { escape })?;
    Ok(percent_encoding::percent_decode_str(path).collect())
}

/// The path without empty, `.` and `..` segments; a slash at the end stays.
fn clean(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|&byte| byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut clean = Vec::with_capacity(path.len() + 1);
    for segment in &segments {
        clean.push(b'/');
        clean.extend_from_slice(segment);
    }
    if segments.is_empty() || path.ends_with(b"/") {
        clean.push(b'/');
    }
    clean
}

#[cfg(test)]
mod tests;
