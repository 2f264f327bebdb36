//! Errors of this crate: what failed, why, and what a caller can do about it.

use std::fmt;
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sockerless_reference::Digest;

use crate::credentials::CredentialError;
use crate::host;
use crate::refusal::Refusal;
use crate::secret::Shown;
use crate::transport::AddressRange;

/// Replaces a message that repeats a secret.
pub(crate) const REPEATED: &str = "it repeated the credentials, so its words are not shown";

/// What failed: the registry, the repository, the subject, and the fault.
///
/// Its text names all four and never contains a secret or the signed query of a URL.
#[derive(Debug)]
pub struct Error(Box<Context>);

#[derive(Debug)]
struct Context {
    registry: String,
    repository: Option<String>,
    subject: Subject,
    fault: Fault,
}

/// What an operation was about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The registry itself: its `/v2/` page, or a login.
    Registry,
    /// A blob.
    Blob(Digest),
    /// A blob whose digest is known only at the end of its upload.
    NewBlob,
    /// A manifest, by tag or by digest.
    Manifest(String),
    /// The list of tags.
    Tags,
    /// A file on any server. Both URLs are without user, password and query.
    Download {
        /// The requested URL.
        url: String,
        /// The URL after all redirects, if there were any.
        redirected_to: Option<String>,
    },
}

/// The kinds of failure, by what a caller can do about them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such repository, manifest or blob.
    NotFound,
    /// The registry requires credentials, or other ones.
    Unauthorized,
    /// The credentials are valid and do not permit this.
    Denied,
    /// Too many requests; the registry said when to retry, or all tries were used up.
    RateLimited,
    /// The registry could not be reached, stalled, or failed on its side.
    Unavailable,
    /// The registry, or this crate, does not support this.
    Unsupported,
    /// The registry refused what it was sent, or a name or URL given to this crate is not valid or
    /// leads where it must not.
    Invalid,
    /// The tag exists, holds something else, and the registry does not let it be moved.
    TagImmutable,
    /// The registry accepts no body of unknown length: digest and size must be known first.
    LengthRequired,
    /// The reply does not match the request in digest, size, type or form.
    Mismatch,
    /// The peer is not trusted: certificate, redirect or token realm.
    Untrusted,
    /// The credentials could not be read.
    Credentials,
    /// The caller's own stream of bytes failed.
    Source,
}

