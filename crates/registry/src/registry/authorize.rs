//! Authorization of requests: fetching, renewing and dropping tokens.

use bytes::Bytes;
use form_urlencoded::Serializer;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, StatusCode, Uri};
use tokio::time::Instant;

use super::{Access, Endpoint, Registry};
use crate::auth::{Challenge, Offer, Scope, Token, TokenRequest, basic, bearer, parse_token};
use crate::credentials::{CredentialOrigin, Credentials, ResolvedCredentials, TOKEN_USER};
use crate::error::{ErrorKind, Fault};
use crate::location;
use crate::secret::Secret;
use crate::transport::Reply;

/// The client ID for OAuth2.
const CLIENT_ID: &str = "sockerless";

/// The authorization of a request, kept so that it can be dropped when it is refused.
pub(crate) struct Authorization {
    pub(super) header: HeaderValue,
    challenge: Option<Challenge>,
    token: Option<(TokenRequest, Token)>,
}

impl Authorization {
    /// Whether it is a token issued for the request.
    pub(super) fn is_token(&self) -> bool {
        self.token.is_some()
    }
}

/// What was learnt from a refusal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Learnt {
    /// The registry asks for something that was not sent.
    pub(super) asks_otherwise: bool,
    /// A token or credentials were dropped, and new ones may be accepted.
    pub(super) forgot: bool,
}

impl Registry {
    /// The `Authorization` for a request that needs `scope`, if the registry wants one and there
    /// are credentials. Tokens that are about to expire are renewed here, before each request.
    pub(super) async fn authorization(
        &self,
        endpoint: &Endpoint,
        access: &Access,
        scope: &Scope,
    ) -> Result<Option<Authorization>, Fault> {
        let challenged = access.challenge().is_some() || endpoint.challenge().is_some();
        if !challenged && !matches!(access.given, Some(Credentials::RegistryToken(_))) {
            // A registry that wants no credentials must not run a helper or fail because of one.
            return Ok(None);
        }
        let was_known = access.resolved.lock().await.is_some();
        let ResolvedCredentials {
            mut credentials,
            origin,
        } = self.credentials(access).await?;
        let outcome = self.authorize(endpoint, access, scope, credentials.clone());
        let mut fault = match outcome.await {
            Err(fault @ Fault::Token { .. }) => fault,
            outcome => return outcome,
        };
        // The token server no longer accepts the cached credentials: look them up again.
        if fault.kind() == ErrorKind::Unauthorized
            && origin != CredentialOrigin::Request
            && was_known
        {
            *access.resolved.lock().await = None;
            credentials = self.credentials(access).await?.credentials;
            let outcome = self.authorize(endpoint, access, scope, credentials.clone());
            fault = match outcome.await {
                Err(fault @ Fault::Token { .. }) => fault,
                outcome => return outcome,
            };
        }
        // Or the registry now uses another token server.
        if !self.has_moved(endpoint, access).await {
            return Err(fault);
        }
        self.authorize(endpoint, access, scope, credentials).await
    }

    async fn authorize(
        &self,
        endpoint: &Endpoint,
        access: &Access,
        scope: &Scope,
        credentials: Credentials,
    ) -> Result<Option<Authorization>, Fault> {
        let challenge = access.challenge().or_else(|| endpoint.challenge());
        if let Credentials::RegistryToken(token) = &credentials {
            let header = bearer(token)?;
            return Ok(Some(Authorization {
                header,
                challenge,
                token: None,
            }));
        }
        match (&challenge, credentials) {
            (Some(Challenge::Bearer { realm, service }), credentials) => {
                let request = TokenRequest {
                    realm: realm.clone(),
                    service: service.clone(),
                    scope: scope.clone(),
                    extra: access.extra(scope),
                    credentials,
                };
                let token = self.token(endpoint, &request).await?;
                let header = bearer(&token.text)?;
                access.shown.header(&header);
                Ok(Some(Authorization {
                    header,
                    challenge,
                    token: Some((request, token)),
                }))
            }
            (Some(Challenge::Basic { .. }), Credentials::Basic { username, password }) => {
                let header = basic(&username, &password)?;
                access.shown.header(&header);
                Ok(Some(Authorization {
                    header,
                    challenge,
                    token: None,
                }))
            }
            _ => Ok(None),
        }
    }

    /// Learns from a refusal: drops what the registry did not accept, and records what it asks for
    /// instead.
    pub(super) async fn learn(
        &self,
        endpoint: &Endpoint,
        access: &Access,
        scope: &Scope,
        used: Option<Authorization>,
        offered: Option<Offer>,
    ) -> Learnt {
        let known = match &used {
            Some(used) => used.challenge.clone(),
            None => access.challenge().or_else(|| endpoint.challenge()),
        };
        let mut learnt = Learnt::default();
        if let Some(Offer {
            challenge, scopes, ..
        }) = offered
        {
            learnt.asks_otherwise = access.heed(scope, &scopes);
            if Some(&challenge) != known.as_ref() {
                // Later requests will get the same challenge.
                endpoint.set_challenge(Some(challenge.clone()));
                access.set_challenge(Some(challenge));
                learnt.asks_otherwise = true;
            }
        }
        let Some(used) = used else { return learnt };
        if let Some((request, token)) = used.token {
            let slot = self.tokens.slot(&request);
            let mut slot = slot.lock().await;
            // Another request may have renewed it meanwhile.
            if slot.as_ref() == Some(&token) {
                *slot = None;
            }
            learnt.forgot = true;
        }
        if access.given.is_none() {
            *access.resolved.lock().await = None;
            learnt.forgot = true;
        }
        learnt
    }

