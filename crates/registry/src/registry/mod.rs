//! One registry: how it is reached, what it wants to see, and the requests made to it.

mod authorize;
mod endpoint;
mod request;

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OnceCell;

pub(crate) use endpoint::Endpoint;
pub(crate) use request::{Ask, Upload};

use crate::auth::{Challenge, Scope, TokenCache};
use crate::client::Shared;
use crate::credentials::{CredentialOrigin, Credentials, ResolvedCredentials};
use crate::error::Fault;
use crate::host::Host;
use crate::retry::Tries;
use crate::transport::Neighbourhood;

/// A registry as a client knows it.
pub(crate) struct Registry {
    host: Host,
    shared: Arc<Shared>,
    endpoint: OnceCell<Endpoint>,
    neighbourhood: Arc<Neighbourhood>,
    tokens: TokenCache,
}

/// Who asks: given credentials, or those that the client finds.
pub(crate) struct Access {
    given: Option<Credentials>,
    resolved: tokio::sync::Mutex<Option<ResolvedCredentials>>,
    /// What the registry last asked this one for, where that differs from its `/v2/` page.
    challenge: Mutex<Option<Challenge>>,
}

impl Access {
    pub(crate) fn new(given: Option<Credentials>) -> Self {
        Self {
            given,
            resolved: tokio::sync::Mutex::new(None),
            challenge: Mutex::new(None),
        }
    }

    fn challenge(&self) -> Option<Challenge> {
        self.challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_challenge(&self, challenge: Challenge) {
        *self
            .challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(challenge);
    }
}

impl Registry {
    pub(crate) fn new(host: Host, shared: Arc<Shared>) -> Self {
        Self {
            host,
            shared,
            endpoint: OnceCell::new(),
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

    pub(crate) fn tries(&self) -> Tries {
        self.shared.config.retry.begin()
    }

    /// The credentials that `access` means, looked up once.
    pub(crate) async fn credentials(&self, access: &Access) -> Result<ResolvedCredentials, Fault> {
        if let Some(credentials) = &access.given {
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
        *resolved = Some(found.clone());
        Ok(found)
    }

    /// Asks for the `/v2/` page with the credentials.
    pub(crate) async fn ping(&self, access: &Access) -> Result<(), Fault> {
        let mut tries = self.tries();
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