/// What went wrong, without where.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The registry answered with an error status.
    #[error("{0}")]
    Refused(Refusal),
    /// The registry did not accept an upload of unknown length.
    #[error("the registry takes no upload of unknown length: {0}")]
    LengthRequired(Refusal),
    /// No token could be obtained.
    #[error("token from {realm}: {fault}")]
    Token {
        /// The host of the token server.
        realm: String,
        /// What went wrong there.
        fault: Box<Fault>,
    },
    /// No connection, or a connection that broke.
    #[error("{0}")]
    Connection(String),
    /// No connection, and none to be expected soon: the name does not resolve, or the connection is
    /// refused.
    #[error("{0}")]
    Unreachable(String),
    /// The registry wants a user and a password, and there are none for it.
    #[error("no basic auth credentials: log in with `docker login {host}`")]
    NoBasicCredentials {
        /// The registry.
        host: String,
        /// The registry's reply.
        refusal: Refusal,
    },
    /// No byte was transferred for as long as is allowed.
    #[error("nothing was heard for {} s", .limit.as_secs_f32())]
    Stalled {
        /// The time limit that passed.
        limit: Duration,
    },
    /// The TLS handshake failed; trying again would not help.
    #[error("TLS: {0}")]
    Tls(String),
    /// The server does not use TLS, and is not configured as insecure.
    #[error(
        "TLS: {host}: http: server gave HTTP response to HTTPS client: if it is to be trusted so, \
         allow it with --insecure-registry {host}"
    )]
    PlainHttp {
        /// The server.
        host: String,
    },
    /// No trusted CA has signed the server's certificate.
    #[error(
        "TLS: {host} has a certificate of an unknown CA ({said}): to trust it, put the CA into {file}",
        file = .file.as_deref().unwrap_or(Path::new("certs.d/HOST[:PORT]/ca.crt")).display()
    )]
    UnknownAuthority {
        /// The server.
        host: String,
        /// What is wrong with the certificate.
        said: String,
        /// Where the CA would be looked for, if known.
        file: Option<PathBuf>,
    },
    /// The files of a `certs.d` folder, or an option, cannot be used.
    #[error("{0}")]
    Setup(String),
    /// The bytes do not have the requested or announced digest.
    #[error("digest mismatch: expected {expected}, found {found}")]
    Digest {
        /// The requested digest.
        expected: Digest,
        /// The digest of the bytes.
        found: Digest,
    },
    /// There were more or fewer bytes than announced.
    #[error("size mismatch: expected {expected} bytes, found {found}")]
    Size {
        /// The announced number of bytes.
        expected: u64,
        /// The number of bytes seen, at least.
        found: u64,
    },
    /// A reply is larger than this crate accepts.
    #[error("the reply is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// A reply that violates the protocol.
    #[error("unexpected reply: {0}")]
    Malformed(String),
    /// Something in a form that this crate does not support.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// A redirect, upload location or token realm that is not followed.
    #[error("not followed: {0}")]
    Redirect(String),
    /// The credentials could not be read.
    #[error("credentials: {0}")]
    Credentials(#[from] CredentialError),
    /// The caller's stream of bytes failed.
    #[error("reading what is to be sent: {0}")]
    Source(io::Error),
    /// The host of a URL is an address of this machine or of its own link, which
    /// [`DownloadPolicy::allow_local`](crate::DownloadPolicy::allow_local) does not allow.
    #[error("{}", local(.host, *.address))]
    LocalAddress {
        /// The host, as the URL names it.
        host: String,
        /// The address that it resolves to.
        address: IpAddr,
    },
    /// A URL that cannot be downloaded from.
    #[error("expected a URL of the form http[s]://[USER[:PASSWORD]@]HOST[:PORT][/PATH]")]
    Url,
    /// A host, repository, tag or digest that is not valid.
    #[error("invalid {what}: {text:?}")]
    Name {
        /// Which of them.
        what: &'static str,
        /// The text as given.
        text: String,
    },
}

impl Error {
    pub(crate) fn new(
        registry: impl Into<String>,
        repository: Option<&str>,
        subject: Subject,
        fault: Fault,
    ) -> Self {
        Self(Box::new(Context {
            registry: registry.into(),
            repository: repository.map(str::to_owned),
            subject,
            fault,
        }))
    }

    /// The host of the registry, as the caller named it. For a download, the host of its URL; empty
    /// if that is not valid.
    pub fn registry(&self) -> &str {
        &self.0.registry
    }

    /// The repository, if one was involved.
    pub fn repository(&self) -> Option<&str> {
        self.0.repository.as_deref()
    }

    /// What the operation was about.
    pub fn subject(&self) -> &Subject {
        &self.0.subject
    }

    /// What went wrong.
    pub fn fault(&self) -> &Fault {
        &self.0.fault
    }

    /// The kind of failure, by what can be done about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.fault.kind()
    }

    /// The HTTP status, if the registry or its token server answered with an error.
    pub fn status(&self) -> Option<u16> {
        self.0.fault.refusal().map(Refusal::status)
    }

    /// The registry's own error code, such as `NAME_UNKNOWN`.
    pub fn code(&self) -> Option<&str> {
        self.0.fault.refusal().and_then(Refusal::code)
    }

    /// The registry's own message.
    pub fn message(&self) -> Option<&str> {
        self.0.fault.refusal().and_then(Refusal::message)
    }

    /// Whether the same request may succeed later. The operations of this crate have then already
    /// used up their own tries.
    pub fn is_retryable(&self) -> bool {
        self.0.fault.is_retryable()
    }

    /// How long the registry asked to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.fault.retry_after()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Subject::Download { .. } = self.0.subject {
            return write!(f, "cannot download {}: {}", self.0.subject, self.0.fault);
        }
        f.write_str(&self.0.registry)?;
        if let Some(repository) = &self.0.repository {
            write!(f, "/{repository}")?;
        }
        write!(f, ": {}: {}", self.0.subject, self.0.fault)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.fault.source()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry => f.write_str("registry"),
            Self::Blob(digest) => write!(f, "blob {digest}"),
            Self::NewBlob => f.write_str("new blob"),
            Self::Manifest(name) => write!(f, "manifest {name}"),
            Self::Tags => f.write_str("tags"),
            Self::Download { url, redirected_to } => {
                f.write_str(url)?;
                match redirected_to {
                    Some(found) => write!(f, " (redirected to {found})"),
                    None => Ok(()),
                }
            }
        }
    }
}

