//! URLs that a registry returns: followed as they are, never rebuilt.

use http::Uri;
use http::header::HeaderValue;
use percent_encoding::{AsciiSet, CONTROLS, percent_encode};
use sockerless_reference::Digest;

use crate::error::Fault;
use crate::host::names_host;

/// Bytes that are invalid in a URL; all others stay as the registry wrote them.
const UNSAFE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'<').add(b'>').add(b'\\');

/// Resolves `reference` against `base`. From https, only https is accepted.
///
/// Absolute URLs, `//host/path`, absolute and relative paths and bare queries are understood. A
/// fragment is dropped.
pub(crate) fn resolve(base: &Uri, reference: &[u8]) -> Result<Uri, Fault> {
    let text = encode(reference.trim_ascii());
    let malformed =
        || Fault::Malformed(format!("a URL that cannot be followed: {}", redact(&text)));

    let scheme = base.scheme_str().unwrap_or("https");
    let authority = base
        .authority()
        .map(|authority| authority.as_str())
        .unwrap_or_default();
    let absolute = if has_scheme(&text) {
        text.clone()
    } else if text.starts_with("//") {
        format!("{scheme}:{text}")
    } else if text.starts_with('/') {
        format!("{scheme}://{authority}{text}")
    } else if text.starts_with('?') {
        format!("{scheme}://{authority}{}{text}", base.path())
    } else if text.is_empty() {
        return Err(malformed());
    } else {
        let folder = base
            .path()
            .rsplit_once('/')
            .map(|(folder, _)| folder)
            .unwrap_or_default();
        format!("{scheme}://{authority}{folder}/{text}")
    };
    let url = parse(&absolute).ok_or_else(malformed)?;
    if scheme == "https" && url.scheme_str() != Some("https") {
        let text = format!("{} is not https", redact(&absolute));
        return Err(Fault::Redirect(text));
    }
    Ok(url)
}

/// The text of a URL, with invalid characters encoded and without its fragment.
pub(crate) fn encode(text: &[u8]) -> String {
    let text = text.split(|byte| *byte == b'#').next().unwrap_or_default();
    percent_encode(text, UNSAFE).to_string()
}

/// An http or https URL of a host, without user.
pub(crate) fn parse(text: &str) -> Option<Uri> {
    let url: Uri = text.parse().ok()?;
    let known = matches!(url.scheme_str(), Some("http" | "https"));
    (known && names_host(url.authority()?)).then_some(url)
}

/// Whether a reference begins with `SCHEME://`, for any scheme.
fn has_scheme(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// As [`resolve`], for the value of a header.
pub(crate) fn resolve_header(base: &Uri, value: Option<&HeaderValue>) -> Result<Uri, Fault> {
    match value {
        Some(value) => resolve(base, value.as_bytes()),
        None => Err(Fault::Malformed("a reply without Location".to_owned())),
    }
}

/// The upload location with the digest that completes it.
pub(crate) fn with_digest(location: &Uri, digest: &Digest) -> Result<Uri, Fault> {
    let separator = match location.query() {
        None => "?",
        Some(query) if query.is_empty() || query.ends_with('&') => "",
        Some(_) => "&",
    };
    let text = format!("{location}{separator}digest=sha256%3A{}", digest.hex());
    text.parse().map_err(|_| {
        Fault::Malformed(format!(
            "an upload location that takes no digest: {}",
            redact(&text)
        ))
    })
}

/// A URL that can be shown: without user, query and fragment, which hold signatures.
pub(crate) fn redact(url: &str) -> String {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let shown = &url[..end];
    let shown = match shown.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
            let host = authority
                .rsplit_once('@')
                .map_or(authority, |(_, host)| host);
            format!("{scheme}://{host}/{path}")
        }
        None => shown.to_owned(),
    };
    if end < url.len() {
        format!("{shown}?…")
    } else {
        shown
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn resolves() {
        let base: Uri = "https://r.io:5000/v2/a/b/blobs/uploads/"
            .parse()
            .expect("valid");
        for (reference, expected) in [
            (
                "/v2/x?_state=a%2Fb==",
                "https://r.io:5000/v2/x?_state=a%2Fb==",
            ),
            (
                "https://o.io/artifacts-uploads/1?u=%7B",
                "https://o.io/artifacts-uploads/1?u=%7B",
            ),
            ("HTTPS://o.io/x", "https://o.io/x"),
            ("//o.io/x", "https://o.io/x"),
            ("0b1c", "https://r.io:5000/v2/a/b/blobs/uploads/0b1c"),
            (
                "?token=1",
                "https://r.io:5000/v2/a/b/blobs/uploads/?token=1",
            ),
            (" /x y#z ", "https://r.io:5000/x%20y"),
        ] {
            assert_eq!(
                resolve(&base, reference.as_bytes()).expect(reference),
                expected
            );
        }
        for reference in [
            "",
            "#",
            "https://",
            "https://user:pw@o.io/",
            "https://o.io:99999/",
            "https://../",
            "ftp://o.io/",
            "file:///etc/passwd",
            "//",
        ] {
            let fault = resolve(&base, reference.as_bytes()).expect_err(reference);
            assert!(matches!(fault, Fault::Malformed(_)), "{reference}: {fault}");
        }
    }

    #[test]
    fn https_leads_to_https_only() {
        let to = |base: &'static str, reference: &str| {
            resolve(&Uri::from_static(base), reference.as_bytes())
        };
        for reference in ["http://r.io/x?a=secret", "HTTP://r.io/x?a=secret"] {
            let fault = to("https://r.io/", reference).expect_err(reference);
            assert!(matches!(fault, Fault::Redirect(_)), "{fault}");
            assert!(
                fault.to_string().ends_with("r.io/x?… is not https"),
                "{fault}"
            );
            assert!(to("http://r.io/", reference).is_ok(), "{reference}");
        }
        assert!(to("http://r.io/", "https://r.io/").is_ok());
    }

    #[test]
    fn appends_the_digest() {
        let digest = Digest::of(b"");
        for (location, separator) in [
            ("https://r.io/u", "?"),
            ("https://r.io/u?", ""),
            ("https://r.io/u?a=b", "&"),
            ("https://r.io/u?a=b&", ""),
        ] {
            let uri = with_digest(&location.parse().expect("valid"), &digest).expect("valid");
            let expected = format!("{location}{separator}digest=sha256%3A{}", digest.hex());
            assert_eq!(uri.to_string(), expected);
        }
    }

    #[test]
    fn shows_no_signature() {
        assert_eq!(
            redact("https://u:p@s3.io/b/k?X-Amz-Signature=1"),
            "https://s3.io/b/k?…"
        );
        assert_eq!(redact("/v2/x?token=1"), "/v2/x?…");
        assert_eq!(redact("https://s3.io"), "https://s3.io/");
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let base = Uri::from_static("https://r.io/v2/a/tags/list");
            if let Ok(uri) = resolve(&base, &bytes) {
                prop_assert!(uri.host().is_some_and(|host| !host.is_empty()));
                let _ = with_digest(&uri, &Digest::of(b""));
            }
            let _ = redact(&String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn urls_are_kept(path in "(/[a-zA-Z0-9._~%=:@!$&'()*+,;-]{0,12}){1,6}", query in "[a-zA-Z0-9=&%_/.+-]{1,40}") {
            let base = Uri::from_static("https://r.io/v2/");
            let text = format!("https://o.io{path}?{query}");
            prop_assert_eq!(resolve(&base, text.as_bytes()).expect("valid").to_string(), text);
        }
    }
}
