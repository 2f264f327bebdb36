//! One set of credentials at a registry, with what the registry asked of it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::auth::{Challenge, Scope, covers};
use crate::credentials::{Credentials, ResolvedCredentials};
use crate::error::Fault;
use crate::retry::RetryListener;
use crate::secret::Shown;

/// Maximum number of scopes that a registry may ask for beyond the usual one, and their maximum
/// length: a token grows with each.
const EXTRA_SCOPES: usize = 4;
const SCOPE_LENGTH: usize = 512;

/// The credentials of a request: given ones, or those that the client finds.
#[derive(Default)]
pub(crate) struct Access {
    pub(super) given: Option<Credentials>,
    pub(super) resolved: tokio::sync::Mutex<Option<ResolvedCredentials>>,
    /// The registry's last challenge for these credentials, if it differs from its `/v2/` page.
    challenge: Mutex<Option<Challenge>>,
    /// Scopes that the registry wants in a token beyond those that its use needs.
    extra: Mutex<HashMap<Scope, Vec<String>>>,
    /// The secrets that were sent to the registry and its token server.
    pub(super) shown: Shown,
    pub(super) listener: RetryListener,
}

impl Access {
    pub(crate) fn new(given: Option<Credentials>) -> Self {
        Self {
            given,
            ..Self::default()
        }
    }

    /// The same credentials, with retries reported to `listener`.
    pub(crate) fn with_listener(&self, listener: RetryListener) -> Self {
        Self {
            given: self.given.clone(),
            listener,
            ..Self::default()
        }
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        lock(&self.challenge).clone()
    }

    pub(super) fn set_challenge(&self, challenge: Option<Challenge>) {
        *lock(&self.challenge) = challenge;
    }

    /// The scopes to request in addition to `scope`.
    pub(super) fn extra(&self, scope: &Scope) -> Vec<String> {
        lock(&self.extra).get(scope).cloned().unwrap_or_default()
    }

    /// Records that the registry asked for `wanted` on a request that needs `scope`. Returns
    /// whether any of that is new.
    pub(super) fn heed(&self, scope: &Scope, wanted: &[String]) -> bool {
        let mut all = lock(&self.extra);
        let extra = all.entry(scope.clone()).or_default();
        let mut asked = scope.parameters();
        asked.extend(extra.iter().cloned());
        let before = extra.len();
        for wanted in wanted {
            let is_plain = wanted.bytes().all(|byte| byte.is_ascii_graphic());
            if extra.len() < EXTRA_SCOPES
                && is_plain
                && wanted.len() <= SCOPE_LENGTH
                && !covers(&asked, wanted)
            {
                asked.push(wanted.clone());
                extra.push(wanted.clone());
            }
        }
        extra.len() > before
    }

    /// The fault without any secret that was sent to the registry.
    pub(crate) fn clean(&self, fault: Fault) -> Fault {
        fault.without(&self.shown)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_heeded_within_bounds() {
        let access = Access::new(None);
        let pull = Scope::Pull {
            repository: "a".into(),
        };
        let heed = |wanted: &[&str]| {
            let wanted: Vec<_> = wanted.iter().map(|text| (*text).to_owned()).collect();
            access.heed(&pull, &wanted)
        };
        assert!(!heed(&["repository:a:pull"]), "that is the usual one");
        assert!(heed(&["repository:proxy/a:pull", "repository:a:pull"]));
        assert!(!heed(&["repository:proxy/a:pull"]), "that is known");
        assert!(!heed(&["repository:\u{e9}:pull", &"x".repeat(600)]));
        assert_eq!(access.extra(&pull), ["repository:proxy/a:pull"]);
        assert_eq!(access.extra(&Scope::Login), [""; 0]);
        for index in 0..20 {
            heed(&[&format!("repository:{index}:pull")]);
        }
        assert_eq!(access.extra(&pull).len(), EXTRA_SCOPES);
    }
}
