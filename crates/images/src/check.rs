use sockerless_registry::{CredentialOrigin, Error as RegistryError, ErrorKind, Fault, Subject};

use crate::Images;

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was checked.
    pub what: String,
    /// Whether it is as it must be.
    pub well: bool,
    /// What was found.
    pub said: String,
    /// What to do about it.
    pub advice: Option<String>,
}

impl Finding {
    /// Something that is as it must be.
    pub fn well(what: &str, said: String) -> Self {
        Self {
            what: what.to_owned(),
            well: true,
            said,
            advice: None,
        }
    }

    /// Something that is not, and what to do about it.
    pub fn ill(what: &str, said: String, advice: &str) -> Self {
        Self {
            what: what.to_owned(),
            well: false,
            said,
            advice: Some(advice.to_owned()),
        }
    }
}

impl Images {
    /// Proves that there is a staging repository into which the daemon may push.
    pub async fn check_staging(&self) -> Vec<Finding> {
        let Some(staging) = &self.config.staging else {
            let none = "none: loaded images stay here".to_owned();
            return vec![Finding::well("staging", none)];
        };
        let name = staging.repository.repository();
        let repository = match self.own_repository(name) {
            Ok(repository) => repository,
            Err(error) => {
                let advice = "give --staging HOST/PATH";
                return vec![Finding::ill("staging", error.to_string(), advice)];
            }
        };
        let host = repository.host();
        let mut findings = Vec::new();
        let credentials = repository.credentials().await;
        let origin = credentials.as_ref().ok().map(|found| &found.origin);
        let advise = |error: &RegistryError| advice(error, host, origin);
        match repository.ping().await {
            Ok(()) => findings.push(Finding::well("registry", format!("{host} answers"))),
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
                findings.push(Finding::ill("registry", said, &advise(&error)));
                if is_unreached || is_none {
                    // Nothing else can be asked: each answer would be the same.
                    return findings;
                }
            }
        }
        findings.push(match &credentials {
            Ok(found) => Finding::well("credentials", format!("from {}", found.origin)),
            Err(error) => Finding::ill("credentials", error.to_string(), &advise(error)),
        });
        findings.push(match repository.check_push().await {
            Ok(()) => Finding::well("push", format!("an upload to {name} may be begun")),
            Err(error) => Finding::ill("push", error.to_string(), &advise(&error)),
        });
        findings
    }
}

/// What to do about what the registry `host` said, where its credentials are from `origin`.
fn advice(error: &RegistryError, host: &str, origin: Option<&CredentialOrigin>) -> String {
    match error.fault() {
        Fault::PlainHttp { .. } => return format!("allow it with --insecure-registry {host}"),
        Fault::UnknownAuthority {
            file: Some(file), ..
        } => {
            return format!(
                "put the registry's CA into {}, or allow it with --insecure-registry {host}",
                file.display()
            );
        }
        Fault::Setup(_) => return "mend or remove that file".to_owned(),
        _ => {}
    }
    match (error.kind(), error.subject()) {
        (ErrorKind::Unauthorized, _) => match origin {
            None | Some(CredentialOrigin::Nowhere) => {
                "log in: put credentials or a credential helper for this registry into the Docker \
                 config file of the daemon's user"
                    .to_owned()
            }
            Some(origin) => {
                format!("the registry refused the credentials from {origin}: log in with others")
            }
        },
        (ErrorKind::Denied, _) => {
            "give the user of these credentials the right to push there".to_owned()
        }
        (ErrorKind::NotFound, Subject::Registry) => format!(
            "see whether {host} is a registry, and whether its port is the right one: /v2/ is not \
             there"
        ),
        (ErrorKind::NotFound, _) => {
            "create the repository: this registry does not create it on push".to_owned()
        }
        (ErrorKind::Credentials, _) => {
            "install the credential helper that the Docker config file names, or mend that file"
                .to_owned()
        }
        (ErrorKind::Untrusted, _) => format!(
            "put the registry's CA into --certs-dir {host}, or allow it with --insecure-registry \
             {host}"
        ),
        (ErrorKind::RateLimited | ErrorKind::Unavailable, _) => {
            "see whether the registry runs and can be reached from here (proxy, firewall)"
                .to_owned()
        }
        _ => "see what the registry said".to_owned(),
    }
}
