//! Secrets, and keeping them out of messages of peers.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, STANDARD_PAD_INDIFFERENT, URL_SAFE_NO_PAD};
use http::HeaderValue;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Maximum number of secrets looked for in a reply; the oldest are dropped first.
const SECRETS: usize = 16;

/// A secret that is shorter than this is looked for as a word of its own only: a single letter
/// would be found everywhere.
const WORD: usize = 6;

/// A password or token. It prints as `<redacted>`; only [`Secret::expose`] gives its text.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text that must not be printed.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be put on the wire and nowhere else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the text is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// Secrets that were sent to a peer and must not appear in its messages.
#[derive(Default)]
pub(crate) struct Shown(Mutex<Vec<String>>);

impl Shown {
    /// Records a value of `Authorization` and the secrets in it.
    pub(crate) fn header(&self, value: &HeaderValue) {
        let Ok(text) = value.to_str() else { return };
        let Some((scheme, value)) = text.split_once(' ') else {
            return;
        };
        self.secret(value);
        if scheme.eq_ignore_ascii_case("basic")
            && let Ok(pair) = STANDARD_PAD_INDIFFERENT.decode(value)
            && let Ok(pair) = String::from_utf8(pair)
            && let Some((_, password)) = pair.split_once(':')
        {
            self.secret(password);
        }
    }

    /// Records a password, also in its encoding on the wire.
    pub(crate) fn password(&self, username: &str, password: &Secret) {
        self.secret(password.expose());
        self.secret(&STANDARD_NO_PAD.encode(format!("{username}:{}", password.expose())));
    }

    /// Records a password or token.
    pub(crate) fn secret(&self, secret: &str) {
        // A peer may change padding and case.
        let secret = secret.trim_end_matches('=');
        if secret.is_empty() {
            return;
        }
        let mut shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if shown.iter().any(|known| known == secret) {
            return;
        }
        if shown.len() == SECRETS {
            shown.remove(0);
        }
        shown.push(secret.to_owned());
    }

    /// Whether `text` contains any of them, plain or encoded.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        let shown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let text = text.to_ascii_lowercase();
        shown.iter().any(|secret| {
            [
                secret.clone(),
                utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
                STANDARD_NO_PAD.encode(secret),
                URL_SAFE_NO_PAD.encode(secret),
            ]
            .iter()
            .any(|form| repeats(&text, &form.to_ascii_lowercase()))
        })
    }
}

/// Whether `text` contains `secret`; a short one counts only as a whole word.
fn repeats(text: &str, secret: &str) -> bool {
    let mut found = text.match_indices(secret);
    if secret.len() >= WORD {
        return found.next().is_some();
    }
    let is_word = |character: Option<char>| character.is_some_and(char::is_alphanumeric);
    found.any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + secret.len()..].chars().next();
        !is_word(before) && !is_word(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), {
            "<redacted> <redacted> Some(<redacted>)"
        });
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn what_was_shown_is_found_again() {
        let shown = Shown::default();
        // `dTpodW50ZXIyLw==` is `u:hunter2/`.
        shown.header(&HeaderValue::from_static("Basic dTpodW50ZXIyLw=="));
        shown.header(&HeaderValue::from_static("Bearer abc.DEF-123"));
        shown.secret("pw");
        for text in [
            "no: Basic dTpodW50ZXIyLw==",
            "basic dtpodw50zxiylw",
            "u:hunter2/ is wrong",
            "/login?password=hunter2%2F",
            "/login?password=hunter2%2f",
            "aHVudGVyMi8 is wrong",
            "token abc.def-123 expired",
            "the password \"pw\" is wrong",
            "pw",
        ] {
            assert!(shown.is_in(text), "{text}");
        }
        for text in [
            "",
            "authentication required",
            "hunter",
            "spwan pws",
            "Basic realm=x",
        ] {
            assert!(!shown.is_in(text), "{text}");
        }
        assert!(!Shown::default().is_in("anything"));
    }
}
