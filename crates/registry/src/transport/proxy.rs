use std::fmt;
use std::sync::Arc;

use http::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use crate::host;

/// Which requests go through which proxy. Loopback hosts are always asked directly.
#[derive(Clone)]
pub struct Proxies(Option<Arc<Matcher>>);

impl Proxies {
    /// What `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` say, in either case.
    pub fn from_environment() -> Self {
        Self(Some(Arc::new(Matcher::from_env())))
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
        // A proxy's URL may hold its password.
        f.write_str(if self.0.is_some() {
            "Proxies(..)"
        } else {
            "Proxies(none)"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
