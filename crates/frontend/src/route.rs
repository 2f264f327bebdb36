//! Routes a request: finds its row in the table and the values that its path captures.
//!
//! Image names contain slashes, and Docker decodes `%2F` before it routes, so a path is matched as
//! a whole.

mod captures;
mod path;
mod pattern;
mod table;

use std::fmt;
use std::pin::Pin;

use hyper::Response;

pub use self::captures::Captures;
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// The future of an endpoint's response.
pub(crate) type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<Response<Body>, Failure>> + Send + 'a>>;

/// The type of every endpoint: a function of the frontend and the call.
pub(crate) type Handler = for<'a> fn(&'a Frontend, Call) -> Answer<'a>;

/// One row of the table of routes: which requests it matches, and the endpoint for them.
pub struct Route {
    methods: &'static [&'static str],
    pattern: &'static str,
    since: Option<u16>,
    is_at_the_door: bool,
    pub(crate) handler: Handler,
}

impl Route {
    pub(crate) const fn new(
        methods: &'static [&'static str],
        pattern: &'static str,
        handler: Handler,
    ) -> Self {
        Self {
            methods,
            pattern,
            since: None,
            is_at_the_door: false,
            handler,
        }
    }

    /// The route exists since API 1.`minor`, which is newer than the oldest supported one.
    const fn since(mut self, minor: u16) -> Self {
        self.since = Some(minor);
        self
    }

    /// The route also serves a connection that has no place yet.
    const fn at_the_door(mut self) -> Self {
        self.is_at_the_door = true;
        self
    }

    /// The methods that the route matches.
    pub fn methods(&self) -> &'static [&'static str] {
        self.methods
    }

    /// The pattern of the path as Docker writes it: `/images/{name:.*}/json`.
    pub fn pattern(&self) -> &'static str {
        self.pattern
    }

    /// The method and the pattern as Docker writes them: `GET /images/{name:.*}/json`.
    pub(crate) fn endpoint(&self) -> String {
        format!("{} {}", self.methods.join("|"), self.pattern)
    }

    /// The N of the API 1.N since which the route exists, when an older one is supported too.
    pub(crate) fn minimum(&self) -> Option<u16> {
        self.since
    }

    /// Whether the route also serves a connection that has no place yet.
    pub(crate) fn is_at_the_door(&self) -> bool {
        self.is_at_the_door
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.endpoint())
    }
}

/// A route, what its pattern captures, and the API version in the path.
#[derive(Debug, Clone)]
pub struct Routed {
    /// The text after `/v`, not checked: `1.41`.
    pub version: Option<String>,
    /// The row of the table.
    pub route: &'static Route,
    /// The values of the variables of the pattern.
    pub captures: Captures,
}

/// Why a request has no route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reject {
    /// No such path, or not with this method.
    Unknown,
    /// The path has `//`, `.` or `..` in it; clients are redirected to the clean one.
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

/// Routes a request. `path` is as received: percent-encoded, without query.
///
/// # Errors
/// [`Reject`], for a path that is not clean, unknown, or not for this method.
pub fn route(method: &str, path: &str) -> Result<Routed, Reject> {
    if method == OPTIONS && path == "*" {
        return Ok(Routed {
            version: None,
            route: &table::OPTIONS_OF_ANYTHING,
            captures: Captures::default(),
        });
    }
    let path = path::cleaned(path)?;
    if let Some((version, rest)) = path::split_version(&path)
        && let Some((route, captures)) = find(method, rest)
    {
        return Ok(Routed {
            version: Some(version.to_owned()),
            route,
            captures,
        });
    }
    let (route, captures) = find(method, &path).ok_or(Reject::Unknown)?;
    Ok(Routed {
        version: None,
        route,
        captures,
    })
}

const OPTIONS: &str = "OPTIONS";

fn find(method: &str, path: &str) -> Option<(&'static Route, Captures)> {
    if method == OPTIONS {
        return Some((&table::OPTIONS_OF_ANYTHING, Captures::default()));
    }
    table::ROUTES
        .iter()
        .filter(|route| route.methods.contains(&method))
        .find_map(|route| Some((route, pattern::captures(route.pattern, path)?)))
}

#[cfg(test)]
mod tests;
