//! The client: one configuration, with the registries, connections and tokens that it keeps.

use std::collections::HashMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rustls::RootCertStore;

use crate::config::{Config, DockerConfigFile};
use crate::credentials::{
    CredentialError, CredentialOrigin, Credentials, DockerConfig, Entry, Helper,
    ResolvedCredentials,
};
use crate::error::{Error, Fault, Subject};
use crate::host::{Host, is_ecr};
use crate::name::is_repository;
use crate::registry::{Access, Registry};
use crate::repository::Repository;
use crate::transport::tls;

/// Maximum number of registries whose connections and tokens a client keeps.
const REGISTRIES: usize = 128;

/// Accesses registries with one [`Config`]. A clone shares connections and tokens.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
    registries: Arc<Mutex<HashMap<String, Arc<Registry>>>>,
}

/// What all registries of a client share.
pub(crate) struct Shared {
    pub(crate) config: Config,
    roots: tokio::sync::Mutex<Option<Arc<RootCertStore>>>,
}

impl Client {
    /// A client with this configuration. Nothing is read or connected before it is needed.
    pub fn new(config: Config) -> Self {
        let shared = Shared {
            config,
            roots: tokio::sync::Mutex::default(),
        };
        Self {
            shared: Arc::new(shared),
            registries: Arc::default(),
        }
    }

    /// The repository `path` of the registry `host`, both in canonical form: `docker.io` and
    /// `library/alpine`, not `alpine`.
    ///
    /// It uses `credentials`, including [`Credentials::Anonymous`]; if absent, those of the Docker
    /// configuration file.
    ///
    /// # Errors
    /// [`ErrorKind::Invalid`](crate::ErrorKind::Invalid) if a name is not valid.
    pub fn repository(
        &self,
        host: &str,
        path: &str,
        credentials: Option<Credentials>,
    ) -> Result<Repository, Error> {
        let registry = self.registry(host)?;
        if !is_repository(path) {
            let fault = Fault::Name {
                what: "repository",
                text: path.to_owned(),
            };
            return Err(Error::new(host, Some(path), Subject::Registry, fault));
        }
        let access = Access::new(credentials);
        Ok(Repository::new(registry, path.to_owned(), access))
    }

    /// Verifies that `host` responds and accepts `credentials` (or, if absent, those that a
    /// repository of it would use), and returns which those were.
    ///
    /// No cached token is used and none is kept: an invalid password is detected even if there
    /// still is a token for it.
    ///
    /// # Errors
    /// [`ErrorKind::Unauthorized`](crate::ErrorKind::Unauthorized) if it does not accept them, and
    /// any other failure of the registry.
    pub async fn login(
        &self,
        host: &str,
        credentials: Option<Credentials>,
    ) -> Result<ResolvedCredentials, Error> {
        let registry = self.fresh_registry(host)?;
        let access = Access::new(credentials);
        let fail = |fault| Error::new(host, None, Subject::Registry, access.clean(fault));
        registry.ping(&access).await.map_err(fail)?;
        registry.credentials(&access).await.map_err(fail)
    }

    /// A registry with no cached state.
    fn fresh_registry(&self, name: &str) -> Result<Registry, Error> {
        let host =
            Host::parse(name).map_err(|fault| Error::new(name, None, Subject::Registry, fault))?;
        Ok(Registry::new(host, Arc::clone(&self.shared)))
    }

    /// Reads certificates and credentials again when they are next needed, and drops the cached
    /// state of registries: connections, tokens, endpoints. Running operations are not affected.
    pub async fn reload(&self) {
        *self.shared.roots.lock().await = None;
        self.registries
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    fn registry(&self, name: &str) -> Result<Arc<Registry>, Error> {
        let mut registries = self
            .registries
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(registry) = registries.get(name) {
            return Ok(Arc::clone(registry));
        }
        let registry = Arc::new(self.fresh_registry(name)?);
        if registries.len() >= REGISTRIES {
            registries.clear();
        }
        registries.insert(name.to_owned(), Arc::clone(&registry));
        Ok(registry)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("config", &self.shared.config)
            .finish_non_exhaustive()
    }
}

impl Shared {
    /// The system's roots, read once until the next reload.
    pub(crate) async fn roots(&self) -> Result<Arc<RootCertStore>, Fault> {
        let mut known = self.roots.lock().await;
        if let Some(roots) = &*known {
            return Ok(Arc::clone(roots));
        }
        let roots = tokio::task::spawn_blocking(tls::system_roots).await;
        let roots = roots.map_err(|error| Fault::Setup(error.to_string()))?;
        Ok(Arc::clone(known.insert(Arc::new(roots))))
    }

    /// Credentials for `host` from the Docker configuration file or a helper.
    pub(crate) async fn resolve(&self, host: &str) -> Result<ResolvedCredentials, Fault> {
        let nowhere = ResolvedCredentials {
            credentials: Credentials::Anonymous,
            origin: CredentialOrigin::Nowhere,
        };
        let Some(path) = self.docker_config() else {
            return Ok(nowhere);
        };
        let entry = DockerConfig::load(&path)
            .await?
            .entry(host)
            .map_err(|reason| CredentialError::Malformed {
                path: path.clone(),
                reason,
            })?;
        match entry {
            Entry::None => Ok(nowhere),
            Entry::Plain { key, credentials } => {
                let origin = CredentialOrigin::File { path, key };
                Ok(ResolvedCredentials {
                    credentials,
                    origin,
                })
            }
            Entry::Helper { name, key } => {
                let helper = self.helper(name).await?;
                let program = helper.program().to_owned();
                let found = helper.get(&key, self.config.timeouts.helper).await?;
                match found {
                    Some(credentials) => {
                        let origin = CredentialOrigin::Helper { program, path };
                        Ok(ResolvedCredentials {
                            credentials,
                            origin,
                        })
                    }
                    None if is_ecr(host) => {
                        let host = host.to_owned();
                        Err(CredentialError::HelperNotFound { program, host }.into())
                    }
                    None => Ok(nowhere),
                }
            }
        }
    }

    fn docker_config(&self) -> Option<PathBuf> {
        match &self.config.docker_config {
            DockerConfigFile::FromEnvironment => {
                DockerConfig::locate(|name| std::env::var_os(name))
            }
            DockerConfigFile::At(path) => Some(path.clone()),
            DockerConfigFile::Never => None,
        }
    }

    async fn helper(&self, name: String) -> Result<Helper, Fault> {
        let search = self.config.helper_path.clone();
        let search = search
            .or_else(|| std::env::var_os("PATH"))
            .unwrap_or_default();
        let found = tokio::task::spawn_blocking(move || Helper::find(&name, &search)).await;
        Ok(found.map_err(|error| Fault::Setup(error.to_string()))??)
    }
}
