//! The behaviour of different registries.

use std::time::Duration;

/// The behaviour of a registry. [`Profile::default`] is an open one that implements all of the
/// protocol.
#[derive(Debug, Clone)]
pub struct Profile {
    /// How clients authenticate.
    pub auth: Auth,
    /// Whether only the `/v2/` page has a challenge.
    pub bare_unauthorized: bool,
    /// The status and message for invalid or expired credentials, if not a plain 401 with a
    /// challenge.
    pub expired: Option<(u16, &'static str)>,
    /// The prefix of repositories in scopes.
    pub scope_prefix: &'static str,
    /// Whether the challenge says that a token does not permit enough, as Docker Hub does.
    pub says_why: bool,
    /// Whether a repository must be created before it is pushed to.
    pub repositories_must_exist: bool,
    /// The status for moving, or pushing again, an existing tag; `None` if that is allowed.
    pub immutable_tags: Option<u16>,
    /// The form of upload locations.
    pub location: UploadLocation,
    /// Whether the second PATCH of an upload is dropped silently, its range frozen.
    pub frozen_range: bool,
    /// Largest body of a PUT that ends an upload, and the status for a larger one.
    pub largest_put: Option<(u64, u16)>,
    /// Largest body of a PATCH, and the status for a larger one.
    pub largest_patch: Option<(u64, u16)>,
    /// Whether bodies of unknown length are refused.
    pub demands_length: bool,
    /// Whether blobs are fetched from another host, which refuses `Authorization`.
    pub redirects_blobs: bool,
    /// Whether parts of blobs can be requested.
    pub ranges: bool,
    /// Whether manifests in Docker's types are accepted.
    pub docker_types: bool,
    /// Whether a manifest is refused while blobs it names are missing.
    pub checks_blobs: bool,
    /// Whether anything can be deleted.
    pub deletes: bool,
    /// How mounts are handled.
    pub mounts: Mounts,
    /// Tags on a page.
    pub page: usize,
    /// Whether HEAD of a manifest is supported.
    pub manifest_heads: bool,
    /// Headers of every reply to a manifest request.
    pub manifest_headers: Vec<(&'static str, &'static str)>,
}

/// How clients authenticate.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Everything without credentials.
    Open,
    /// User and password with every request.
    Basic {
        /// The user's name.
        username: String,
        /// The password.
        password: String,
        /// What the challenge names as service.
        service: String,
    },
    /// Tokens from the registry's own `/token`.
    Token(TokenAuth),
}

/// How a token server works.
#[derive(Debug, Clone)]
pub struct TokenAuth {
    /// The user's name.
    pub username: String,
    /// The password.
    pub password: String,
    /// A refresh token that replaces both, by POST.
    pub refresh_token: Option<String>,
    /// The lifetime of a token; `None` to omit it, which means a minute.
    pub life: Option<Duration>,
    /// Whether pulls need no credentials.
    pub anonymous_pull: bool,
}

/// The form of upload locations. All of them change with every reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadLocation {
    /// A path.
    Relative,
    /// A URL.
    Absolute,
    /// A URL with a path that is not the protocol's.
    OtherPath,
    /// A path with a long query.
    Query,
}

/// How mounts are handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mounts {
    /// They are done.
    Done,
    /// They are treated as plain uploads.
    Ignored,
    /// They are refused with this status.
    Refused(u16),
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            auth: Auth::Open,
            bare_unauthorized: false,
            expired: None,
            scope_prefix: "",
            says_why: false,
            repositories_must_exist: false,
            immutable_tags: None,
            location: UploadLocation::Relative,
            frozen_range: false,
            largest_put: None,
            largest_patch: None,
            demands_length: false,
            redirects_blobs: false,
            ranges: true,
            docker_types: true,
            checks_blobs: true,
            deletes: true,
            mounts: Mounts::Done,
            page: 1000,
            manifest_heads: true,
            manifest_headers: Vec::new(),
        }
    }
}

impl Profile {
    fn with_token(username: &str, password: &str, life: u64) -> Self {
        let auth = Auth::Token(TokenAuth {
            username: username.to_owned(),
            password: password.to_owned(),
            refresh_token: None,
            life: Some(Duration::from_secs(life)),
            anonymous_pull: false,
        });
        Self {
            auth,
            ..Self::default()
        }
    }

    /// Amazon ECR: the password is a token that expires with a 403, repositories must exist, tags
    /// are immutable, blobs come from S3.
    pub fn ecr(username: &str, password: &str) -> Self {
        Self {
            auth: Auth::Basic {
                username: username.to_owned(),
                password: password.to_owned(),
                service: "ecr.amazonaws.com".to_owned(),
            },
            expired: Some((
                403,
                "Your authorization token has expired. Reauthenticate and try again.",
            )),
            repositories_must_exist: true,
            immutable_tags: Some(400),
            location: UploadLocation::Absolute,
            frozen_range: true,
            redirects_blobs: true,
            mounts: Mounts::Ignored,
            ..Self::default()
        }
    }

    /// Google Artifact Registry: locations on another path, one body per upload, and a 401 without
    /// a message.
    pub fn artifact_registry(username: &str, password: &str) -> Self {
        Self {
            bare_unauthorized: true,
            repositories_must_exist: true,
            location: UploadLocation::OtherPath,
            frozen_range: true,
            ..Self::with_token(username, password, 3600)
        }
    }

    /// Azure ACR: a large PUT is refused with `put_refusal` (413 or 416), lengths are demanded,
    /// blobs come from a host that refuses `Authorization`.
    pub fn acr(username: &str, password: &str, put_refusal: u16) -> Self {
        Self {
            location: UploadLocation::Query,
            largest_put: Some((1 << 16, put_refusal)),
            demands_length: true,
            redirects_blobs: true,
            ..Self::with_token(username, password, 3600)
        }
    }

    /// Quay: absolute locations, strict about the types of a manifest.
    pub fn quay(username: &str, password: &str) -> Self {
        Self {
            location: UploadLocation::Absolute,
            redirects_blobs: true,
            ..Self::with_token(username, password, 3600)
        }
    }

    /// Harbor: tokens of minutes, 412 where a policy forbids, 401 for a foreign mount.
    pub fn harbor(username: &str, password: &str) -> Self {
        Self {
            immutable_tags: Some(412),
            mounts: Mounts::Refused(401),
            ..Self::with_token(username, password, 60)
        }
    }

    /// Docker Hub: counts pulls, deletes nothing, does not accept foreign mounts.
    pub fn docker_hub(username: &str, password: &str) -> Self {
        let mut profile = Self::with_token(username, password, 300);
        if let Auth::Token(auth) = &mut profile.auth {
            auth.anonymous_pull = true;
        }
        profile.deletes = false;
        profile.redirects_blobs = true;
        profile.mounts = Mounts::Refused(400);
        profile.manifest_headers = vec![
            ("ratelimit-limit", "100;w=21600"),
            ("ratelimit-remaining", "99;w=21600"),
        ];
        profile
    }

    /// zot: no Docker types, and everything that a manifest names must exist.
    pub fn zot() -> Self {
        Self {
            docker_types: false,
            ..Self::default()
        }
    }
}
