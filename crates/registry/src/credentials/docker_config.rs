//! The Docker client's `config.json`: which credentials it has for a registry.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_PAD_INDIFFERENT;
use sockerless_oci::json::{self, JsonError, any_case};
use tokio::io::AsyncReadExt as _;

use super::{CredentialError, Credentials};
use crate::host::is_docker_hub;
use crate::secret::Secret;

/// Largest configuration file that is read.
const FILE_LIMIT: u64 = 1 << 20;

/// The key of Docker Hub in `auths`, in `credHelpers` and for helpers.
const DOCKER_HUB_KEY: &str = "https://index.docker.io/v1/";

/// The part of a Docker client's `config.json` that says how to authenticate.
#[derive(Default)]
pub(crate) struct DockerConfig {
    auths: Option<HashMap<String, Auth>>,
    cred_helpers: Option<HashMap<String, String>>,
    creds_store: Option<String>,
}

any_case!(DockerConfig, "the configuration of a Docker client" {
    "auths" => auths,
    "credhelpers" => cred_helpers,
    "credsstore" => creds_store,
});

#[derive(Default, Clone)]
struct Auth {
    auth: Option<String>,
    username: Option<String>,
    password: Option<String>,
    identitytoken: Option<String>,
    registrytoken: Option<String>,
}

any_case!(Auth, "the credentials of a registry" {
    "auth" => auth,
    "username" => username,
    "password" => password,
    "identitytoken" => identitytoken,
    "registrytoken" => registrytoken,
});

/// What a configuration file says about one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Use the helper of this name with this key.
    Helper { name: String, key: String },
    /// Use these credentials.
    Plain {
        key: String,
        credentials: Credentials,
    },
    /// Nothing.
    None,
}

impl DockerConfig {
    /// The path where the Docker client looks for the file.
    pub(crate) fn locate(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let given = |name| {
            variable(name)
                .filter(|value| !value.is_empty())
                .map(PathBuf::from)
        };
        let folder = given("DOCKER_CONFIG").or_else(|| Some(given("HOME")?.join(".docker")))?;
        Some(folder.join("config.json"))
    }

    /// Reads `path`; a missing file counts as empty.
    pub(crate) async fn load(path: &Path) -> Result<Self, CredentialError> {
        let unreadable = |error| CredentialError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let file = match tokio::fs::File::open(path).await {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(unreadable(error)),
        };
        let mut bytes = Vec::new();
        file.take(FILE_LIMIT + 1)
            .read_to_end(&mut bytes)
            .await
            .map_err(unreadable)?;
        let malformed = |reason: String| CredentialError::Malformed {
            path: path.to_owned(),
            reason,
        };
        if bytes.len() as u64 > FILE_LIMIT {
            return Err(malformed(format!("larger than {FILE_LIMIT} bytes")));
        }
        // The parser's own message could quote a part of the file.
        Self::parse(&bytes).map_err(|error| {
            malformed(match error.position() {
                Some((line, column)) => format!("not valid at line {line} column {column}"),
                None => error.to_string(),
            })
        })
    }

    fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        if bytes.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        json::decode(bytes)
    }

    /// What the file says about the registry `host`, by the Docker client's rules: the helper of
    /// this host, else the store for all hosts, else an entry of the file itself.
    pub(crate) fn entry(&self, host: &str) -> Result<Entry, String> {
        let key = if is_docker_hub(host) {
            DOCKER_HUB_KEY
        } else {
            host
        };
        let helper = self
            .cred_helpers
            .as_ref()
            .and_then(|helpers| helpers.get(key));
        let helper = helper
            .or(self.creds_store.as_ref())
            .filter(|name| !name.is_empty());
        if let Some(name) = helper {
            return Ok(Entry::Helper {
                name: name.clone(),
                key: key.to_owned(),
            });
        }
        let Some(auths) = &self.auths else {
            return Ok(Entry::None);
        };
        let exact = auths.get_key_value(key);
        // Several keys may mean the same host: always use the same one.
        let same_host = || {
            auths
                .iter()
                .filter(|(stored, _)| bare_host(stored) == bare_host(key))
                .min_by_key(|(stored, _)| stored.as_str())
        };
        match exact.or_else(same_host) {
            Some((key, auth)) => {
                let credentials = auth
                    .credentials()
                    .map_err(|reason| format!("{key}: {reason}"))?;
                Ok(Entry::Plain {
                    key: key.clone(),
                    credentials,
                })
            }
            None => Ok(Entry::None),
        }
    }
}

impl Auth {
    fn credentials(&self) -> Result<Credentials, &'static str> {
        let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
        let (username, password) = match given(&self.auth) {
            Some(encoded) => {
                let (username, password) = decode(&encoded)?;
                (
                    Some(username).filter(|name| !name.is_empty()),
                    Some(password),
                )
            }
            None => (given(&self.username), given(&self.password)),
        };
        if let Some(token) = given(&self.registrytoken) {
            return Ok(Credentials::RegistryToken(Secret::new(token)));
        }
        if let Some(token) = given(&self.identitytoken) {
            return Ok(Credentials::IdentityToken {
                username,
                token: Secret::new(token),
            });
        }
        Ok(match username {
            Some(username) => {
                let password = Secret::new(password.unwrap_or_default());
                Credentials::Basic { username, password }
            }
            None => Credentials::Anonymous,
        })
    }
}

