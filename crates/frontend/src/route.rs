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
    /// `GET /images/{name}/history`.
    ImageHistory {
        /// The image as the client names it.
        name: String,
    },
    /// `DELETE /images/{name}`.
    RemoveImage {
        /// The image as the client names it.
        name: String,
    },
    /// `POST /images/prune`.
    PruneImages,
    /// `GET /images/get`: the names are parameters.
    SaveImages,
    /// `GET /images/{name}/get`.
    SaveImage {
        /// The image as the client names it.
        name: String,
    },
    /// `GET /images/search`.
    SearchImages,
    /// `GET /images/{name}/attestations`.
    Attestations,
    /// `GET /containers/json`.
    ListContainers,
    /// `POST /containers/create`.
    CreateContainer,
    /// `GET /containers/{name}/json`.
    InspectContainer {
        /// The container as the client names it.
        name: String,
    },
    /// `POST /containers/{name}/rename`.
    RenameContainer {
        /// The container as the client names it.
        name: String,
    },
    /// `DELETE /containers/{name}`.
    RemoveContainer {
        /// The container as the client names it.
        name: String,
    },
    /// `POST /containers/prune`.
    PruneContainers,
    /// `GET /events`.
    Events,
    /// `GET /system/df`.
    DiskUsage,
    /// `GET /volumes`, `GET /networks` and others, of which there is nothing here.
    Nothing(Nothing),
    /// One of them by its name, such as `GET /networks/{name}`.
    Absent {
        /// What it would be.
        kind: Absent,
        /// As the client names it.
        name: String,
    },
    /// A route that runs a container or looks at one that runs.
    RunContainer {
        /// The container as the client names it.
        name: String,
    },
    /// A route of something that runs in a container.
    NoBackend,
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

impl Route {
    /// For a route that is newer than the oldest API that is served: its pattern as Docker writes
    /// it, and N of the API 1.N that it came with.
    pub(crate) fn minimum(&self) -> Option<(&'static str, u16)> {
        Some(match self {
            Self::PruneImages => ("POST /images/prune", 25),
            Self::PruneContainers => ("POST /containers/prune", 25),
            Self::Nothing(Nothing::VolumesPruned) => ("POST /volumes/prune", 25),
            Self::Nothing(Nothing::NetworksPruned) => ("POST /networks/prune", 25),
            Self::InspectDistribution { .. } => ("GET /distribution/{name:.*}/json", 30),
            Self::Nothing(Nothing::BuildPruned) => ("POST /build/prune", 31),
            Self::Attestations => ("GET /images/{name:.*}/attestations", 55),
            _ => return None,
        })
    }
}

/// Things that only a backend that runs containers has, and that clients ask for in passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Absent {
    /// A network.
    Network,
    /// A volume.
    Volume,
    /// A plugin.
    Plugin,
}

/// Lists of what only a backend that runs containers has, and that clients ask for in passing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nothing {
    /// `GET /volumes`.
    Volumes,
    /// `POST /volumes/prune`.
    VolumesPruned,
    /// `GET /networks`.
    Networks,
    /// `POST /networks/prune`.
    NetworksPruned,
    /// `GET /plugins`.
    Plugins,
    /// `POST /build/prune`.
    BuildPruned,
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
    History,
    Remove,
    Prune,
    SaveSeveral,
    Save,
    Search,
    Attestations,
    Containers,
    NewContainer,
    Container,
    Rename,
    RemoveContainer,
    PruneContainers,
    Events,
    Usage,
    Empty(Nothing),
    Missing(Absent),
    Run,
    NoBackend,
    Distribution,
    Login,
    NotServed,
}

use Endpoint::{
    Attestations, Container, Containers, Create, Distribution, Empty, Events, History, Info,
    Inspect, List, Load, Login, Missing, NewContainer, NoBackend, NotServed, Ping, Prune,
    PruneContainers, Push, Remove, RemoveContainer, Rename, Run, Save, SaveSeveral, Search, Tag,
    Usage, Version,
};

