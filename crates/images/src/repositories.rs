//! Which credentials each repository is accessed with.

use sockerless_reference::Reference;
use sockerless_registry::{Client, Credentials, ErrorKind, Repository, parse_registry_auth};

use crate::images::StagingConfig;
use crate::{Error, Images, Kind};

impl Images {
    /// The repository with a canonical name, for what the daemon does by itself, with the daemon's
    /// own credentials.
    pub(crate) fn own_repository(&self, name: &str) -> Result<Repository, Error> {
        reach(&self.registries, name, None)
    }

    /// The repository of a reference for a client, with the credentials in its `X-Registry-Auth`
    /// header, or with none. The daemon's own are used only if it is configured to share them.
    pub(crate) fn client_repository(
        &self,
        registries: &Client,
        name: &Reference,
        auth: Option<&str>,
    ) -> Result<Repository, Error> {
        let credentials = credentials(auth);
        let credentials = match self.config.share_credentials {
            true => credentials,
            false => Some(credentials.unwrap_or_default()),
        };
        reach(registries, name.repository(), credentials)
    }

    /// The staging repository, with the credentials of a load, if it has any, otherwise with the
    /// daemon's own.
    pub(crate) fn staging_repository(
        &self,
        registries: &Client,
        staging: &StagingConfig,
        auth: Option<&str>,
    ) -> Result<Repository, Error> {
        reach(
            registries,
            staging.repository.repository(),
            credentials(auth),
        )
    }

    /// The repository with a canonical name, to read from it for a push to `near`: with the same
    /// credentials if it is in the same registry. The staging repository is read with the daemon's
    /// own.
    pub(crate) fn repository_near(
        &self,
        name: &str,
        near: Option<&Repository>,
    ) -> Result<Repository, Error> {
        let staging = self.config.staging.as_ref();
        let is_staging = staging.is_some_and(|staging| staging.repository.repository() == name);
        let (host, path) = name.split_once('/').unwrap_or((name, ""));
        match near.filter(|near| near.host() == host && !is_staging) {
            Some(near) => near.sibling(path).map_err(Error::registry),
            None => self.own_repository(name),
        }
    }
}

/// The repository with a canonical name, through one of the clients.
fn reach(
    client: &Client,
    name: &str,
    credentials: Option<Credentials>,
) -> Result<Repository, Error> {
    let (host, path) = name.split_once('/').unwrap_or((name, ""));
    client
        .repository(host, path, credentials)
        .map_err(Error::registry)
}

/// The credentials of an `X-Registry-Auth` header. An invalid or empty one counts as none, as in
/// Docker.
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
    /// An error of a registry, with the kind that a client can act on.
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

    /// A registry's refusal of a client's credentials with only its own message, which clients
    /// expect at the beginning: `denied: requested access to the resource is denied`.
    pub(crate) fn in_its_words(self) -> Self {
        let source = self.registry_source();
        let words = source.filter(|error| {
            matches!(
                error.kind(),
                ErrorKind::Unauthorized | ErrorKind::Denied | ErrorKind::RateLimited
            )
        });
        match words.map(|error| error.fault().to_string()) {
            Some(words) => self.with_message(words),
            None => self,
        }
    }
}
