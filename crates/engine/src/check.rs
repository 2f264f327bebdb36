use sockerless_registry::ErrorKind;

use crate::Engine;

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

impl Engine {
    /// Proves that what the daemon needs is there: the state, and a staging repository into which
    /// it may push.
    pub async fn check(&self) -> Vec<Finding> {
        let mut findings = vec![match self.counts().await {
            Ok(counts) => Finding::well(
                "state",
                format!("{} images, {} names", counts.images, counts.names),
            ),
            Err(error) => Finding::ill(
                "state",
                error.to_string(),
                "look at --state and --data-root",
            ),
        }];
        let Some(staging) = &self.config.staging else {
            findings.push(Finding::well(
                "staging",
                "none: loaded images stay here".to_owned(),
            ));
            return findings;
        };
        let name = staging.repository.repository();
        let repository = match self.own_repository(name) {
            Ok(repository) => repository,
            Err(error) => {
                findings.push(Finding::ill(
                    "staging",
                    error.to_string(),
                    "give --staging HOST/PATH",
                ));
                return findings;
            }
        };
        if let Err(error) = repository.ping().await {
            let silent = error.kind() == ErrorKind::Unavailable;
            findings.push(Finding::ill(
                "registry",
                error.to_string(),
                advice(error.kind()),
            ));
            if silent {
                // Nothing else can be asked.
                return findings;
            }
        } else {
            findings.push(Finding::well(
                "registry",
                format!("{} answers", repository.host()),
            ));
        }
        findings.push(match repository.credentials().await {
            Ok(found) => Finding::well("credentials", format!("from {}", found.origin)),
            Err(error) => Finding::ill("credentials", error.to_string(), advice(error.kind())),
        });
        findings.push(match repository.check_push().await {
            Ok(()) => Finding::well("push", format!("an upload to {name} may be begun")),
            Err(error) => Finding::ill("push", error.to_string(), advice(error.kind())),
        });
        findings
    }
}

fn advice(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Unauthorized => {
            "log in: put credentials or a credential helper for this registry into the Docker \
             config file of the daemon's user"
        }
        ErrorKind::Denied => "give the user of these credentials the right to push there",
        ErrorKind::NotFound => "create the repository: this registry does not create it on push",
        ErrorKind::Credentials => {
            "install the credential helper that the Docker config file names, or mend that file"
        }
        ErrorKind::Untrusted => {
            "put the registry's CA into --certs-dir HOST, or allow it with --insecure-registry"
        }
        ErrorKind::RateLimited | ErrorKind::Unavailable => {
            "see whether the registry runs and can be reached from here (proxy, firewall)"
        }
        _ => "see what the registry said",
    }
}
