//! One try of a download, up to the first byte of the file.

use std::sync::Arc;

use bytes::Bytes;
use http::uri::Authority;
use http::{Method, StatusCode, Uri};

use super::DownloadPolicy;
use super::origin::Origin;
use super::target::Target;
use crate::client::Shared;
use crate::error::{Error, Fault};
use crate::redirects::Redirects;
use crate::transport::tls::HostCertificates;
use crate::transport::{Pool, Reach, Reply, RequestBody};

/// A request for a file, up to its first byte.
pub(super) struct Fetch {
    shared: Arc<Shared>,
    target: Target,
    policy: DownloadPolicy,
    pub(super) origin: Origin,
}

impl Fetch {
    pub(super) fn new(
        shared: &Arc<Shared>,
        url: &str,
        policy: DownloadPolicy,
    ) -> Result<Self, Error> {
        let target = Target::parse(url).map_err(|fault| Origin::invalid(url).error(fault))?;
        let origin = Origin::new(&target.url);
        Ok(Self {
            shared: Arc::clone(shared),
            target,
            policy,
            origin,
        })
    }

    /// One try: sends the request, follows redirects, and returns the reply with the file.
    pub(super) async fn once(&mut self) -> Result<Reply, Fault> {
        let outcome = self.follow().await;
        outcome.map_err(|fault| fault.without(&self.target.shown))
    }

    async fn follow(&mut self) -> Result<Reply, Fault> {
        self.origin.begin();
        let mut url = self.target.url.clone();
        let mut redirects = Redirects::default();
        let reply = loop {
            let reply = self.ask(&url).await?;
            let Some(next) = redirects.next(&reply)? else {
                break reply;
            };
            self.origin.redirect(&next);
            url = next;
        };
        let status = reply.status();
        if status.is_client_error() || status.is_server_error() {
            let limit = self.shared.config.limits.error;
            return Err(Fault::Refused(reply.refusal(limit).await));
        }
        if status != StatusCode::OK {
            return Err(Fault::Malformed(format!(
                "status {status} instead of {}",
                StatusCode::OK
            )));
        }
        let limit = self.policy.max_bytes;
        if reply.body_length().is_some_and(|length| length > limit) {
            return Err(Fault::TooLarge { limit });
        }
        Ok(reply)
    }

    async fn ask(&self, url: &Uri) -> Result<Reply, Fault> {
        let request = self.shared.request(
            &Method::GET,
            url,
            &[],
            self.target.authorization(url),
            RequestBody::bytes(Bytes::new()),
        )?;
        let pool = self.pool(url).await?;
        pool.send(request, self.shared.patience()).await
    }

    /// A pool for one request: its connection ends with the reply.
    async fn pool(&self, url: &Uri) -> Result<Pool, Fault> {
        let reach = match self.policy.allow_local {
            true => Reach::Anywhere,
            false => Reach::Remote,
        };
        let host = url.authority().map(Authority::as_str).unwrap_or_default();
        let certificates = self.shared.certificates(&host.to_ascii_lowercase()).await?;
        // A client certificate is for the registry at that host, not for arbitrary downloads.
        let trusted = certificates.authorities();
        self.shared
            .pool(HostCertificates::default(), &trusted, true, reach)
            .await
    }
}