fn local(host: &str, address: IpAddr) -> String {
    let whose = match AddressRange::of(address) {
        AddressRange::Reserved => "a range that no server has",
        AddressRange::Link if !address.is_unspecified() => "this machine's own link",
        _ => "this machine",
    };
    if host::address(host).is_some() {
        format!("{host} is an address of {whose}")
    } else {
        format!("{host} is {address}, an address of {whose}")
    }
}

impl Fault {
    /// The kind of failure, by what can be done about it.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused(refusal) => refusal.kind(),
            Self::LengthRequired(_) => ErrorKind::LengthRequired,
            Self::Token { fault, .. } => fault.kind(),
            Self::Connection(_) | Self::Unreachable(_) | Self::Stalled { .. } => {
                ErrorKind::Unavailable
            }
            Self::NoBasicCredentials { .. } => ErrorKind::Unauthorized,
            Self::Tls(_)
            | Self::PlainHttp { .. }
            | Self::UnknownAuthority { .. }
            | Self::Redirect(_) => ErrorKind::Untrusted,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::Setup(_) | Self::LocalAddress { .. } | Self::Url | Self::Name { .. } => {
                ErrorKind::Invalid
            }
            Self::Digest { .. }
            | Self::Size { .. }
            | Self::TooLarge { .. }
            | Self::Malformed(_) => ErrorKind::Mismatch,
            Self::Credentials(_) => ErrorKind::Credentials,
            Self::Source(_) => ErrorKind::Source,
        }
    }

    /// The fault without messages of a peer that repeat secrets sent to it.
    pub(crate) fn without(self, shown: &Shown) -> Self {
        let clean = |text: String| match shown.is_in(&text) {
            true => REPEATED.to_owned(),
            false => text,
        };
        match self {
            Self::Refused(refusal) => Self::Refused(refusal.without(shown)),
            Self::LengthRequired(refusal) => Self::LengthRequired(refusal.without(shown)),
            Self::NoBasicCredentials { host, refusal } => Self::NoBasicCredentials {
                host,
                refusal: refusal.without(shown),
            },
            Self::Token { realm, fault } => Self::Token {
                realm: clean(realm),
                fault: Box::new(fault.without(shown)),
            },
            Self::Connection(text) => Self::Connection(clean(text)),
            Self::Tls(text) => Self::Tls(clean(text)),
            Self::Malformed(text) => Self::Malformed(clean(text)),
            Self::Unsupported(text) => Self::Unsupported(clean(text)),
            Self::Redirect(text) => Self::Redirect(clean(text)),
            Self::Name { what, text } => Self::Name {
                what,
                text: clean(text),
            },
            other => other,
        }
    }

    pub(crate) fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.is_retryable(),
            Self::Token { fault, .. } => fault.is_retryable(),
            Self::Connection(_) | Self::Stalled { .. } => true,
            _ => false,
        }
    }

    pub(crate) fn retry_after(&self) -> Option<Duration> {
        self.refusal().and_then(Refusal::retry_after)
    }

    /// The error reply, from the registry or its token server.
    pub(crate) fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::LengthRequired(refusal)
            | Self::NoBasicCredentials { refusal, .. } => Some(refusal),
            Self::Token { fault, .. } => fault.refusal(),
            _ => None,
        }
    }

    /// The status of an error reply from the registry itself.
    pub(crate) fn registry_status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status()),
            _ => None,
        }
    }

    pub(crate) fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => Some(error),
            Self::Credentials(error) => Some(error),
            _ => None,
        }
    }
}
