//! Verifies credentials of clients with their registry, for `docker login`.

use sockerless_registry::{Credentials, Secret};

use crate::remote::LoginRequest;
use crate::{Error, Images, Kind};

impl Images {
    /// Verifies credentials with their registry. They are not kept: clients send them with each
    /// request.
    ///
    /// Returns the refresh token to keep instead of the password, if there is one.
    ///
    /// # Errors
    /// [`Kind::Unauthorized`] when the registry refuses them, and its other errors.
    pub async fn login(&self, request: LoginRequest) -> Result<Option<String>, Error> {
        let host = host(&request.server_address);
        let credentials = match request {
            LoginRequest {
                ref identity_token,
                ref username,
                ..
            } if !identity_token.is_empty() => Credentials::IdentityToken {
                username: Some(username.clone()).filter(|name| !name.is_empty()),
                token: Secret::new(identity_token.clone()),
            },
            LoginRequest {
                username, password, ..
            } if !username.is_empty() => Credentials::Basic {
                username,
                password: Secret::new(password),
            },
            _ => {
                let message = "a login needs a username and password or an identity token";
                return Err(Error::new(Kind::InvalidParameter, message));
            }
        };
        // A user waits for the result: no retries.
        let login = self.registries_once.login(&host, Some(credentials)).await;
        login.map_err(|error| refused(&host, error))?;
        Ok(None)
    }
}

/// A refusal with the message that Docker's clients expect.
fn refused(host: &str, error: sockerless_registry::Error) -> Error {
    match error.status() {
        Some(401) => {
            let message = format!(
                "login attempt to {host} failed with status: 401 Unauthorized: {}",
                error.fault()
            );
            Error::new(Kind::Unauthorized, message).with_source(error)
        }
        _ => Error::registry(error),
    }
}

/// The host of a registry as clients write it: a name or a URL, or nothing for Docker Hub.
fn host(server_address: &str) -> String {
    let address = server_address.trim();
    let address = address.split_once("://").map_or(address, |(_, rest)| rest);
    match address.split('/').next().unwrap_or_default() {
        "" | "index.docker.io" | "registry-1.docker.io" => "docker.io".to_owned(),
        host => host.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn server_addresses() {
        for (address, expected) in [
            ("", "docker.io"),
            ("https://index.docker.io/v1/", "docker.io"),
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("https://registry.example.com/v2/", "registry.example.com"),
        ] {
            assert_eq!(host(address), expected);
        }
    }
}
