//! Connections and requests by a client's configuration.

use std::sync::Arc;

use http::header::{AUTHORIZATION, HeaderName, USER_AGENT};
use http::{HeaderValue, Method, Request, Uri};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::client::Shared;
use crate::error::Fault;
use crate::transport::tls::{self, HostCertificates};
use crate::transport::{Connector, Patience, Pool, Reach, RequestBody, Settings};

impl Shared {
    /// The certificates configured for `host`, which is `HOST` or `HOST:PORT`.
    pub(crate) async fn certificates(&self, host: &str) -> Result<HostCertificates, Fault> {
        let Some(folder) = self.config.certs_dir.clone() else {
            return Ok(HostCertificates::default());
        };
        let host = host.to_owned();
        tokio::task::spawn_blocking(move || HostCertificates::load(&folder, &host))
            .await
            .map_err(|error| Fault::Setup(error.to_string()))?
    }

    /// A pool without connections yet. The CAs `also_trusted` are trusted in addition to the
    /// system's and those of `certificates`.
    pub(crate) async fn pool(
        &self,
        certificates: HostCertificates,
        also_trusted: &[CertificateDer<'static>],
        verify: bool,
        reach: Reach,
    ) -> Result<Pool, Fault> {
        // Reading them takes a while, and without verification none are needed.
        let roots = match verify {
            true => self.roots().await?,
            false => Arc::new(RootCertStore::empty()),
        };
        let tls = tls::client_config(&roots, certificates, also_trusted, verify)?;
        let connector = Connector::new(Settings {
            tls: Arc::new(tls),
            proxies: self.config.proxies.clone(),
            timeout: self.config.timeouts.connect,
            reach,
        });
        Ok(Pool::new(connector, self.config.proxies.clone()))
    }

    /// A request with the user agent.
    pub(crate) fn request(
        &self,
        method: &Method,
        url: &Uri,
        headers: &[(HeaderName, HeaderValue)],
        authorization: Option<&HeaderValue>,
        body: RequestBody,
    ) -> Result<Request<RequestBody>, Fault> {
        let mut request = Request::builder()
            .method(method.clone())
            .uri(url.clone())
            .header(USER_AGENT, self.config.user_agent.as_str());
        for (name, value) in headers {
            request = request.header(name, value);
        }
        if let Some(value) = authorization {
            request = request.header(AUTHORIZATION, value);
        }
        request
            .body(body)
            .map_err(|error| Fault::Malformed(error.to_string()))
    }

    pub(crate) fn patience(&self) -> Patience {
        let timeouts = &self.config.timeouts;
        Patience {
            idle: timeouts.idle,
            answer: timeouts.answer,
            connect: timeouts.connect,
        }
    }
}
