//! Credentials for registries, and where they come from.

mod docker_config;
mod header;
mod helper;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

pub(crate) use docker_config::{DockerConfig, Entry};
pub use header::{HeaderCredentials, HeaderError, parse_registry_auth};
pub(crate) use helper::Helper;

use crate::secret::{Secret, Shown};

/// The credentials presented to a registry.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Credentials {
    /// Nothing.
    #[default]
    Anonymous,
    /// User and password: sent to the registry, or exchanged for a token.
    Basic {
        /// The user's name.
        username: String,
        /// The password, or a token used as one.
        password: Secret,
    },
    /// A refresh token, exchanged for tokens at the registry's token server.
    IdentityToken {
        /// The user's name, if one was given: for token servers that accept the refresh token only
        /// as a password.
        username: Option<String>,
        /// The refresh token.
        token: Secret,
    },
    /// A bearer token for the registry itself.
    RegistryToken(Secret),
}

/// The user name that goes with a refresh token sent as a password.
pub(crate) const TOKEN_USER: &str = "<token>";

impl Credentials {
    /// Records the secrets that registries and token servers will be sent.
    pub(crate) fn note(&self, shown: &Shown) {
        match self {
            Self::Anonymous => {}
            Self::Basic { username, password } => shown.password(username, password),
            Self::IdentityToken { username, token } => {
                shown.password(username.as_deref().unwrap_or(TOKEN_USER), token);
            }
            Self::RegistryToken(token) => shown.secret(token.expose()),
        }
    }
}

/// Credentials and where they came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedCredentials {
    /// The credentials.
    pub credentials: Credentials,
    /// Where they came from.
    pub origin: CredentialOrigin,
}

/// Where credentials came from, to tell the user which ones were used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialOrigin {
    /// Given with the request.
    Request,
    /// An entry of a Docker configuration file.
    File {
        /// The file.
        path: PathBuf,
        /// The key under `auths`.
        key: String,
    },
    /// A credential helper.
    Helper {
        /// The program's name, `docker-credential-…`.
        program: String,
        /// The Docker configuration file that names it.
        path: PathBuf,
    },
    /// There are none: requests are anonymous.
    Nowhere,
}

impl fmt::Display for CredentialOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request => f.write_str("the request"),
            Self::File { path, key } => write!(f, "{} (auths, {key})", path.display()),
            Self::Helper { program, path } => write!(f, "{program} (named by {})", path.display()),
            Self::Nowhere => f.write_str("nowhere: anonymous"),
        }
    }
}

/// Why credentials could not be read. No message contains a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The Docker configuration file cannot be read.
    #[error("reading {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: std::io::Error,
    },
    /// The Docker configuration file is malformed.
    #[error("{}: {reason}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A helper's name that is not a bare file name.
    #[error("{name:?} cannot be the name of a credential helper")]
    HelperName {
        /// The name as the file has it.
        name: String,
    },
    /// The helper is not installed.
    #[error("{program} is not in PATH")]
    HelperMissing {
        /// The program's name.
        program: String,
    },
    /// The helper failed, or printed an invalid reply.
    #[error("{program}: {reason}")]
    Helper {
        /// The program's name.
        program: String,
        /// Its error message, or what is wrong with its reply.
        reason: String,
    },
    /// The helper took too long.
    #[error("{program} gave no answer within {} s", .limit.as_secs_f32())]
    HelperTimeout {
        /// The program's name.
        program: String,
        /// The time limit.
        limit: Duration,
    },
    /// The helper of an Amazon ECR registry found nothing. It reports every failure this way,
    /// including those of its AWS credentials and network, and ECR has no anonymous pulls.
    #[error(
        "{program} has no credentials for {host}: see its log for the reason (AWS credentials, region, network)"
    )]
    HelperNotFound {
        /// The program's name.
        program: String,
        /// The registry.
        host: String,
    },
}
