//! The ID of a request, in the log and for the client.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use hyper::HeaderMap;
use hyper::header::{HeaderName, HeaderValue};

/// The header in which a client, or a proxy in front of this daemon, sends the ID, and which the
/// response has.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an ID that a client may give.
const LENGTH: usize = 64;

/// Distinguishes this process from others that write into the same log.
static PROCESS: LazyLock<u64> = LazyLock::new(|| RandomState::new().hash_one(()) >> 32);

static COUNT: AtomicU64 = AtomicU64::new(1);

/// The ID of a request: the client's, if it is safe for a log, otherwise a generated one.
#[derive(Debug, Clone)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    /// The ID of the request with these headers.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let given = headers.get(HEADER).filter(|value| is_plain(value));
        match given {
            Some(given) => Self(given.clone()),
            None => Self::new(),
        }
    }

    fn new() -> Self {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let text = format!("{:08x}-{count}", *PROCESS);
        // Digits, letters and a hyphen are a valid header.
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("unknown")))
    }
}

/// Whether it has no character that could be misread in a log.
fn is_plain(value: &HeaderValue) -> bool {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:".contains(byte);
    (1..=LENGTH).contains(&value.len()) && value.as_bytes().iter().all(is_plain)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

impl From<RequestId> for HeaderValue {
    fn from(id: RequestId) -> Self {
        id.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(given: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HEADER, HeaderValue::from_str(given).expect("a header"));
        RequestId::of(&headers).to_string()
    }

    #[test]
    fn a_client_may_give_one_that_fits() {
        assert_eq!(of("4bf92f35-77b3.a:1_x"), "4bf92f35-77b3.a:1_x");
        for odd in ["", "two words", "a\"b", &"x".repeat(LENGTH + 1)] {
            assert_ne!(of(odd), odd);
        }
    }

    #[test]
    fn no_two_are_alike() {
        let none = HeaderMap::new();
        let [one, two] = [0; 2].map(|_| RequestId::of(&none).to_string());
        assert_ne!(one, two);
        assert_eq!(
            one.split_once('-').map(|(process, _)| process.len()),
            Some(8)
        );
    }
}
