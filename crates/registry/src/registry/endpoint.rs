//! Discovery of a registry's endpoint: its scheme, its challenge, and the hosts that it may name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use http::uri::Authority;
use http::{Method, StatusCode, Uri};
use rustls::pki_types::CertificateDer;

use super::{Access, Registry};
use crate::auth::{Challenge, challenge};
use crate::error::Fault;
use crate::host::{self, Host};
use crate::location::redact;
use crate::transport::{Pool, Reach, RequestBody};

/// Maximum number of other hosts of a registry whose connections are kept.
const OTHER_HOSTS: usize = 16;

/// Where a registry was found, and what its `/v2/` page asks for.
///
/// The challenge of that page is kept because some registries answer 401 without one elsewhere.
#[derive(Debug)]
pub(crate) struct Endpoint {
    base: Uri,
    pool: Pool,
    challenge: Mutex<Option<Challenge>>,
    insecure: bool,
    authorities: Vec<CertificateDer<'static>>,
    others: Mutex<HashMap<String, Pool>>,
}

impl Endpoint {
    /// The URL of a path of this registry.
    pub(crate) fn url(&self, path: &str) -> Result<Uri, Fault> {
        url(&self.base, path)
    }

    /// Whether `url` is the registry itself: only that is sent credentials.
    pub(super) fn is_own(&self, url: &Uri) -> bool {
        host::same_origin(&self.base, url)
    }

    /// The known challenge of the registry, if any.
    pub(super) fn challenge(&self) -> Option<Challenge> {
        self.challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    pub(super) fn set_challenge(&self, challenge: Option<Challenge>) {
        *self
            .challenge
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = challenge;
    }

    /// Whether it was found to use plain http.
    pub(super) fn is_plain(&self) -> bool {
        self.base.scheme_str() == Some("http")
    }

    /// Whether the registry asks for the credentials of Amazon ECR.
    pub(super) fn is_ecr(&self) -> bool {
        matches!(self.challenge(), Some(Challenge::Basic { service: Some(service) })
            if service.starts_with("ecr."))
    }
}

/// What the `/v2/` page says.
struct Page {
    base: Uri,
    challenge: Option<Challenge>,
    /// Whether it is open without credentials.
    is_open: bool,
}

fn url(base: &Uri, path: &str) -> Result<Uri, Fault> {
    let text = format!(
        "{}://{}{path}",
        base.scheme_str().unwrap_or("https"),
        authority(base)
    );
    text.parse()
        .map_err(|_| Fault::Malformed(format!("not a URL: {}", redact(&text))))
}

fn authority(url: &Uri) -> &str {
    url.authority().map(Authority::as_str).unwrap_or_default()
}

impl Registry {
    /// The registry's endpoint, discovered on first use.
    pub(crate) async fn endpoint(&self) -> Result<Arc<Endpoint>, Fault> {
        let mut known = self.endpoint.lock().await;
        if let Some(endpoint) = &*known {
            return Ok(Arc::clone(endpoint));
        }
        let found = Arc::new(self.discover().await?);
        *known = Some(Arc::clone(&found));
        Ok(found)
    }

    /// Drops the endpoint, so that it is discovered anew, after a fault that may mean that it has
    /// changed: it may use TLS now, or no longer.
    pub(super) async fn doubt(&self, endpoint: &Arc<Endpoint>, fault: &Fault) {
        let doubtful = match fault {
            Fault::Connection(_) | Fault::Unreachable(_) | Fault::Tls(_) => true,
            // A TLS server that gets plain http replies without a registry's error code.
            Fault::Refused(refusal) => {
                endpoint.is_plain() && refusal.status() == 400 && refusal.code().is_none()
            }
            _ => false,
        };
        let mut known = self.endpoint.lock().await;
        if doubtful
            && known
                .as_ref()
                .is_some_and(|known| Arc::ptr_eq(known, endpoint))
        {
            *known = None;
        }
    }

    /// Probes the registry again after its known challenge has failed. Returns whether it now asks
    /// for something else.
    pub(super) async fn has_moved(&self, endpoint: &Endpoint, access: &Access) -> bool {
        let used = access.challenge().or_else(|| endpoint.challenge());
        access.set_challenge(None);
        let scheme = endpoint.base.scheme_str().unwrap_or("https");
        match self.probe(scheme, &endpoint.pool).await {
            // A refusal without a challenge says nothing about what is wanted.
            Ok(found) if found.challenge.is_some() || found.is_open => {
                endpoint.set_challenge(found.challenge);
            }
            Ok(_) => {}
            Err(fault) => tracing::debug!(%fault, "asking a registry anew for its token server"),
        }
        endpoint.challenge() != used
    }

