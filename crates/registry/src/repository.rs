//! One repository of a registry, and the beginning of uploads to it.

use std::fmt;
use std::sync::Arc;

use http::Uri;
use http::{Method, StatusCode};

use crate::auth::Scope;
use crate::credentials::ResolvedCredentials;
use crate::error::{Error, Fault, Subject};
use crate::location;
use crate::name::is_repository;
use crate::registry::{Access, Ask, Registry};
use crate::retry::RetryListener;

/// One repository of one registry, accessed with one set of credentials.
///
/// A clone shares them. All operations retry transient failures, within the client's
/// [`RetryPolicy`](crate::RetryPolicy).
#[derive(Clone)]
pub struct Repository {
    pub(crate) registry: Arc<Registry>,
    pub(crate) access: Arc<Access>,
    path: Arc<str>,
}

impl Repository {
    pub(crate) fn new(registry: Arc<Registry>, path: String, access: Access) -> Self {
        Self {
            registry,
            access: Arc::new(access),
            path: path.into(),
        }
    }

    /// The same repository, with `listener` called before each retry.
    #[must_use]
    pub fn telling(&self, listener: RetryListener) -> Self {
        Self {
            access: Arc::new(self.access.with_listener(listener)),
            ..self.clone()
        }
    }

    /// Another repository of the same registry, accessed with the same credentials.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if `path` is not valid.
    pub fn sibling(&self, path: &str) -> Result<Self, Error> {
        if !is_repository(path) {
            let fault = Fault::Name {
                what: "repository",
                text: path.to_owned(),
            };
            return Err(Error::new(
                self.host(),
                Some(path),
                Subject::Registry,
                fault,
            ));
        }
        Ok(Self {
            path: path.into(),
            ..self.clone()
        })
    }

    /// The registry's host, as the caller named it.
    pub fn host(&self) -> &str {
        self.registry.name()
    }

    /// The repository's path.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Verifies that the registry responds and accepts the credentials. This repository is not
    /// checked.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) if it does not accept them, and
    /// any other failure of the registry.
    pub async fn ping(&self) -> Result<(), Error> {
        self.registry
            .ping(&self.access)
            .await
            .map_err(|fault| self.error(Subject::Registry, fault))
    }

    /// The credentials in use, and where they were found.
    ///
    /// # Errors
    /// [`ErrorKind::Credentials`](crate::ErrorKind::Credentials) if they cannot be read.
    pub async fn credentials(&self) -> Result<ResolvedCredentials, Error> {
        let found = self.registry.credentials(&self.access).await;
        found.map_err(|fault| self.error(Subject::Registry, fault))
    }

    /// Verifies that an upload is permitted, by beginning one and cancelling it.
    ///
    /// # Errors
    /// [`ErrorKind::Denied`](crate::ErrorKind::Denied),
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) or, where a repository must
    /// exist beforehand, [`ErrorKind::NotFound`](crate::ErrorKind::NotFound).
    pub async fn check_push(&self) -> Result<(), Error> {
        let mut tries = self.registry.tries(&self.access);
        loop {
            match self.begin_and_cancel().await {
                Ok(()) => return Ok(()),
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| self.error(Subject::NewBlob, fault))?;
                }
            }
        }
    }

    async fn begin_and_cancel(&self) -> Result<(), Fault> {
        let session = self.begin_upload().await?;
        // Best effort: many registries do not permit it with push access only, and all of them let
        // the session expire.
        let ask = Ask::new(Method::DELETE, session, self.push_scope());
        if let Err(fault) = self.registry.call(&self.access, &ask).await {
            tracing::debug!(%fault, "calling off an upload");
        }
        Ok(())
    }

    /// Opens an upload session and returns its first location.
    pub(crate) async fn begin_upload(&self) -> Result<Uri, Fault> {
        let url = self.url("blobs/uploads/").await?;
        let ask = Ask::new(Method::POST, url, self.push_scope());
        let reply = self.registry.call(&self.access, &ask).await?;
        let begun = [
            StatusCode::ACCEPTED,
            StatusCode::OK,
            StatusCode::CREATED,
            StatusCode::NO_CONTENT,
        ];
        if !begun.contains(&reply.status()) {
            return Err(Fault::Malformed(format!(
                "status {} for a new upload",
                reply.status()
            )));
        }
        self.upload_location(reply.url(), reply.headers().get(http::header::LOCATION))
            .await
    }

    /// The next location of an upload, as the registry says, if that is admitted.
    pub(crate) async fn upload_location(
        &self,
        asked: &Uri,
        location: Option<&http::HeaderValue>,
    ) -> Result<Uri, Fault> {
        let next = location::resolve_header(asked, location)?;
        let endpoint = self.registry.endpoint().await?;
        self.registry.admit(&endpoint, &next)?;
        Ok(next)
    }

    /// The URL of `rest` in this repository.
    pub(crate) async fn url(&self, rest: &str) -> Result<Uri, Fault> {
        self.registry
            .endpoint()
            .await?
            .url(&format!("/v2/{}/{rest}", self.path))
    }

    pub(crate) fn pull_scope(&self) -> Scope {
        Scope::Pull {
            repository: self.path.to_string(),
        }
    }

    pub(crate) fn push_scope(&self) -> Scope {
        Scope::Push {
            repository: self.path.to_string(),
            from: None,
        }
    }

    pub(crate) fn error(&self, subject: Subject, fault: Fault) -> Error {
        let fault = self.access.clean(fault);
        Error::new(self.host(), Some(&self.path), subject, fault)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repository({}/{})", self.host(), self.path)
    }
}
