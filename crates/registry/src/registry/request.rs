//! Requests with authorization: repeated after a challenge, and redirected.

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HeaderName};
use http::{HeaderValue, Method, StatusCode, Uri};

use super::authorize::Authorization;
use super::{Access, Endpoint, Registry};
use crate::auth::{Challenge, Scope, TokenError, challenge};
use crate::error::Fault;
use crate::redirects::Redirects;
use crate::source::{ByteStream, Progress};
use crate::transport::{Patience, Reply, RequestBody, Watch};

/// How often a request is made again because the registry asks for other credentials: for a
/// challenge that its `/v2/` page did not have, for another scope, and once for a token that it no
/// longer accepts.
const ROUNDS: usize = 3;

/// A request that can be sent again: it has no body, or one that is in memory.
#[derive(Debug)]
pub(crate) struct Ask {
    method: Method,
    url: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
    scope: Scope,
    slow_answer: bool,
}

impl Ask {
    pub(crate) fn new(method: Method, url: Uri, scope: Scope) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            body: Bytes::new(),
            scope,
            slow_answer: false,
        }
    }

    pub(crate) fn get(url: Uri, scope: Scope) -> Self {
        Self::new(Method::GET, url, scope)
    }

    pub(crate) fn head(url: Uri, scope: Scope) -> Self {
        Self::new(Method::HEAD, url, scope)
    }

    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(crate) fn body(mut self, body: Bytes) -> Self {
        self.body = body;
        self
    }

    /// Allows for the time that the registry needs to move a blob within its store.
    pub(crate) fn slow_answer(mut self) -> Self {
        self.slow_answer = true;
        self
    }
}

/// The sending of a stream that cannot be sent twice.
pub(crate) struct Upload {
    pub(crate) method: Method,
    pub(crate) url: Uri,
    pub(crate) scope: Scope,
    pub(crate) stream: ByteStream,
    /// The number of bytes in the stream, if it is known.
    pub(crate) size: Option<u64>,
    pub(crate) progress: Progress,
    /// Whether to compute the digest of what is sent.
    pub(crate) hash: bool,
}

impl Registry {
    /// Sends `ask` with credentials, follows redirects, and returns the reply unless it is an
    /// error.
    ///
    /// Expired credentials are renewed once. Other challenges are answered a few times.
    pub(crate) async fn call(&self, access: &Access, ask: &Ask) -> Result<Reply, Fault> {
        let endpoint = self.endpoint().await.map_err(|fault| access.clean(fault))?;
        match self.call_at(&endpoint, access, ask).await {
            Ok(reply) => Ok(reply),
            Err(fault) => {
                self.doubt(&endpoint, &fault).await;
                Err(access.clean(fault))
            }
        }
    }

