//! The URL that a user asks for, and the credentials in it.

use http::{HeaderValue, Uri};
use percent_encoding::percent_decode_str;

use crate::auth::basic;
use crate::error::Fault;
use crate::host::same_origin;
use crate::location;
use crate::secret::{Secret, Shown};

/// A query value of this length or more may be a signature, which is a secret.
const SIGNATURE: usize = 16;

/// The requested URL, and the authorization for its origin.
pub(super) struct Target {
    pub(super) url: Uri,
    authorization: Option<HeaderValue>,
    /// Secrets that are sent to servers and must not be repeated.
    pub(super) shown: Shown,
}

impl Target {
    pub(super) fn parse(text: &str) -> Result<Self, Fault> {
        let (scheme, rest) = text.split_once("://").ok_or(Fault::Url)?;
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
        let url = location::encode(format!("{scheme}://{host}{path}").as_bytes());
        let url = location::parse(&url).ok_or(Fault::Url)?;
        let authorization = match user {
            "" => None,
            user => Some(authorization(user)?),
        };
        let shown = Shown::default();
        if let Some(header) = &authorization {
            shown.header(header);
        }
        let query = url.query().unwrap_or_default();
        for (_, value) in form_urlencoded::parse(query.as_bytes()) {
            if value.len() >= SIGNATURE {
                shown.secret(&value);
            }
        }
        Ok(Self {
            url,
            authorization,
            shown,
        })
    }

    /// The `Authorization` for `url`, if that is of the same origin.
    pub(super) fn authorization(&self, url: &Uri) -> Option<&HeaderValue> {
        self.authorization
            .as_ref()
            .filter(|_| same_origin(&self.url, url))
    }
}

/// The header for `USER[:PASSWORD]` of a URL.
fn authorization(user: &str) -> Result<HeaderValue, Fault> {
    let decoded = |text| {
        let text = percent_decode_str(text).decode_utf8();
        text.map_err(|_| Fault::Url)
    };
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    basic(&decoded(name)?, &Secret::new(decoded(password)?))
}

/// The printable part of an invalid URL: it is unknown where its password ends.
pub(super) fn shown(text: &str) -> String {
    let text = location::encode(text.as_bytes());
    match text.rsplit_once('@') {
        Some((_, rest)) => format!("…@{}", location::redact(rest)),
        None => location::redact(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_urls_apart() {
        for (text, url, header) in [
            ("http://h/x", "http://h/x", None),
            ("HTTPS://h:8/a b?c=d#e", "https://h:8/a%20b?c=d", None),
            ("http://h?x=y@z", "http://h/?x=y@z", None),
            ("http://u:p@h/", "http://h/", Some("Basic dTpw")),
            ("http://u@h/@v1", "http://h/@v1", Some("Basic dTo=")),
            ("http://u:p%40:@h/", "http://h/", Some("Basic dTpwQDo=")),
            ("http://a@b:c@h/", "http://h/", Some("Basic YUBiOmM=")),
            ("http://@h/", "http://h/", None),
        ] {
            let target = Target::parse(text).unwrap_or_else(|fault| panic!("{text}: {fault}"));
            assert_eq!(target.url, url, "{text}");
            let found = target.authorization.as_ref();
            let found = found.map(|value| value.to_str().expect("text"));
            assert_eq!(found, header, "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_url() {
        for (text, expected) in [
            ("", ""),
            ("h/x?signature", "h/x?…"),
            ("ftp://h/x", "ftp://h/x"),
            ("file:///etc/passwd", "file:///etc/passwd"),
            ("http://", "http:///"),
            ("http:///x", "http:///x"),
            ("http://h:99999/", "http://h:99999/"),
            ("http://../", "http://../"),
            ("http://[::1/", "http://[::1/"),
            ("http://a b/", "http://a%20b/"),
            ("http://h%2fx/", "http://h%2fx/"),
            ("http://b\u{fc}cher/", "http://b%C3%BCcher/"),
            ("http://u:hun/ter2@h/x?y", "…@h/x?…"),
            ("http://u:hunter2@h:x/y", "…@h:x/y"),
            ("u:hunter2@h/x", "…@h/x"),
            ("http://%ff:hunter2@h/", "…@h/"),
            ("x\nhttp://h/", "x%0Ahttp://h/"),
        ] {
            let fault = Target::parse(text).err().expect(text);
            assert!(matches!(fault, Fault::Url), "{text}: {fault}");
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
