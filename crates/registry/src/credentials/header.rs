//! The `X-Registry-Auth` header of the Docker Engine API.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use sockerless_oci::json::{any_case, decode};

use super::Credentials;
use crate::secret::Secret;

/// What a client of the Docker Engine API sends in `X-Registry-Auth`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderCredentials {
    /// The credentials, anonymous if the header has none.
    pub credentials: Credentials,
    /// The registry that the client says they are for.
    pub server_address: Option<String>,
}

/// Why an `X-Registry-Auth` header cannot be used. Docker ignores such a header on a pull.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// It is not base64.
    #[error("X-Registry-Auth is not base64url")]
    Encoding,
    /// It is not the JSON of credentials.
    #[error("X-Registry-Auth is not the JSON of credentials")]
    Json,
}

#[derive(Default)]
struct AuthConfig {
    username: String,
    password: String,
    serveraddress: String,
    identitytoken: String,
    registrytoken: String,
}

any_case!(AuthConfig, "credentials" {
    "username" => username,
    "password" => password,
    "serveraddress" => serveraddress,
    "identitytoken" => identitytoken,
    "registrytoken" => registrytoken,
});

/// Parses the value of `X-Registry-Auth`: base64url of JSON, with or without padding. The alphabet
/// of plain base64, which some clients use, is accepted too. An empty value is anonymous.
///
/// # Errors
/// [`HeaderError`] if it is anything else; the caller decides whether to go on without credentials.
pub fn parse_registry_auth(value: &str) -> Result<HeaderCredentials, HeaderError> {
    let value = value.trim().trim_end_matches('=');
    if value.is_empty() {
        return Ok(HeaderCredentials::default());
    }
    let json = URL_SAFE_NO_PAD
        .decode(value)
        .or_else(|_| STANDARD_NO_PAD.decode(value))
        .map_err(|_| HeaderError::Encoding)?;
    let config: AuthConfig = decode(&json).map_err(|_| HeaderError::Json)?;
    let given = |text: String| Some(text).filter(|text| !text.is_empty());
    let username = given(config.username);
    let credentials = if let Some(token) = given(config.registrytoken) {
        Credentials::RegistryToken(Secret::new(token))
    } else if let Some(token) = given(config.identitytoken) {
        Credentials::IdentityToken {
            username,
            token: Secret::new(token),
        }
    } else if let Some(username) = username {
        let password = Secret::new(config.password);
        Credentials::Basic { username, password }
    } else {
        Credentials::Anonymous
    };
    Ok(HeaderCredentials {
        credentials,
        server_address: given(config.serveraddress),
    })
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forms() {
        let basic = Credentials::Basic {
            username: "ü?>".into(),
            password: "p".into(),
        };
        let identity = Credentials::IdentityToken {
            username: Some("u".into()),
            token: "i".into(),
        };
        for (json, expected, server) in [
            (
                r#"{"username":"ü?>","password":"p","serveraddress":"r.io"}"#,
                basic,
                Some("r.io"),
            ),
            (r#"{"username":"u","identitytoken":"i"}"#, identity, None),
            (
                r#"{"registrytoken":"r"}"#,
                Credentials::RegistryToken("r".into()),
                None,
            ),
            (
                r#"{"username":"","password":"","auth":"","email":"e"}"#,
                Credentials::Anonymous,
                None,
            ),
            (
                r#"{"Username":"a","UserName":"b","password":null,"ServerAddress":"r.io","x":1e999}"#,
                Credentials::Basic {
                    username: "b".into(),
                    password: "".into(),
                },
                Some("r.io"),
            ),
            ("{}", Credentials::Anonymous, None),
            ("null", Credentials::Anonymous, None),
        ] {
            for value in [
                URL_SAFE.encode(json),
                URL_SAFE_NO_PAD.encode(json),
                STANDARD.encode(json),
            ] {
                let parsed = parse_registry_auth(&value).expect(json);
                assert_eq!(parsed.credentials, expected, "{json}");
                assert_eq!(parsed.server_address.as_deref(), server, "{json}");
            }
        }
        assert_eq!(
            parse_registry_auth(&URL_SAFE.encode(b"{\"username\":\"J\xfc\"}"))
                .expect("a name")
                .credentials,
            Credentials::Basic {
                username: "J\u{fffd}".into(),
                password: "".into(),
            }
        );
        assert_eq!(
            parse_registry_auth("").expect("empty"),
            HeaderCredentials::default()
        );
        assert_eq!(parse_registry_auth("a b"), Err(HeaderError::Encoding));
        assert_eq!(
            parse_registry_auth(&URL_SAFE.encode("{")),
            Err(HeaderError::Json)
        );
        assert_eq!(
            parse_registry_auth(&URL_SAFE.encode("[1]")),
            Err(HeaderError::Json)
        );
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_registry_auth(&text);
            let _ = parse_registry_auth(&URL_SAFE.encode(bytes));
        }
    }
}
