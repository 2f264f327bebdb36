//! `sockerless check`: whether a daemon with these options would work. Nothing is changed.

mod database;
mod deep;
mod finding;
mod staging;
mod storage;

use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result};
use sockerless_content::ContentStore;
use sockerless_images::{Images, Proxies};
use sockerless_state::SqliteStore;
use tokio::runtime;

use self::finding::Finding;
use crate::cli::{CheckOptions, ServeOptions};
use crate::logging::{Log, LogLevel};
use crate::state::State;
use crate::wiring;

/// Checks everything and prints a table of the findings. Succeeds if all is well.
pub(crate) fn run(options: CheckOptions) -> Result<ExitCode> {
    // Only the table is wanted: log lines of successful steps would be in between.
    let level = match options.serve.log_level.to_string().as_str() {
        "info" => LogLevel::warnings(),
        _ => options.serve.log_level.clone(),
    };
    drop(Log::begin(&level, options.serve.log_format));
    let runtime = runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the threads of the check")?;
    let findings = runtime.block_on(findings(options))?;
    std::io::stdout()
        .write_all(table(&findings).as_bytes())
        .context("cannot print what was found")?;
    let is_well = findings.iter().all(|finding| finding.well);
    Ok(if is_well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

async fn findings(options: CheckOptions) -> Result<Vec<Finding>> {
    let CheckOptions { deep, serve } = options;
    serve.check()?;
    let mut findings = match &serve.state {
        State::Postgres(url) => database::findings(url, deep).await,
        State::Memory => vec![Finding::well(
            "state",
            "in memory: it ends with the daemon".to_owned(),
        )],
        State::Sqlite => Vec::new(),
    };
    let serve = Arc::new(serve);
    let at = Arc::clone(&serve);
    let stored = tokio::task::spawn_blocking(move || storage::findings(&at, deep));
    findings.extend(
        stored
            .await
            .context("the check of the data root has panicked")?,
    );
    findings.extend(settings(&serve));
    findings.extend(registry(&serve).await?);
    Ok(findings)
}

/// Findings about options that have no effect.
fn settings(options: &ServeOptions) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Err(error) = Proxies::check_environment() {
        let advice = "write http://[USER:PASSWORD@]HOST:PORT, or unset it";
        findings.push(Finding::ill("proxy", error.to_string(), advice));
    }
    if let Some(missing) = options.registries.missing_certs_dir() {
        let advice = "make it, or name the folder that has the certificates";
        findings.push(Finding::ill("certificates", missing, advice));
    }
    findings
}

/// Findings about the staging registry. This needs no data root.
async fn registry(options: &ServeOptions) -> Result<Vec<Finding>> {
    let mut config = wiring::config(options);
    // A user is waiting, and a failure of the first try is worth reporting.
    config.registry.retry.tries = 1;
    let state = SqliteStore::in_memory().await?;
    let images = Images::new(config, Arc::new(state), ContentStore::discarding());
    let checks = images.check_staging().await;
    Ok(checks.into_iter().map(staging::finding).collect())
}

/// A row for each finding: what was checked, whether it is well, what was found, what to do.
fn table(findings: &[Finding]) -> String {
    let widest = findings
        .iter()
        .map(|finding| finding.what.chars().count())
        .max();
    let widest = widest.unwrap_or_default();
    let mut table = String::new();
    for Finding {
        what,
        well,
        said,
        advice,
    } in findings
    {
        let state = if *well { "well" } else { "not well" };
        let mut row = |what: &str, state: &str, text: &str| {
            let text = printable(text);
            table.push_str(format!("{what:widest$}  {state:8}  {text}").trim_end());
            table.push('\n');
        };
        row(what, state, said);
        if let Some(advice) = advice {
            row("", "", &format!("to do: {advice}"));
        }
    }
    table
}

/// The text on one line, without control sequences that a registry might send.
fn printable(text: &str) -> String {
    let is_space = |c: char| c.is_control() || c.is_whitespace();
    let words = text.split(is_space).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::Command;
    use crate::config;
    use crate::data_root::DataRoot;

    #[test]
    fn a_table() {
        let finding = |what: &str, said: &str, advice: Option<&str>| Finding {
            what: what.to_owned(),
            well: advice.is_none(),
            said: said.to_owned(),
            advice: advice.map(str::to_owned),
        };
        let findings = [
            finding("state", "2 images, 3 names", None),
            finding(
                "credentials",
                "h:5000: it\r\nsaid \u{1b}[31mno",
                Some("log in"),
            ),
        ];
        assert_eq!(
            table(&findings),
            "state        well      2 images, 3 names\n\
             credentials  not well  h:5000: it said [31mno\n\
             \u{20}                      to do: log in\n"
        );
        assert_eq!(table(&[]), "");
    }

    async fn found(flags: &[&str]) -> Vec<Finding> {
        let arguments = ["sockerless", "check"]
            .into_iter()
            .chain(flags.iter().copied());
        let options = match config::read(arguments.map(OsString::from)) {
            Ok(Command::Check(options)) => options,
            other => panic!("expected options: {other:?}"),
        };
        findings(*options).await.expect("findings")
    }

    fn of<'a>(findings: &'a [Finding], what: &str) -> &'a Finding {
        let found = findings.iter().find(|finding| finding.what == what);
        found.unwrap_or_else(|| panic!("{what}: {findings:?}"))
    }

    #[tokio::test]
    async fn a_look_makes_nothing() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("data");
        let found = found(&[&format!("--data-root={}", path.display())]).await;
        assert!(found.iter().all(|finding| finding.well), "{found:?}");
        assert!(
            of(&found, "data root")
                .said
                .contains("the first start makes it")
        );
        assert_eq!(of(&found, "state").said, "0 images, 0 names");
        assert!(!path.exists());
    }

    #[tokio::test]
    async fn a_running_daemon_is_well_and_a_broken_folder_is_not() {
        let folder = tempfile::tempdir().expect("folder");
        let data_root = format!("--data-root={}", folder.path().display());
        let _held = DataRoot::open(folder.path()).expect("free");
        let after = found(&[&data_root]).await;
        assert!(after.iter().all(|finding| finding.well), "{after:?}");
        assert!(
            of(&after, "data root")
                .said
                .contains("in use by a running daemon")
        );

        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("file");
        let broken = found(&[&format!("--data-root={}", file.display())]).await;
        let ill: Vec<_> = broken.iter().filter(|finding| !finding.well).collect();
        assert_eq!(ill.len(), 1, "{broken:?}");
        assert!(ill[0].said.contains("is a file"), "{broken:?}");
    }

    #[tokio::test]
    async fn certificates_that_are_not_there() {
        let folder = tempfile::tempdir().expect("folder");
        let certs = format!("--certs-dir={}", folder.path().join("none").display());
        let found = found(&["--state=memory", "--content=discard", &certs]).await;
        let certificates = of(&found, "certificates");
        assert!(!certificates.well && certificates.said.contains("does not exist"));
    }

    #[tokio::test]
    async fn a_registry_that_does_not_answer_is_not_well() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
        let address = listener.local_addr().expect("address");
        drop(listener);
        let staging = format!("--staging={address}/x");
        let found = found(&["--state=memory", "--content=discard", &staging]).await;
        let ill = found.iter().filter(|finding| !finding.well);
        assert!(ill.clone().count() > 0, "{found:?}");
        assert!(ill.clone().all(|finding| finding.advice.is_some()));
        assert!(
            ill.clone()
                .any(|finding| finding.said.contains(&address.to_string())),
            "{found:?}"
        );
    }
}
