use sockerless_reference::Reference;
use sockerless_registry::{Client, Credentials, ErrorKind, Repository, parse_registry_auth};

use crate::{Engine, Error, Kind};

impl Engine {
    /// The repository with a canonical name, asked with the credentials of an `X-Registry-Auth`
    /// header if it has any, else with those that are known.
    pub(crate) fn repository(&self, name: &str, auth: Option<&str>) -> Result<Repository, Error> {
        reach(&self.registries, name, auth)
    }

    /// The repository of a reference.
    pub(crate) fn repository_of(
        &self,
        name: &Reference,
        auth: Option<&str>,
    ) -> Result<Repository, Error> {
        self.repository(name.repository(), auth)
    }
}

/// The repository with a canonical name, through one of the clients.
pub(crate) fn reach(client: &Client, name: &str, auth: Option<&str>) -> Result<Repository, Error> {
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    client
        .repository(host, path, credentials(auth))
        .map_err(Error::registry)
}

/// The credentials of an `X-Registry-Auth` header. One that cannot be read, or that says nothing,
/// counts as none, as in Docker.
fn credentials(auth: Option<&str>) -> Option<Credentials> {
    match parse_registry_auth(auth?) {
        Ok(header) => Some(header.credentials).filter(|c| *c != Credentials::Anonymous),
        Err(error) => {
            tracing::info!(%error, "credentials of the request are ignored");
            None
        }
    }
}

impl Error {
    /// What a registry said, with what a client can do about it.
    pub(crate) fn registry(error: sockerless_registry::Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::NotFound => Kind::NotFound,
            ErrorKind::Unauthorized | ErrorKind::Credentials => Kind::Unauthorized,
            ErrorKind::Denied => Kind::Forbidden,
            ErrorKind::RateLimited | ErrorKind::Unavailable => Kind::Unavailable,
            ErrorKind::Invalid => Kind::InvalidParameter,
            ErrorKind::TagImmutable => Kind::Conflict,
            _ => Kind::Internal,
        };
        Self::new(kind, error.to_string()).with_source(error)
    }
}
