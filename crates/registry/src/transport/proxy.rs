//! Proxies, from the environment or from the configuration.

use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use http::Uri;
use http::uri::Authority;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::host;

/// The environment variables that name a proxy, each also in lower case.
const VARIABLES: &[&str] = &["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// The supported schemes of proxies.
const SCHEMES: &[&str] = &["http", "https", "socks5", "socks5h"];

/// An environment variable that does not name a proxy. Its value, which may contain a password, is
/// not repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{variable} is not the URL of a proxy: expected SCHEME://[USER:PASSWORD@]HOST:PORT, where SCHEME \
     is one of {schemes}",
    schemes = SCHEMES.join(", ")
)]
pub struct InvalidProxy {
    variable: String,
}

/// Which requests go through which proxy. Loopback hosts are always asked directly.
#[derive(Clone)]
pub struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    /// The proxies of `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in either case.
    pub fn from_environment() -> Self {
        Self(Some(Arc::new(Matcher::from_env())))
    }

    /// Checks that the variables that [`from_environment`](Self::from_environment) reads name
    /// proxies: it ignores invalid ones.
    ///
    /// # Errors
    /// [`InvalidProxy`] for the first that does not.
    pub fn check_environment() -> Result<(), InvalidProxy> {
        check(|name| std::env::var_os(name))
    }

    /// No proxy, whatever the environment says.
    pub fn none() -> Self {
        Self(None)
    }

    /// These proxies, each a URL of scheme `http`, `https` or `socks5` or empty; `no` is a list in
    /// the form of `NO_PROXY`.
    pub fn new(http: &str, https: &str, no: &str) -> Self {
        let matcher = Matcher::builder()
            .http(http.to_owned())
            .https(https.to_owned())
            .no(no.to_owned())
            .build();
        Self(Some(Arc::new(matcher)))
    }

    pub(crate) fn intercept(&self, uri: &Uri) -> Option<Intercept> {
        let name = uri.host()?;
        let loopback = host::is_localhost(name)
            || host::address(name).is_some_and(|address| address.to_canonical().is_loopback());
        if loopback {
            return None;
        }
        self.0.as_ref()?.intercept(uri)
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A proxy's URL may contain its password.
        f.write_str(if self.0.is_some() {
            "Proxies(..)"
        } else {
            "Proxies(none)"
        })
    }
}

fn check(value: impl Fn(&str) -> Option<OsString>) -> Result<(), InvalidProxy> {
    let names = VARIABLES.iter().map(|name| (*name).to_owned());
    for variable in names.flat_map(|name| [name.to_lowercase(), name]) {
        let is_proxy = value(&variable)
            .is_none_or(|value| value.is_empty() || value.to_str().is_some_and(names_proxy));
        if !is_proxy {
            return Err(InvalidProxy { variable });
        }
    }
    Ok(())
}

fn names_proxy(text: &str) -> bool {
    let url = match text.contains("://") {
        true => text.to_owned(),
        false => format!("http://{text}"),
    };
    url.parse::<Uri>().is_ok_and(|url| {
        let is_known = url
            .scheme_str()
            .is_some_and(|scheme| SCHEMES.contains(&scheme));
        let has_host = url.host().is_some_and(|host| !host.is_empty());
        // The parser accepts a port that is not a number.
        let authority = url.authority().map(Authority::as_str).unwrap_or_default();
        let place = authority
            .rsplit_once('@')
            .map_or(authority, |(_, place)| place);
        let names_port = place
            .rsplit_once(':')
            .is_some_and(|(_, port)| !port.ends_with(']'));
        is_known && has_host && (!names_port || url.port_u16().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_name_no_proxy() {
        for good in [
            "",
            "http://p.example:3128",
            "https://u:pw@p.example",
            "socks5h://[::1]:1080/",
            "p.example:3128",
            "http://[::1]",
        ] {
            assert_eq!(check(|_| Some(good.into())), Ok(()), "{good}");
        }
        assert_eq!(check(|_| None), Ok(()));
        for bad in [
            "ht!tp://x:y:z",
            "ftp://p.example",
            "http://",
            "http://p.example:port",
            "http://u:secret@p.example:99999",
            "http://p example",
        ] {
            let error = check(|name| (name == "https_proxy").then(|| bad.into()));
            let error = error.expect_err(bad).to_string();
            assert!(error.starts_with("https_proxy is not the URL"), "{error}");
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn loopback_is_asked_directly() {
        let proxies = Proxies::new(
            "http://p.example:3128",
            "http://u:pw@p.example:3128",
            "in.io",
        );
        let through = |text: &str| {
            let uri: Uri = text.parse().expect("valid");
            proxies.intercept(&uri).map(|proxy| proxy.uri().to_string())
        };
        assert_eq!(
            through("https://r.io/").as_deref(),
            Some("http://p.example:3128/")
        );
        assert_eq!(
            through("http://r.io/").as_deref(),
            Some("http://p.example:3128/")
        );
        for direct in [
            "https://in.io/",
            "http://127.0.0.1:5/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://127.1/",
            "http://localhost",
        ] {
            assert_eq!(through(direct), None, "{direct}");
        }
        assert!(!format!("{proxies:?}").contains("pw"));
        let none = Proxies::none();
        assert!(
            none.intercept(&"https://r.io/".parse().expect("valid"))
                .is_none()
        );
    }
}
