//! `sockerless check`: the table and the exit code.

use std::io::{Read as _, Write as _};

use sockerless_testkit::daemon::{Backend, Launch};
use sockerless_testkit::registry::{PASSWORD, Registry, Setup, USER};

use super::scene::launch;
use crate::SOCKERLESS;

/// Whether all checks passed, and the rows: the subject, whether it passed, the finding, what to
/// do.
pub(super) struct Table {
    pub(super) is_well: bool,
    pub(super) text: String,
}

impl Table {
    pub(super) fn of(launch: Launch) -> Self {
        let (status, text) = launch.command("check").run();
        assert_eq!(status.code(), Some(i32::from(!status.success())), "{text}");
        assert!(!text.contains(PASSWORD), "{text}");
        Self {
            is_well: status.success(),
            text,
        }
    }

    /// The finding of `what`, after its result; empty when there is no such row.
    pub(super) fn row(&self, what: &str) -> String {
        let mut lines = self.text.lines();
        let row = lines.find_map(|line| line.strip_prefix(what)?.strip_prefix(' '));
        row.unwrap_or_default().trim().to_owned()
    }

    /// Asserts that `what` has failed, with these words in the finding.
    pub(super) fn is_ill(&self, what: &str, said: &[&str]) {
        let row = self.row(what);
        let said = row
            .strip_prefix("not well")
            .is_some_and(|row| said.iter().all(|words| row.contains(words)));
        assert!(said && !self.is_well, "{what}\n{}", self.text);
    }

    /// Asserts that these words are in the advice.
    pub(super) fn advises(&self, words: &str) {
        let advice = |line: &str| line.trim().starts_with("to do:") && line.contains(words);
        assert!(self.text.lines().any(advice), "{words}\n{}", self.text);
    }
}

fn configured(launch: Launch, config: &str) -> Launch {
    let folder = launch.folder().join("docker");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("config.json"), config).unwrap();
    launch.variable("DOCKER_CONFIG", folder)
}

#[test]
fn an_open_registry() {
    let registry = Registry::open();
    let host = registry.host();
    let table = Table::of(launch(Backend::Sqlite, &host));
    assert!(table.is_well, "{}", table.text);
    assert_eq!(table.row("state"), "well      0 images, 0 names");
    assert_eq!(table.row("registry"), format!("well      {host} answers"));
    assert_eq!(
        table.row("credentials"),
        "well      from nowhere: anonymous"
    );
    let push = format!("well      an upload to {host}/staging may be begun");
    assert_eq!(table.row("push"), push);
    assert!(!table.text.contains("to do"), "{}", table.text);
}

/// A server that is not a registry.
#[test]
fn no_registry() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer =
                b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
            let mut request = [0; 4096];
            let mut stream = stream;
            // A failure here makes the check fail too.
            let _asked = stream.read(&mut request);
            let _answered = stream.write_all(answer);
        }
    });
    let table = Table::of(launch(Backend::Sqlite, &host));
    table.is_ill("registry", &["no registry API at", &host, "404"]);
    table.advises("see whether");
    assert_eq!(table.row("push"), "", "{}", table.text);
}

#[test]
fn no_staging() {
    let table = Table::of(Launch::new(SOCKERLESS, Backend::Sqlite));
    assert!(table.is_well, "{}", table.text);
    assert!(table.row("staging").starts_with("well"), "{}", table.text);
    assert_eq!(table.row("push"), "");
}

#[test]
fn a_wrong_password() {
    let registry = Setup::open().with_password().start();
    let host = registry.host();
    // `USER:wrong`
    let config = format!(r#"{{"auths":{{"{host}":{{"username":"{USER}","password":"wrong"}}}}}}"#);
    let table = Table::of(configured(launch(Backend::Sqlite, &host), &config));
    table.is_ill("push", &[&host, "unauthorized: authentication required"]);
    table.advises("the registry refused the credentials from");
    table.advises("log in");
    assert!(
        table.row("credentials").contains("config.json"),
        "{}",
        table.text
    );
}

#[test]
fn the_right_password() {
    let registry = Setup::open().with_password().start();
    let host = registry.host();
    let config =
        format!(r#"{{"auths":{{"{host}":{{"username":"{USER}","password":"{PASSWORD}"}}}}}}"#);
    let table = Table::of(configured(launch(Backend::Sqlite, &host), &config));
    assert!(table.is_well, "{}", table.text);
    assert!(
        table.row("credentials").contains("config.json"),
        "{}",
        table.text
    );
}

#[test]
fn no_password() {
    let registry = Setup::open().with_password().start();
    let table = Table::of(launch(Backend::Sqlite, &registry.host()));
    table.is_ill("push", &["no basic auth credentials"]);
    table.advises("log in");
    assert!(
        table.row("credentials").contains("nowhere"),
        "{}",
        table.text
    );
}

#[test]
fn a_helper_that_is_not_there() {
    let registry = Setup::open().with_password().start();
    let host = registry.host();
    let config = format!(r#"{{"credHelpers":{{"{host}":"absent"}}}}"#);
    let table = Table::of(configured(launch(Backend::Sqlite, &host), &config));
    table.is_ill("credentials", &["docker-credential-absent is not in PATH"]);
    table.advises("credential helper");
}
