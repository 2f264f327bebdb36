//! Whether a daemon with these options would work.

mod database;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use sockerless_engine::{Engine, Finding};
use tokio::runtime;

use crate::cli::{Content, ServeOptions};
use crate::lock;
use crate::logging;
use crate::state::State;
use crate::storage::Storage;
use crate::wiring;

/// Checks everything and prints a table of it. Succeeds when all is well.
pub(crate) fn run(options: ServeOptions) -> Result<ExitCode> {
    logging::begin(&options.log_level, options.log_format)?;
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

async fn findings(mut options: ServeOptions) -> Result<Vec<Finding>> {
    options.check()?;
    let mut findings = match &options.state {
        State::Postgres(url) => database::findings(url).await,
        State::Sqlite | State::Memory => Vec::new(),
    };
    let mut stands_in = false;
    if findings.first().is_some_and(|database| !database.well) {
        options.state = State::Memory;
        stands_in = true;
    }
    let engine = match open(&options).await {
        Ok((engine, _storage)) => engine,
        Err(error) => {
            // A daemon that runs has the folders. The registry is worth a look all the same.
            findings.push(storage(&error));
            options.state = State::Memory;
            options.content = Content::Discard;
            stands_in = true;
            open(&options).await?.0
        }
    };
    let checked = engine.check().await.into_iter();
    // Of a state that stands in for the real one there is nothing to tell.
    findings.extend(checked.filter(|finding| !stands_in || finding.what != "state"));
    Ok(findings)
}

/// What keeps the storage from being opened. A daemon that runs with it is as it should be.
fn storage(error: &anyhow::Error) -> Finding {
    let what = "storage".to_owned();
    if let Some(lock::Error::Held { path }) = error.downcast_ref() {
        return Finding {
            what,
            well: true,
            said: format!("in use by a running daemon: {}", path.display()),
            advice: None,
        };
    }
    Finding {
        what,
        well: false,
        said: format!("{error:#}"),
        advice: Some("see --data-root, --state and --content".to_owned()),
    }
}

async fn open(options: &ServeOptions) -> Result<(Engine, Storage)> {
    let storage = Storage::open(options)?;
    let mut config = wiring::config(options);
    // Somebody waits for this, and what only works at the second try is worth telling.
    config.registry.retry.tries = 1;
    let engine = wiring::engine(config, options, &storage).await?;
    Ok((engine, storage))
}

/// A row for each finding: what was checked, whether it is well, what was said, what to do.
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

/// On one line, without what a registry might send to a terminal.
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
    use crate::lock::DataRoot;

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

    #[tokio::test]
    async fn a_running_daemon_is_well_and_a_broken_folder_is_not() {
        let folder = tempfile::tempdir().expect("folder");
        let data_root = format!("--data-root={}", folder.path().display());
        let before = found(&[&data_root]).await;
        assert!(before.iter().all(|finding| finding.well), "{before:?}");

        let _held = DataRoot::open(folder.path()).expect("free");
        let after = found(&[&data_root]).await;
        assert!(after.iter().all(|finding| finding.well), "{after:?}");
        assert!(after[0].said.contains("in use by a running daemon"));
        assert!(!after.iter().any(|finding| finding.what == "state"));

        let file = folder.path().join("file");
        std::fs::write(&file, "").expect("file");
        let broken = found(&[&format!("--data-root={}", file.display())]).await;
        let ill: Vec<_> = broken.iter().filter(|finding| !finding.well).collect();
        assert_eq!(ill.len(), 1, "{broken:?}");
        assert!(ill[0].said.contains("cannot make the data root"));
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
