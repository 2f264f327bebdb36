//! The address of a database, from a URL as libpq reads it.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::{
    AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_decode_str, percent_encode, utf8_percent_encode,
};
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::Trust;
use crate::Error;

/// Characters that must be escaped in the name of a database.
const DATABASE: &AsciiSet = &CONTROLS.add(b' ').add(b'#').add(b'%').add(b'/').add(b'?');

/// How long one server may take to accept a connection.
const CONNECT: Duration = Duration::from_secs(5);

/// A peer that disappeared is noticed after this much silence.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(20);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(5);
const KEEPALIVE_RETRIES: u32 = 3;

/// How long sent bytes may stay without an acknowledgement. The kernel's own limit is a quarter of
/// an hour, during which a request would wait for a server that is gone.
const UNACKNOWLEDGED: Duration = Duration::from_secs(20);

/// The error for a URL whose `@` could belong to a password. The URL itself is not repeated.
const STRAY_AT: &str = "an \"@\" may only stand between the password and the host: in a user, a \
    password or a parameter write %40 for \"@\", %2F for \"/\", %3F for \"?\" and %25 for \"%\"";

/// Where the database is and how to talk to it, from a `postgres://` URL.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) trust: Trust,
    /// The name of the store in errors and logs: without user and password.
    pub(super) store: String,
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, Error> {
        let scheme = ["postgres://", "postgresql://"];
        if !scheme.iter().any(|scheme| url.starts_with(scheme)) {
            return Err(invalid("it does not begin with postgres://"));
        }
        if has_stray_at(url) {
            return Err(invalid(STRAY_AT));
        }
        let (rest, parameters) = url.split_once('?').unwrap_or((url, ""));
        let (mut own, mut others) = (Own::default(), Vec::new());
        for parameter in parameters.split('&').filter(|text| !text.is_empty()) {
            if !own.take(parameter)? {
                others.push(parameter);
            }
        }
        let rest = [rest, &others.join("&")].join("?");
        let mut config: Config = rest.parse().map_err(|error| invalid(chain(&error)))?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(invalid("it names no host"));
        }
        let (mode, trust) = own.trust()?;
        config.ssl_mode(mode);
        complete(&mut config);
        let store = name(&config);
        Ok(Self {
            config,
            trust,
            store,
        })
    }
}

/// Whether a URL has an `@` that does not end its user and password. Parsers disagree about such a
/// URL, and the part of a password after the `@` would be shown as the name of a host.
fn has_stray_at(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    authority.matches('@').count() > 1 || behind.contains('@')
}

/// Parameters that the library does not support, or only in part.
#[derive(Default)]
struct Own {
    mode: Option<String>,
    root: Option<PathBuf>,
}