    async fn token(&self, endpoint: &Endpoint, request: &TokenRequest) -> Result<Token, Fault> {
        let slot = self.tokens.slot(request);
        let mut slot = slot.lock().await;
        if let Some(token) = slot.as_ref().filter(|token| token.is_fresh(Instant::now())) {
            return Ok(token.clone());
        }
        let base = endpoint.url("/v2/")?;
        let realm = location::resolve(&base, request.realm.as_bytes())?;
        let outcome = match self.admit(endpoint, &realm) {
            Ok(()) => self.fetch(endpoint, &realm, request).await,
            Err(fault) => Err(fault),
        };
        match outcome {
            Ok(token) => {
                *slot = Some(token.clone());
                Ok(token)
            }
            Err(fault) => Err(Fault::Token {
                realm: realm.host().unwrap_or_default().to_owned(),
                fault: Box::new(fault),
            }),
        }
    }

    async fn fetch(
        &self,
        endpoint: &Endpoint,
        realm: &Uri,
        request: &TokenRequest,
    ) -> Result<Token, Fault> {
        let asked = Instant::now();
        let authorization = match &request.credentials {
            Credentials::Basic { username, password } => Some(basic(username, password)?),
            Credentials::IdentityToken { username, token } => {
                let reply = self.exchange(endpoint, realm, request, token).await?;
                // Servers without POST respond with one of these.
                let unknown = matches!(
                    reply.status(),
                    StatusCode::NOT_FOUND
                        | StatusCode::METHOD_NOT_ALLOWED
                        | StatusCode::UNAUTHORIZED
                        | StatusCode::BAD_REQUEST
                );
                if !unknown {
                    return self.read_token(reply, asked).await;
                }
                let refused = reply.refusal(self.config().limits.error).await;
                let name = username.as_deref().unwrap_or(TOKEN_USER);
                let header = basic(name, token)?;
                let reply = self
                    .get_token(endpoint, realm, request, Some(&header))
                    .await?;
                // The error about the refresh token is more useful than the one about its use as a
                // password.
                if reply.status().is_client_error() && refused.status() == 401 {
                    return Err(Fault::Refused(refused));
                }
                return self.read_token(reply, asked).await;
            }
            _ => None,
        };
        let reply = self
            .get_token(endpoint, realm, request, authorization.as_ref())
            .await?;
        self.read_token(reply, asked).await
    }

    async fn get_token(
        &self,
        endpoint: &Endpoint,
        realm: &Uri,
        request: &TokenRequest,
        authorization: Option<&HeaderValue>,
    ) -> Result<Reply, Fault> {
        let query = token_query(request);
        let separator = match realm.query() {
            _ if query.is_empty() => "",
            None => "?",
            Some("") => "",
            Some(_) => "&",
        };
        let url = format!("{realm}{separator}{query}")
            .parse()
            .map_err(|_| Fault::Malformed("a token realm that takes no query".to_owned()))?;
        let accept = [(ACCEPT, HeaderValue::from_static("application/json"))];
        self.ask_realm(
            endpoint,
            Method::GET,
            url,
            &accept,
            authorization,
            Bytes::new(),
        )
        .await
    }

    /// Exchanges a refresh token for an access token.
    async fn exchange(
        &self,
        endpoint: &Endpoint,
        realm: &Uri,
        request: &TokenRequest,
        refresh: &Secret,
    ) -> Result<Reply, Fault> {
        let body = Bytes::from(refresh_form(request, refresh));
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        let headers = [
            (CONTENT_TYPE, kind),
            (CONTENT_LENGTH, HeaderValue::from(body.len())),
        ];
        self.ask_realm(endpoint, Method::POST, realm.clone(), &headers, None, body)
            .await
    }

    async fn read_token(&self, reply: Reply, asked: Instant) -> Result<Token, Fault> {
        if !reply.status().is_success() {
            return Err(Fault::Refused(
                reply.refusal(self.config().limits.error).await,
            ));
        }
        parse_token(&reply.bytes(self.config().limits.token).await?, asked)
    }
}

/// The query of a GET for a token.
fn token_query(request: &TokenRequest) -> String {
    let mut query = Serializer::new(String::new());
    if let Some(service) = &request.service {
        query.append_pair("service", service);
    }
    for scope in request.scopes() {
        query.append_pair("scope", &scope);
    }
    if let Credentials::Basic { username, .. } = &request.credentials {
        query.append_pair("account", username);
    }
    query.finish()
}

/// The form of a POST for a token.
fn refresh_form(request: &TokenRequest, refresh: &Secret) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token");
    form.append_pair("client_id", CLIENT_ID);
    if let Some(service) = &request.service {
        form.append_pair("service", service);
    }
    let scopes = request.scopes();
    if !scopes.is_empty() {
        form.append_pair("scope", &scopes.join(" "));
    }
    form.append_pair("refresh_token", refresh.expose());
    form.finish()
}
