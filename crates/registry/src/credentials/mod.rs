//! Who we are to a registry, and where that was learnt.

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

/// What a registry is shown.
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
        /// The password, or a token that stands for it.
        password: Secret,
    },
    /// A refresh token, exchanged for tokens at the registry's token server.
    IdentityToken {
        /// The user's name, where one came with it: for token servers that take the refresh token
        /// as a password only.
        username: Option<String>,
        /// The refresh token.
        token: Secret,
    },
    /// A bearer token for the registry itself.
    RegistryToken(Secret),
}

/// The name that stands before a refresh token where a password is wanted.
pub(crate) const TOKEN_USER: &str = "<token>";

impl Credentials {
    /// Notes what registries and token servers will be shown of them.
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

/// Where credentials came from, for a user who wonders which ones were used.
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
    /// Nobody knows any: the registry is asked without.
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

/// Why credentials could not be read. None of the texts holds a secret.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The Docker configuration file cannot be read.
    #[error("reading {}: {error}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: std::io::Error,
    },
    /// The Docker configuration file is not what it should be.
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
    /// The helper failed, or gave what is no answer.
    #[error("{program}: {reason}")]
    Helper {
        /// The program's name.
        program: String,
        /// What it said, or what is wrong with what it said.
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
    /// The helper of an Amazon ECR registry found nothing. It says so for every failure, of its
    /// AWS credentials and its network too, and ECR knows no anonymous pulls.
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