impl Own {
    /// Sets `KEY=VALUE` if it is one of these; returns whether it was.
    fn take(&mut self, parameter: &str) -> Result<bool, Error> {
        let (key, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let value = || {
            let value = percent_decode_str(value).decode_utf8();
            value.map_err(|_| invalid(format!("the value of {key} is not UTF-8")))
        };
        match key {
            "sslmode" => self.mode = Some(value()?.into_owned()),
            "sslrootcert" => self.root = Some(PathBuf::from(&*value()?)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Their meaning in libpq. `system` is its word for the root certificates of the system, which
    /// are also trusted when no file is given.
    fn trust(self) -> Result<(SslMode, Trust), Error> {
        let root = self.root.filter(|path| path.as_os_str() != "system");
        Ok(match (self.mode.as_deref(), root) {
            (Some("disable"), _) => (SslMode::Disable, Trust::Anybody),
            (None | Some("prefer"), None) => (SslMode::Prefer, Trust::Anybody),
            (None | Some("prefer"), Some(root)) => (SslMode::Prefer, Trust::Issuer(Some(root))),
            (Some("require"), None) => (SslMode::Require, Trust::Anybody),
            (Some("require"), Some(root)) => (SslMode::Require, Trust::Issuer(Some(root))),
            (Some("verify-ca"), root) => (SslMode::Require, Trust::Issuer(root)),
            (Some("verify-full"), root) => (SslMode::Require, Trust::IssuerAndName(root)),
            (Some(other), _) => {
                return Err(invalid(format!(
                    "sslmode is {other:?}, and not one of disable, prefer, require, verify-ca, \
                     verify-full"
                )));
            }
        })
    }
}

/// Sets the defaults of everything that the URL does not set.
fn complete(config: &mut Config) {
    if config.get_application_name().is_none() {
        config.application_name("sockerless");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_keepalives_interval().is_none() && config.get_keepalives_retries().is_none() {
        config
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(UNACKNOWLEDGED);
    }
    // Of several servers only the primary can keep a state.
    if config.get_hosts().len() > 1 {
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    }
}

/// `postgres://HOST:PORT/DATABASE`.
fn name(config: &Config) -> String {
    let ports = config.get_ports();
    let port = |at: usize| ports.get(at).or(ports.first()).copied().unwrap_or(5432);
    let hosts = config.get_hosts().iter().map(|host| match host {
        Host::Tcp(name) if name.contains(':') => format!("[{name}]"),
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => {
            percent_encode(path.as_os_str().as_encoded_bytes(), NON_ALPHANUMERIC).to_string()
        }
    });
    let mut hosts: Vec<_> = hosts.collect();
    if hosts.is_empty() {
        let addresses = config.get_hostaddrs().iter();
        hosts = addresses.map(ToString::to_string).collect();
    }
    let servers: Vec<_> = (0..)
        .zip(hosts)
        .map(|(at, host)| format!("{host}:{}", port(at)))
        .collect();
    let database = config
        .get_dbname()
        .or(config.get_user())
        .unwrap_or_default();
    let database = utf8_percent_encode(database, DATABASE);
    format!("postgres://{}/{database}", servers.join(","))
}

fn invalid(what: impl Into<String>) -> Error {
    Error::Address { what: what.into() }
}

/// The error with its causes, none of which repeats the URL.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Address {
        Address::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn the_name_has_no_user_and_no_password() {
        for (url, name) in [
            (
                "postgres://me:secret@db.example/state",
                "postgres://db.example:5432/state",
            ),
            (
                "postgresql://me:s%40c@db.example:5433/a%20b?sslmode=disable",
                "postgres://db.example:5433/a%20b",
            ),
            ("postgres://me@[::1]:1/x", "postgres://[::1]:1/x"),
            ("postgres://me@db.example", "postgres://db.example:5432/me"),
            ("postgres://me:secret@a:1,b:2/x", "postgres://a:1,b:2/x"),
            (
                "postgres:///x?user=me&password=secret&host=db.example&port=7",
                "postgres://db.example:7/x",
            ),
            (
                "postgres://me@%2Frun%2Fpg/x",
                "postgres://%2Frun%2Fpg:5432/x",
            ),
            (
                "postgres:///x?hostaddr=10.0.0.1",
                "postgres://10.0.0.1:5432/x",
            ),
        ] {
            assert_eq!(parse(url).store, name, "{url}");
        }
    }

    #[test]
    fn modes_of_tls_are_those_of_libpq() {
        let file = || Some(PathBuf::from("/ca.pem"));
        for (parameters, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("sslmode=disable", SslMode::Disable, Trust::Anybody),
            (
                "sslmode=disable&sslrootcert=/ca.pem",
                SslMode::Disable,
                Trust::Anybody,
            ),
            ("sslmode=prefer", SslMode::Prefer, Trust::Anybody),
            (
                "sslrootcert=/ca.pem",
                SslMode::Prefer,
                Trust::Issuer(file()),
            ),
            ("sslmode=require", SslMode::Require, Trust::Anybody),
            (
                "sslmode=require&sslrootcert=%2Fca.pem",
                SslMode::Require,
                Trust::Issuer(file()),
            ),
            ("sslmode=verify-ca", SslMode::Require, Trust::Issuer(None)),
            (
                "sslrootcert=/ca.pem&sslmode=verify-full",
                SslMode::Require,
                Trust::IssuerAndName(file()),
            ),
            (
                "sslmode=verify-full&sslrootcert=system",
                SslMode::Require,
                Trust::IssuerAndName(None),
            ),
        ] {
            let address = parse(&format!("postgres://me@h/x?{parameters}&connect_timeout=3"));
            assert_eq!(
                (address.config.get_ssl_mode(), address.trust),
                (mode, trust),
                "{parameters}"
            );
            let timeout = address.config.get_connect_timeout();
            assert_eq!(timeout, Some(&Duration::from_secs(3)));
        }
    }

    #[test]
    fn what_the_url_says_wins() {
        let address = parse("postgres://me@h/x?options=-c%20search_path%3Dmine&keepalives_idle=9");
        assert_eq!(address.config.get_options(), Some("-c search_path=mine"));
        assert_eq!(address.config.get_application_name(), Some("sockerless"));
        let address = parse("postgres://me@h/x?application_name=other");
        assert_eq!(address.config.get_application_name(), Some("other"));
    }

    #[test]
    fn of_several_servers_the_primary_is_wanted() {
        for (url, wanted) in [
            ("postgres://me@a/x", TargetSessionAttrs::Any),
            ("postgres://me@a,b/x", TargetSessionAttrs::ReadWrite),
        ] {
            assert_eq!(parse(url).config.get_target_session_attrs(), wanted);
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_address() {
        for (url, what) in [
            ("", "it does not begin with postgres://"),
            ("host=h user=me", "it does not begin with postgres://"),
            (
                "mysql://me:secret@h/x",
                "it does not begin with postgres://",
            ),
            ("postgres://", "it names no host"),
            ("postgres://me:secret@/x", "it names no host"),
            (
                "postgres://me:sec:ret@h:port/x",
                "invalid connection string: invalid value for option `port`",
            ),
            (
                "postgres://me:secret@h/x?sslcert=a",
                "invalid connection string: unknown option `sslcert`",
            ),
            (
                "postgres://me:secret@h/x?sslmode=allow",
                "sslmode is \"allow\", and not one of disable, prefer, require, verify-ca, \
                 verify-full",
            ),
            (
                "postgres://me:secret@h/x?sslrootcert=%FF",
                "the value of sslrootcert is not UTF-8",
            ),
        ] {
            assert_eq!(
                refusal(url),
                format!("the address of the state is not valid: {what}")
            );
        }
    }

    fn refusal(url: &str) -> String {
        match Address::parse(url) {
            Ok(address) => panic!("{url}: {}", address.store),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn no_part_of_a_password_is_taken_for_something_else() {
        for url in [
            "postgres://me:pass@secret@db.example/x",
            "postgres://me:@secret@db.example/x",
            "postgres://me:pass@secret:5432@db.example/x",
            "postgres://me:pass/secret@db.example/x",
            "postgres://me:pass?secret@db.example/x",
            "postgres://me:pass@a?secret=b@db.example/x",
            "postgres://me@mail.example:secret@db.example/x",
            "postgresql://db.example/x?user=me&password=pass@secret",
            "postgres://db.example?password=pass@secret",
            "postgres://me:pass@db.example/x?password=pass@secret",
        ] {
            let error = refusal(url);
            assert!(error.contains("write %40"), "{url}: {error}");
            assert!(!error.contains("secret"), "{url}: {error}");
        }
        for (url, password) in [
            ("postgres://me:p%40s%2Fs%3F@db.example/x", "p@s/s?"),
            ("postgres://me:a:b#c%25@db.example/x", "a:b#c%"),
            ("postgres://db.example/x?user=me&password=p%40s", "p@s"),
        ] {
            let address = parse(url);
            let found = address.config.get_password();
            assert_eq!(found, Some(password.as_bytes()), "{url}");
            assert_eq!(address.store, "postgres://db.example:5432/x");
        }
    }
}
