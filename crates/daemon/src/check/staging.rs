//! Findings about the staging repository.

use sockerless_images::{Remedy, StagingCheck, StagingFact, StagingSubject, StagingTrouble};

use super::finding::Finding;

/// The finding of one check.
pub(super) fn finding(check: StagingCheck) -> Finding {
    let what = match check.subject {
        StagingSubject::Staging => "staging",
        StagingSubject::Registry => "registry",
        StagingSubject::Credentials => "credentials",
        StagingSubject::Push => "push",
    };
    match check.found {
        Ok(fact) => Finding::well(what, said(&fact)),
        Err(StagingTrouble { said, remedy }) => Finding::ill(what, said, &advice(&remedy)),
    }
}

fn said(fact: &StagingFact) -> String {
    match fact {
        StagingFact::Unconfigured => "none: loaded images stay here".to_owned(),
        StagingFact::Answers { host } => format!("{host} answers"),
        StagingFact::Credentials { origin } => format!("from {origin}"),
        StagingFact::MayPush { repository } => format!("an upload to {repository} may be begun"),
    }
}

fn advice(remedy: &Remedy) -> String {
    match remedy {
        Remedy::NameRepository => "give --staging HOST/PATH".to_owned(),
        Remedy::AllowInsecure { host } => format!("allow it with --insecure-registry {host}"),
        Remedy::TrustAuthority {
            host,
            file: Some(file),
        } => format!(
            "put the registry's CA into {}, or allow it with --insecure-registry {host}",
            file.display()
        ),
        Remedy::TrustAuthority { host, file: None } => format!(
            "put the registry's CA into --certs-dir {host}, or allow it with --insecure-registry \
             {host}"
        ),
        Remedy::CorrectFile => "mend or remove that file".to_owned(),
        Remedy::LogIn => "log in: put credentials or a credential helper for this registry into \
             the Docker config file of the daemon's user"
            .to_owned(),
        Remedy::LogInAnew { origin } => {
            format!("the registry refused the credentials from {origin}: log in with others")
        }
        Remedy::GrantPush => {
            "give the user of these credentials the right to push there".to_owned()
        }
        Remedy::CheckAddress { host } => format!(
            "see whether {host} is a registry, and whether its port is the right one: /v2/ is not \
             there"
        ),
        Remedy::CreateRepository => {
            "create the repository: this registry does not create it on push".to_owned()
        }
        Remedy::CorrectHelper => {
            "install the credential helper that the Docker config file names, or mend that file"
                .to_owned()
        }
        Remedy::CheckNetwork => {
            "see whether the registry runs and can be reached from here (proxy, firewall)"
                .to_owned()
        }
        Remedy::ReadAnswer => "see what the registry said".to_owned(),
    }
}
