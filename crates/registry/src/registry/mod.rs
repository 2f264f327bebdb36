//! One registry: its endpoint, its authorization, and the requests made to it.

mod access;
mod authorize;
mod endpoint;
mod request;

use std::sync::Arc;

pub(crate) use access::Access;
pub(crate) use endpoint::Endpoint;
pub(crate) use request::{Ask, Upload};

use crate::auth::{Scope, TokenCache};
use crate::client::Shared;
use crate::credentials::{CredentialOrigin, ResolvedCredentials};
use crate::error::Fault;
use crate::host::Host;
use crate::retry::Tries;
use crate::transport::Neighbourhood;

/// A registry and the state that a client keeps of it.
pub(crate) struct Registry {
    host: Host,
    shared: Arc<Shared>,
    /// Discovered when needed, and again after a failure.
    endpoint: tokio::sync::Mutex<Option<Arc<Endpoint>>>,
    neighbourhood: Arc<Neighbourhood>,
    tokens: TokenCache,
}

impl Registry {
    pub(crate) fn new(host: Host, shared: Arc<Shared>) -> Self {
        Self {
            host,
            shared,
            endpoint: tokio::sync::Mutex::default(),
            neighbourhood: Arc::default(),
            tokens: TokenCache::default(),
        }
    }

    pub(crate) fn name(&self) -> &str {
        self.host.name()
    }

    pub(crate) fn config(&self) -> &crate::config::Config {
        &self.shared.config
    }

    pub(crate) fn tries(&self, access: &Access) -> Tries {
        self.shared.config.retry.begin(access.listener.clone())
    }

    /// The credentials of `access`, looked up once.
    pub(crate) async fn credentials(&self, access: &Access) -> Result<ResolvedCredentials, Fault> {
        if let Some(credentials) = &access.given {
            credentials.note(&access.shown);
            let credentials = credentials.clone();
            return Ok(ResolvedCredentials {
                credentials,
                origin: CredentialOrigin::Request,
            });
        }
        let mut resolved = access.resolved.lock().await;
        if let Some(resolved) = &*resolved {
            return Ok(resolved.clone());
        }
        let found = self.shared.resolve(self.host.name()).await?;
        tracing::debug!(registry = %self.host, origin = %found.origin, "credentials");
        found.credentials.note(&access.shown);
        *resolved = Some(found.clone());
        Ok(found)
    }

    /// Requests the `/v2/` page with the credentials.
    pub(crate) async fn ping(&self, access: &Access) -> Result<(), Fault> {
        let mut tries = self.tries(access);
        loop {
            let asked = async {
                let url = self.endpoint().await?.url("/v2/")?;
                self.call(access, &Ask::get(url, Scope::Login)).await
            };
            match asked.await {
                Ok(reply) => {
                    reply.drain().await;
                    return Ok(());
                }
                Err(fault) => tries.after(fault).await?,
            }
        }
    }
}
