//! Bearer tokens: parsing and caching them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sockerless_oci::json::{Lenient, decode, lenient};
use tokio::time::Instant;

use super::Scope;
use crate::credentials::Credentials;
use crate::error::Fault;
use crate::secret::Secret;

/// Default lifetime of a token, by the token specification.
const DEFAULT_LIFE: Duration = Duration::from_secs(60);

/// Tokens are renewed this long before they expire, or after four fifths of a shorter lifetime.
const MARGIN: Duration = Duration::from_secs(10);

/// Maximum number of tokens kept for one registry.
const CACHE_SIZE: usize = 256;

/// A bearer token and when to stop using it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: Secret,
    renew_at: Instant,
}

impl Token {
    pub(crate) fn is_fresh(&self, now: Instant) -> bool {
        now < self.renew_at
    }
}

/// What a token is for. Tokens are never shared between credentials, nor scopes merged: merged
/// tokens grow until registries refuse their length.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenRequest {
    pub(crate) realm: String,
    pub(crate) service: Option<String>,
    pub(crate) scope: Scope,
    /// Further scopes that the registry asked for.
    pub(crate) extra: Vec<String>,
    pub(crate) credentials: Credentials,
}

impl TokenRequest {
    /// The `scope` parameters, the target first: some registries look at no other.
    pub(crate) fn scopes(&self) -> Vec<String> {
        let mut scopes = self.scope.parameters();
        scopes.extend(self.extra.iter().cloned());
        scopes
    }
}

/// One token, or the right to fetch it: the holder of the lock fetches it, others wait.
pub(crate) type TokenSlot = Arc<tokio::sync::Mutex<Option<Token>>>;

/// The tokens of one registry.
#[derive(Debug, Default)]
pub(crate) struct TokenCache(Mutex<HashMap<TokenRequest, TokenSlot>>);

impl TokenCache {
    /// The slot of the token for `request`.
    pub(crate) fn slot(&self, request: &TokenRequest) -> TokenSlot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= CACHE_SIZE && !slots.contains_key(request) {
            let now = Instant::now();
            slots.retain(|_, slot| match slot.try_lock() {
                Ok(token) => token.as_ref().is_some_and(|token| token.is_fresh(now)),
                // It is being fetched.
                Err(_) => true,
            });
            if slots.len() >= CACHE_SIZE {
                slots.clear();
            }
        }
        Arc::clone(slots.entry(request.clone()).or_default())
    }
}

#[derive(Default)]
struct Answer {
    token: String,
    access_token: String,
    expires_in: Option<Seconds>,
}

lenient!(Answer {
    "token" => token: String,
    "access_token" => access_token: String,
    "expires_in" => expires_in: Seconds,
});

/// A number; some servers send a fraction, others a string.
struct Seconds(f64);

impl Lenient for Seconds {
    fn number(number: i64) -> Option<Self> {
        Self::text(&number.to_string())
    }

    fn fraction(number: f64) -> Option<Self> {
        Some(Self(number))
    }

    fn text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
}

/// Parses the reply of a token server to a request made at `asked`.
///
/// `issued_at` is not used: the clocks of the two sides differ, and a token that the registry
/// refuses as expired is fetched anew anyway.
pub(crate) fn parse(body: &[u8], asked: Instant) -> Result<Token, Fault> {
    let answer: Answer = decode(body)
        .map_err(|_| Fault::Malformed("the token reply is not the JSON of a token".to_owned()))?;
    let text = [answer.token, answer.access_token]
        .into_iter()
        .find(|text| !text.is_empty())
        .ok_or_else(|| Fault::Malformed("the token reply has no token".to_owned()))?;
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Fault::Malformed(
            "the token has characters no token has".to_owned(),
        ));
    }
    let life = answer
        .expires_in
        .map(|Seconds(seconds)| seconds)
        .filter(|seconds| *seconds >= 1.0)
        .map_or(DEFAULT_LIFE, |seconds| {
            Duration::from_secs_f64(seconds.min(86_400.0))
        });
    let renew_at = asked + life - MARGIN.min(life / 5);
    Ok(Token {
        text: Secret::new(text),
        renew_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replies_of_token_servers() {
        let now = Instant::now();
        for (body, text, life) in [
            (r#"{"token":"a","expires_in":300}"#, "a", 290),
            (r#"{"access_token":"b"}"#, "b", 50),
            (
                r#"{"token":"","access_token":"b","expires_in":"3600"}"#,
                "b",
                3590,
            ),
            (
                r#"{"token":"a","expires_in":10,"issued_at":"1994-11-06T08:49:37Z"}"#,
                "a",
                8,
            ),
            (r#"{"token":"a","expires_in":0}"#, "a", 50),
            (r#"{"token":"a","expires_in":-5}"#, "a", 50),
            (r#"{"token":"a","expires_in":1e300}"#, "a", 86_390),
            (r#"{"token":"a","expires_in":1e999}"#, "a", 86_390),
            (r#"{"token":"a","expires_in":[]}"#, "a", 50),
            (
                r#"{"token":"a","Access_Token":"b","TOKEN":"c","Expires_In":30.5}"#,
                "c",
                25,
            ),
        ] {
            let token = parse(body.as_bytes(), now).expect(body);
            assert_eq!(token.text.expose(), text, "{body}");
            assert!(
                token.is_fresh(now + Duration::from_secs(life - 1)),
                "{body}"
            );
            assert!(!token.is_fresh(now + Duration::from_secs(life)), "{body}");
        }
        for body in [
            "",
            "{}",
            r#"{"token":null}"#,
            r#"{"token":"a\nb"}"#,
            "<html>",
        ] {
            assert!(parse(body.as_bytes(), now).is_err(), "{body}");
        }
    }

    #[test]
    fn the_cache_is_bounded() {
        let cache = TokenCache::default();
        for index in 0..2 * CACHE_SIZE {
            cache.slot(&TokenRequest {
                realm: String::new(),
                service: None,
                scope: Scope::Pull {
                    repository: index.to_string(),
                },
                extra: Vec::new(),
                credentials: Credentials::Anonymous,
            });
        }
        assert!(cache.0.lock().expect("not poisoned").len() <= CACHE_SIZE);
    }
}