/// Decodes `auth`: base64 of `user:password`. Old clients padded the password with NULs.
fn decode(encoded: &str) -> Result<(String, String), &'static str> {
    let bytes = STANDARD_PAD_INDIFFERENT
        .decode(encoded.trim())
        .map_err(|_| "auth is not base64")?;
    let text = String::from_utf8(bytes).map_err(|_| "auth is not base64 of text")?;
    let (username, password) = text
        .split_once(':')
        .ok_or("auth is not base64 of user:password")?;
    Ok((username.to_owned(), password.trim_matches('\0').to_owned()))
}

/// The `HOST[:PORT]` of a key, which may be a URL.
fn bare_host(key: &str) -> &str {
    let rest = key
        .strip_prefix("https://")
        .or_else(|| key.strip_prefix("http://"))
        .unwrap_or(key);
    rest.split('/').next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn entry(json: &str, host: &str) -> Result<Entry, String> {
        DockerConfig::parse(json.as_bytes())
            .expect(json)
            .entry(host)
    }

    fn plain(key: &str, username: &str, password: &str) -> Entry {
        let credentials = Credentials::Basic {
            username: username.into(),
            password: password.into(),
        };
        Entry::Plain {
            key: key.into(),
            credentials,
        }
    }

    fn helper(name: &str, key: &str) -> Entry {
        Entry::Helper {
            name: name.into(),
            key: key.into(),
        }
    }

    #[test]
    fn which_entry_is_used() {
        let hub = "https://index.docker.io/v1/";
        let json = format!(
            r#"{{"auths":{{"{hub}":{{"auth":"dTpw"}},"r.io:5000":{{"auth":"dTpwOnc="}},
                "https://old.io/v1/":{{"username":"u","password":"p"}},"empty.io":{{}},"null.io":null,
                "id.io":{{"auth":"dTo=","identitytoken":"t"}},
                "nul.io":{{"auth":"{}"}}}},"HttpHeaders":{{"a":"b"}}}}"#,
            STANDARD.encode("u:p\0\0")
        );
        for host in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
            assert_eq!(entry(&json, host), Ok(plain(hub, "u", "p")), "{host}");
        }
        assert_eq!(
            entry(&json, "r.io:5000"),
            Ok(plain("r.io:5000", "u", "p:w"))
        );
        assert_eq!(entry(&json, "r.io"), Ok(Entry::None));
        assert_eq!(
            entry(&json, "old.io"),
            Ok(plain("https://old.io/v1/", "u", "p"))
        );
        assert_eq!(entry(&json, "nul.io"), Ok(plain("nul.io", "u", "p")));
        let anonymous = Credentials::Anonymous;
        let null = Entry::Plain {
            key: "null.io".into(),
            credentials: anonymous.clone(),
        };
        assert_eq!(entry(&json, "null.io"), Ok(null));
        let empty = Entry::Plain {
            key: "empty.io".into(),
            credentials: anonymous,
        };
        assert_eq!(entry(&json, "empty.io"), Ok(empty));
        let credentials = Credentials::IdentityToken {
            username: Some("u".into()),
            token: "t".into(),
        };
        let identity = Entry::Plain {
            key: "id.io".into(),
            credentials,
        };
        assert_eq!(entry(&json, "id.io"), Ok(identity));
    }

    #[test]
    fn helpers_come_first() {
        let json = r#"{"auths":{"a.io":{"auth":"dTpw"},"b.io":{"auth":"dTpw"}},
            "credHelpers":{"a.io":"ecr-login","https://index.docker.io/v1/":"hub"},"credsStore":"pass"}"#;
        assert_eq!(entry(json, "a.io"), Ok(helper("ecr-login", "a.io")));
        assert_eq!(entry(json, "b.io"), Ok(helper("pass", "b.io")));
        assert_eq!(
            entry(json, "docker.io"),
            Ok(helper("hub", "https://index.docker.io/v1/"))
        );
        assert_eq!(entry(r#"{"credsStore":""}"#, "a.io"), Ok(Entry::None));
        assert_eq!(entry("", "a.io"), Ok(Entry::None));
    }

    #[test]
    fn errors_quote_no_secret() {
        for (auth, reason) in [
            ("%hunter2", "r.io: auth is not base64"),
            (
                &STANDARD.encode("hunter2"),
                "r.io: auth is not base64 of user:password",
            ),
        ] {
            let json = format!(r#"{{"auths":{{"r.io":{{"auth":"{auth}"}}}}}}"#);
            assert_eq!(entry(&json, "r.io"), Err(reason.to_owned()));
        }
    }

    #[test]
    fn locations() {
        let with = |docker: Option<&str>, home: Option<&str>| {
            DockerConfig::locate(|name| match name {
                "DOCKER_CONFIG" => docker.map(OsString::from),
                "HOME" => home.map(OsString::from),
                _ => None,
            })
        };
        assert_eq!(
            with(Some("/c"), Some("/h")),
            Some(PathBuf::from("/c/config.json"))
        );
        assert_eq!(
            with(Some(""), Some("/h")),
            Some(PathBuf::from("/h/.docker/config.json"))
        );
        assert_eq!(with(None, None), None);
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", auth in "\\PC*", host in "\\PC*") {
            if let Ok(config) = DockerConfig::parse(text.as_bytes()) {
                let _ = config.entry(&host);
            }
            let json = serde_json::json!({"auths": {&host: {"auth": auth}}}).to_string();
            let config = DockerConfig::parse(json.as_bytes()).expect("valid");
            let _ = config.entry(&host);
        }
    }
}