    async fn call_at(
        &self,
        endpoint: &Endpoint,
        access: &Access,
        ask: &Ask,
    ) -> Result<Reply, Fault> {
        let mut rounds = 0;
        loop {
            let authorization = self.authorization(endpoint, access, &ask.scope).await?;
            let was_shown = authorization.is_some();
            let has_token = authorization.as_ref().is_some_and(Authorization::is_token);
            let reply = self.follow(endpoint, ask, authorization.as_ref()).await?;
            let status = reply.status();
            if !status.is_client_error() && !status.is_server_error() {
                return Ok(reply);
            }
            let own = endpoint.is_own(reply.url());
            let offered = challenge::best(reply.headers()).filter(|_| own);
            let refusal = reply.refusal(self.config().limits.error).await;
            // ECR reports an expired token in the body, and a HEAD has none.
            let may_be_expired = ask.method == Method::HEAD
                && endpoint.is_ecr()
                && matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN);
            let is_invalid = offered
                .as_ref()
                .is_some_and(|offer| offer.error == Some(TokenError::Invalid));
            let wants_more = offered
                .as_ref()
                .is_some_and(|offer| offer.error == Some(TokenError::Scope));
            let unauthorized = own
                && (status == StatusCode::UNAUTHORIZED
                    || refusal.is_token_expired()
                    || may_be_expired
                    || wants_more);
            let wants_password = matches!(
                offered.as_ref().map(|offer| &offer.challenge),
                Some(Challenge::Basic { .. })
            );
            if unauthorized && rounds < ROUNDS {
                let learning = self.learn(endpoint, access, &ask.scope, authorization, offered);
                let learnt = learning.await;
                if learnt.asks_otherwise || (learnt.forgot && rounds == 0) {
                    rounds += 1;
                    continue;
                }
            }
            if status == StatusCode::UNAUTHORIZED && wants_password && !was_shown {
                return Err(Fault::NoBasicCredentials {
                    host: self.name().to_owned(),
                    refusal,
                });
            }
            return Err(Fault::Refused(match has_token && own && !is_invalid {
                true => refusal.of_token(),
                false => refusal,
            }));
        }
    }

    /// Sends a stream, without following redirects and without a second try. A reply that refuses
    /// the credentials renews them for the next request.
    pub(crate) async fn upload(
        &self,
        access: &Access,
        upload: Upload,
    ) -> Result<(Reply, std::sync::Arc<Watch>), Fault> {
        let endpoint = self.endpoint().await.map_err(|fault| access.clean(fault))?;
        match self.upload_to(&endpoint, access, upload).await {
            Ok(taken) => Ok(taken),
            Err(fault) => {
                self.doubt(&endpoint, &fault).await;
                Err(access.clean(fault))
            }
        }
    }

    async fn upload_to(
        &self,
        endpoint: &Endpoint,
        access: &Access,
        upload: Upload,
    ) -> Result<(Reply, std::sync::Arc<Watch>), Fault> {
        let own = endpoint.is_own(&upload.url);
        let authorization = match own {
            true => self.authorization(endpoint, access, &upload.scope).await?,
            false => None,
        };
        let octets = HeaderValue::from_static("application/octet-stream");
        let mut headers = vec![(http::header::CONTENT_TYPE, octets)];
        if let Some(size) = upload.size {
            headers.push((CONTENT_LENGTH, HeaderValue::from(size)));
        }
        let body = RequestBody::stream(upload.stream, upload.size, upload.progress, upload.hash);
        let watch = body.watch();
        let header = authorization
            .as_ref()
            .map(|authorization| &authorization.header);
        let request = self
            .shared
            .request(&upload.method, &upload.url, &headers, header, body)?;
        let patience = Patience {
            answer: self.config().timeouts.commit,
            ..self.shared.patience()
        };
        let pool = self.pool_for(endpoint, &upload.url).await?;
        let reply = pool.send(request, patience).await?;
        let status = reply.status();
        if status.is_redirection() {
            let text = format!("a redirect ({status}) of an upload with its body");
            return Err(Fault::Redirect(text));
        }
        if status.is_client_error() || status.is_server_error() {
            let offered = challenge::best(reply.headers());
            let refusal = reply.refusal(self.config().limits.error).await;
            if own && (status == StatusCode::UNAUTHORIZED || refusal.is_token_expired()) {
                self.learn(endpoint, access, &upload.scope, authorization, offered)
                    .await;
            }
            return Err(Fault::Refused(refusal));
        }
        Ok((reply, watch))
    }

    /// Sends `ask` and follows its redirects. The authorization is sent to the registry only.
    async fn follow(
        &self,
        endpoint: &Endpoint,
        ask: &Ask,
        authorization: Option<&Authorization>,
    ) -> Result<Reply, Fault> {
        let mut url = ask.url.clone();
        let mut method = ask.method.clone();
        let mut body = ask.body.clone();
        let mut patience = self.shared.patience();
        if ask.slow_answer {
            patience.answer = self.config().timeouts.commit;
        }
        let mut redirects = Redirects::default();
        loop {
            let mut headers = ask.headers.clone();
            if !body.is_empty() || matches!(method, Method::POST | Method::PUT) {
                headers.push((CONTENT_LENGTH, HeaderValue::from(body.len())));
            }
            let header = authorization
                .filter(|_| endpoint.is_own(&url))
                .map(|found| &found.header);
            let sent = RequestBody::bytes(body.clone());
            let request = self.shared.request(&method, &url, &headers, header, sent)?;
            let reply = self
                .pool_for(endpoint, &url)
                .await?
                .send(request, patience)
                .await?;
            let Some(next) = redirects.next(&reply)? else {
                return Ok(reply);
            };
            self.admit(endpoint, &next)?;
            let kept = matches!(
                reply.status(),
                StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT
            );
            if !kept && method != Method::HEAD {
                method = Method::GET;
                body = Bytes::new();
            }
            reply.drain().await;
            url = next;
        }
    }

    /// Sends a request to a token server: redirects are followed, and `authorization` is sent to
    /// `url`'s own host only.
    pub(super) async fn ask_realm(
        &self,
        endpoint: &Endpoint,
        method: Method,
        url: Uri,
        headers: &[(HeaderName, HeaderValue)],
        authorization: Option<&HeaderValue>,
        body: Bytes,
    ) -> Result<Reply, Fault> {
        let first = url.clone();
        let mut url = url;
        let mut redirects = Redirects::default();
        loop {
            let shown = authorization.filter(|_| crate::host::same_origin(&first, &url));
            let sent = RequestBody::bytes(body.clone());
            let request = self.shared.request(&method, &url, headers, shown, sent)?;
            let reply = self
                .pool_for(endpoint, &url)
                .await?
                .send(request, self.shared.patience())
                .await?;
            // A body holds the refresh token: it goes nowhere but to the realm.
            if method != Method::GET {
                return Ok(reply);
            }
            let Some(next) = redirects.next(&reply)? else {
                return Ok(reply);
            };
            self.admit(endpoint, &next)?;
            reply.drain().await;
            url = next;
        }
    }
}
