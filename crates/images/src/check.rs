//! Whether the daemon may push to its staging repository: facts, for which the daemon has the
//! words.

use std::path::PathBuf;

use sockerless_registry::{CredentialOrigin, Error as RegistryError, ErrorKind, Fault, Subject};

use crate::Images;

/// One thing that was looked at in the staging repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingCheck {
    /// What was looked at.
    pub subject: StagingSubject,
    /// What was found.
    pub found: Result<StagingFact, StagingTrouble>,
}

/// What is looked at in the staging repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StagingSubject {
    /// Whether there is one.
    Staging,
    /// Whether its registry answers.
    Registry,
    /// Where the credentials for it are from.
    Credentials,
    /// Whether an upload may be begun.
    Push,
}

/// A check that passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StagingFact {
    /// No staging repository is configured.
    Unconfigured,
    /// The registry answers.
    Answers {
        /// The registry.
        host: String,
    },
    /// There are credentials, or none are needed.
    Credentials {
        /// Where they are from.
        origin: String,
    },
    /// An upload may be begun.
    MayPush {
        /// The staging repository.
        repository: String,
    },
}

/// A check that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StagingTrouble {
    /// What went wrong.
    pub said: String,
    /// What to do about it.
    pub remedy: Remedy,
}

/// What to do about a failure of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remedy {
    /// Configure a staging repository with a host and a path.
    NameRepository,
    /// Allow plain HTTP for the registry.
    AllowInsecure {
        /// The registry.
        host: String,
    },
    /// Trust the authority of the registry, or do not verify its certificate.
    TrustAuthority {
        /// The registry.
        host: String,
        /// The file that the certificate of the authority is read from, when it is known.
        file: Option<PathBuf>,
    },
    /// Correct or remove the file that the error names.
    CorrectFile,
    /// Provide credentials: there are none.
    LogIn,
    /// Provide other credentials.
    LogInAnew {
        /// Where the refused ones are from.
        origin: String,
    },
    /// Give the user the right to push.
    GrantPush,
    /// Check that the host is a registry and that the port is right.
    CheckAddress {
        /// The registry.
        host: String,
    },
    /// Create the repository.
    CreateRepository,
    /// Install the credential helper, or correct the file that names it.
    CorrectHelper,
    /// Check that the registry runs and can be reached.
    CheckNetwork,
    /// Only the registry knows: read its response.
    ReadAnswer,
}

impl Images {
    /// Proves that there is a staging repository into which the daemon may push.
    pub async fn check_staging(&self) -> Vec<StagingCheck> {
        let Some(staging) = &self.config.staging else {
            let subject = StagingSubject::Staging;
            return vec![well(subject, StagingFact::Unconfigured)];
        };
        let name = staging.repository.repository();
        let repository = match self.own_repository(name) {
            Ok(repository) => repository,
            Err(error) => {
                let (subject, remedy) = (StagingSubject::Staging, Remedy::NameRepository);
                return vec![ill(subject, error.to_string(), remedy)];
            }
        };
        let host = repository.host();
        let mut checks = Vec::new();
        let credentials = repository.credentials().await;
        let origin = credentials.as_ref().ok().map(|found| &found.origin);
        let help = |error: &RegistryError| remedy(error, host, origin);
        let subject = StagingSubject::Registry;
        match repository.ping().await {
            Ok(()) => checks.push(well(
                subject,
                StagingFact::Answers {
                    host: host.to_owned(),
                },
            )),
            Err(error) => {
                let is_none = error.kind() == ErrorKind::NotFound;
                let is_unreached = matches!(
                    error.kind(),
                    ErrorKind::Unavailable | ErrorKind::Untrusted | ErrorKind::Invalid
                );
                let said = match is_none {
                    true => format!("no registry API at {host}: {error}"),
                    false => error.to_string(),
                };
                checks.push(ill(subject, said, help(&error)));
                if is_unreached || is_none {
                    // The other checks would fail in the same way.
                    return checks;
                }
            }
        }
        let subject = StagingSubject::Credentials;
        checks.push(match &credentials {
            Ok(found) => well(
                subject,
                StagingFact::Credentials {
                    origin: found.origin.to_string(),
                },
            ),
            Err(error) => ill(subject, error.to_string(), help(error)),
        });
        let subject = StagingSubject::Push;
        checks.push(match repository.check_push().await {
            Ok(()) => well(
                subject,
                StagingFact::MayPush {
                    repository: name.to_string(),
                },
            ),
            Err(error) => ill(subject, error.to_string(), help(&error)),
        });
        checks
    }
}

fn well(subject: StagingSubject, fact: StagingFact) -> StagingCheck {
    StagingCheck {
        subject,
        found: Ok(fact),
    }
}

fn ill(subject: StagingSubject, said: String, remedy: Remedy) -> StagingCheck {
    StagingCheck {
        subject,
        found: Err(StagingTrouble { said, remedy }),
    }
}

/// What to do about an error of the registry `host`, whose credentials are from `origin`.
fn remedy(error: &RegistryError, host: &str, origin: Option<&CredentialOrigin>) -> Remedy {
    let host = host.to_owned();
    match error.fault() {
        Fault::PlainHttp { .. } => return Remedy::AllowInsecure { host },
        Fault::UnknownAuthority {
            file: Some(file), ..
        } => {
            let file = Some(file.clone());
            return Remedy::TrustAuthority { host, file };
        }
        Fault::Setup(_) => return Remedy::CorrectFile,
        _ => {}
    }
    match (error.kind(), error.subject()) {
        (ErrorKind::Unauthorized, _) => match origin {
            None | Some(CredentialOrigin::Nowhere) => Remedy::LogIn,
            Some(origin) => Remedy::LogInAnew {
                origin: origin.to_string(),
            },
        },
        (ErrorKind::Denied, _) => Remedy::GrantPush,
        (ErrorKind::NotFound, Subject::Registry) => Remedy::CheckAddress { host },
        (ErrorKind::NotFound, _) => Remedy::CreateRepository,
        (ErrorKind::Credentials, _) => Remedy::CorrectHelper,
        (ErrorKind::Untrusted, _) => Remedy::TrustAuthority { host, file: None },
        (ErrorKind::RateLimited | ErrorKind::Unavailable, _) => Remedy::CheckNetwork,
        _ => Remedy::ReadAnswer,
    }
}
