//! One run of a client in another language: it exits with 0 when the daemon behaved as expected.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::tool::output;

use crate::fixtures;

/// The newest version of the API that the daemon supports.
const API_VERSION: &str = "1.55";

/// The folder into which `scripts/install-test-needs` installs the clients.
pub(crate) fn installed() -> PathBuf {
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let target = scratch.parent().expect("the target folder");
    target.join("test-clients")
}

/// The folder of the scenarios in one language.
pub(crate) fn sources(language: &str) -> PathBuf {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    clients.join(language)
}

/// An installed program, run without the environment.
pub(crate) fn program(path: &Path) -> Command {
    assert!(
        path.exists(),
        "{} is not there: run scripts/install-test-needs",
        path.display()
    );
    let mut command = Command::new(path);
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs it against the daemon that listens on `host`.
pub(crate) fn run(command: &mut Command, daemon: &Daemon, host: &str) {
    let home = tempfile::tempdir().unwrap();
    command
        .env("DOCKER_HOST", host)
        .env("FIXTURES", fixtures())
        .env("API_VERSION", API_VERSION)
        .env("HOME", home.path());
    let output = output(command).unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}\n{}{}\n--- the daemon wrote ---\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
        daemon.log()
    );
}

/// Asserts that every file with this extension in the folder of a language is a scenario that runs,
/// or shared code.
pub(crate) fn assert_all_run(language: &str, ending: &str, run: &[&str]) {
    let mut there: Vec<String> = std::fs::read_dir(sources(language))
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .filter(|name| name != "scene")
        .collect();
    there.sort();
    let mut run = run.to_vec();
    run.sort_unstable();
    assert_eq!(there, run);
}

/// Makes a test of each scenario, and one that checks that none is missing.
macro_rules! scenarios {
    ($language:literal, $ending:literal: $($name:ident),+ $(,)?) => {
        $(#[test]
        fn $name() {
            scenario(stringify!($name));
        })+

        #[test]
        fn none_is_forgotten() {
            let run = [$(stringify!($name)),+];
            crate::scenario::assert_all_run($language, $ending, &run);
        }
    };
}
pub(crate) use scenarios;
