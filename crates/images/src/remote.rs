//! The requests to registries, as clients send them, and the description of what a registry has.

use sockerless_oci::Platform;
use sockerless_reference::Digest;

/// A pull, as a client requests it.
#[derive(Debug, Clone, Default)]
pub struct PullRequest {
    /// The name to pull; it may carry a tag or digest.
    pub from_image: String,
    /// A tag or digest, which overrides the one in the name; without either all tags are pulled.
    pub tag: String,
    /// The platform that the image must have.
    pub platform: Option<Platform>,
    /// The `X-Registry-Auth` header as received.
    pub auth: Option<String>,
}

/// A push, as a client requests it.
#[derive(Debug, Clone, Default)]
pub struct PushRequest {
    /// The name to push.
    pub name: String,
    /// The tag; empty for all tags of the name.
    pub tag: String,
    /// Push only this platform of the image.
    pub platform: Option<Platform>,
    /// The `X-Registry-Auth` header as received.
    pub auth: Option<String>,
}

/// What a registry has under a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distribution {
    /// Media type of the manifest or index.
    pub media_type: String,
    /// Its digest.
    pub digest: Digest,
    /// Its bytes.
    pub size: u64,
    /// The platforms that it has.
    pub platforms: Vec<Platform>,
}

/// Credentials to verify.
#[derive(Clone, Default)]
pub struct LoginRequest {
    /// The user.
    pub username: String,
    /// The password.
    pub password: String,
    /// A refresh token instead of a password.
    pub identity_token: String,
    /// The registry; empty for Docker Hub.
    pub server_address: String,
}

impl std::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Secrets are never logged.
        f.debug_struct("LoginRequest")
            .field("username", &self.username)
            .field("server_address", &self.server_address)
            .finish_non_exhaustive()
    }
}