/// In Docker's order: the first that matches is meant.
const ROUTES: &[(&str, Endpoint)] = &[
    ("GET /_ping", Ping),
    ("HEAD /_ping", Ping),
    ("GET /version", Version),
    ("GET /info", Info),
    ("POST /images/load", Load),
    ("GET /images/json", List),
    ("GET /images/search", Search),
    ("GET /images/get", SaveSeveral),
    ("GET /images/{name}/get", Save),
    ("GET /images/{name}/history", History),
    ("GET /images/{name}/json", Inspect),
    ("GET /images/{name}/attestations", Attestations),
    ("POST /images/create", Create),
    ("POST /images/{name}/push", Push),
    ("POST /images/{name}/tag", Tag),
    ("POST /images/prune", Prune),
    ("DELETE /images/{name}", Remove),
    ("GET /distribution/{name}/json", Distribution),
    ("POST /auth", Login),
    ("GET /events", Events),
    ("GET /system/df", Usage),
    ("POST /session", NotServed),
    ("POST /grpc", NotServed),
    ("POST /build", NotServed),
    ("POST /build/prune", Empty(Nothing::BuildPruned)),
    ("POST /build/cancel", NotServed),
    ("POST /commit", NotServed),
    ("HEAD /containers/{name}/archive", Run),
    ("GET /containers/json", Containers),
    ("GET /containers/{name}/export", Run),
    ("GET /containers/{name}/changes", Run),
    ("GET /containers/{name}/json", Container),
    ("GET /containers/{name}/top", Run),
    ("GET /containers/{name}/logs", Run),
    ("GET /containers/{name}/stats", Run),
    ("GET /containers/{name}/attach/ws", Run),
    ("GET /containers/{name}/archive", Run),
    ("GET /containers/{name}/checkpoints", Run),
    ("POST /containers/create", NewContainer),
    ("POST /containers/{name}/kill", Run),
    ("POST /containers/{name}/pause", Run),
    ("POST /containers/{name}/unpause", Run),
    ("POST /containers/{name}/restart", Run),
    ("POST /containers/{name}/start", Run),
    ("POST /containers/{name}/stop", Run),
    ("POST /containers/{name}/wait", Run),
    ("POST /containers/{name}/resize", Run),
    ("POST /containers/{name}/attach", Run),
    ("POST /containers/{name}/exec", Run),
    ("POST /containers/{name}/rename", Rename),
    ("POST /containers/{name}/update", Run),
    ("POST /containers/{name}/checkpoints", Run),
    ("POST /containers/prune", PruneContainers),
    ("PUT /containers/{name}/archive", Run),
    ("DELETE /containers/{name}", RemoveContainer),
    ("GET /exec/{name}/json", NoBackend),
    ("POST /exec/{name}/start", NoBackend),
    ("POST /exec/{name}/resize", NoBackend),
    ("GET /networks", Empty(Nothing::Networks)),
    ("GET /networks/", Empty(Nothing::Networks)),
    ("GET /networks/{name}", Missing(Absent::Network)),
    ("POST /networks/create", NotServed),
    ("POST /networks/{name}/connect", NotServed),
    ("POST /networks/{name}/disconnect", NotServed),
    ("POST /networks/prune", Empty(Nothing::NetworksPruned)),
    ("DELETE /networks/{name}", Missing(Absent::Network)),
    ("GET /volumes", Empty(Nothing::Volumes)),
    ("GET /volumes/{name}", Missing(Absent::Volume)),
    ("POST /volumes/create", NotServed),
    ("POST /volumes/prune", Empty(Nothing::VolumesPruned)),
    ("PUT /volumes/{name}", Missing(Absent::Volume)),
    ("DELETE /volumes/{name}", Missing(Absent::Volume)),
    ("GET /plugins", Empty(Nothing::Plugins)),
    ("GET /plugins/{name}/json", Missing(Absent::Plugin)),
    ("GET /plugins/privileges", NotServed),
    ("DELETE /plugins/{name}", Missing(Absent::Plugin)),
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
            History => Route::ImageHistory { name },
            Remove => Route::RemoveImage { name },
            Prune => Route::PruneImages,
            SaveSeveral => Route::SaveImages,
            Save => Route::SaveImage { name },
            Search => Route::SearchImages,
            Attestations => Route::Attestations,
            Containers => Route::ListContainers,
            NewContainer => Route::CreateContainer,
            Container => Route::InspectContainer { name },
            Rename => Route::RenameContainer { name },
            RemoveContainer => Route::RemoveContainer { name },
            PruneContainers => Route::PruneContainers,
            Events => Route::Events,
            Usage => Route::DiskUsage,
            Empty(nothing) => Route::Nothing(nothing),
            Missing(kind) => Route::Absent { kind, name },
            Run => Route::RunContainer { name },
            NoBackend => Route::NoBackend,
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