    async fn discover(&self) -> Result<Endpoint, Fault> {
        let certificates = self.shared.certificates(self.host.name()).await?;
        // A configured CA means that the host must be verified, wherever it is.
        let insecure = self.is_listed_insecure(self.host.name())
            || (self.host.is_loopback() && !certificates.names_authority());
        let authorities = certificates.authorities();
        let neighbourhood = Arc::clone(&self.neighbourhood);
        let pool = self
            .shared
            .pool(certificates, &[], !insecure, Reach::Registry(neighbourhood))
            .await?;

        let secure = self.probe("https", &pool).await;
        let Page {
            base, challenge, ..
        } = match secure {
            Ok(found) => found,
            Err(
                fault @ (Fault::Connection(_)
                | Fault::Unreachable(_)
                | Fault::Tls(_)
                | Fault::PlainHttp { .. }
                | Fault::Stalled { .. }),
            ) if insecure => match self.probe("http", &pool).await {
                Ok(found) => found,
                Err(Fault::Connection(plain)) => {
                    let text = format!("{fault} (and by http: {plain})");
                    return Err(Fault::Connection(text));
                }
                Err(other) => return Err(other),
            },
            Err(fault) => return Err(self.named(fault)),
        };
        tracing::debug!(registry = %self.host, scheme = base.scheme_str(), insecure, "found");
        let others = Mutex::default();
        Ok(Endpoint {
            base,
            pool,
            challenge: Mutex::new(challenge),
            insecure,
            authorities,
            others,
        })
    }

    /// The fault with the host as a user has to write it.
    fn named(&self, fault: Fault) -> Fault {
        let host = self.host.name().to_owned();
        match fault {
            Fault::PlainHttp { .. } => Fault::PlainHttp { host },
            Fault::UnknownAuthority { said, .. } => {
                let folder = self.config().certs_dir.as_deref();
                let file = folder.map(|folder| folder.join(&host).join("ca.crt"));
                Fault::UnknownAuthority { host, said, file }
            }
            other => other,
        }
    }

    /// Asks for the `/v2/` page without credentials. Any reply that is not a failure of the
    /// registry shows that it is there, even if the page is missing.
    async fn probe(&self, scheme: &str, pool: &Pool) -> Result<Page, Fault> {
        let base: Uri = format!("{scheme}://{}/", self.host.authority())
            .parse()
            .map_err(|_| Fault::Name {
                what: "registry host",
                text: self.host.to_string(),
            })?;
        let nothing = RequestBody::bytes(bytes::Bytes::new());
        let request =
            self.shared
                .request(&Method::GET, &url(&base, "/v2/")?, &[], None, nothing)?;
        let reply = pool.send(request, self.shared.patience()).await?;
        let status = reply.status();
        if status.is_server_error()
            || matches!(
                status,
                StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT
            )
        {
            return Err(Fault::Refused(
                reply.refusal(self.config().limits.error).await,
            ));
        }
        // The scope there is an example at best: that of a repository comes with its own challenge.
        let challenge = challenge::best(reply.headers()).map(|offer| offer.challenge);
        reply.drain().await;
        Ok(Page {
            base,
            challenge,
            is_open: status.is_success(),
        })
    }

    fn is_listed_insecure(&self, name: &str) -> bool {
        self.config().insecure.iter().any(|listed| listed == name)
    }

    /// The pool for `url`: the registry's own, or that of a host it named.
    pub(super) async fn pool_for(&self, endpoint: &Endpoint, url: &Uri) -> Result<Pool, Fault> {
        if endpoint.is_own(url) {
            return Ok(endpoint.pool.clone());
        }
        let name = authority(url).to_ascii_lowercase();
        let known = {
            let others = endpoint
                .others
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            others.get(&name).cloned()
        };
        if let Some(pool) = known {
            return Ok(pool);
        }
        let other = Host::parse(&name)?;
        let certificates = self.shared.certificates(&name).await?;
        let insecure = self.is_listed_insecure(&name)
            || (!certificates.names_authority()
                && (other.is_loopback()
                    || (endpoint.insecure && host::same_host(url, &endpoint.base))));
        let reach = Reach::Named(Arc::clone(&self.neighbourhood));
        let pool = self
            .shared
            .pool(certificates, &endpoint.authorities, !insecure, reach)
            .await?;
        let mut others = endpoint
            .others
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if others.len() >= OTHER_HOSTS {
            others.clear();
        }
        others.insert(name, pool.clone());
        Ok(pool)
    }

    /// Checks that the registry may send its client to `to`: not to addresses inside the client's
    /// network that the registry does not share.
    pub(crate) fn admit(&self, endpoint: &Endpoint, to: &Uri) -> Result<(), Fault> {
        let refused = |why: &str| {
            Err(Fault::Redirect(format!(
                "{} {why}",
                redact(&to.to_string())
            )))
        };
        if host::same_host(&endpoint.base, to) {
            return Ok(());
        }
        let Some(name) = to.host() else {
            return refused("has no host");
        };
        let address = match host::address(name) {
            None if host::is_localhost(name) => Some(std::net::Ipv4Addr::LOCALHOST.into()),
            address => address,
        };
        match address {
            Some(address) if !self.neighbourhood.admits(address) => {
                refused("is not an address that this registry may send its clients to")
            }
            _ => Ok(()),
        }
    }
}
