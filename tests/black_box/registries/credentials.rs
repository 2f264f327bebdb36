//! A credential helper of the Docker client.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Launch};
use sockerless_testkit::registry::{PASSWORD, Registry, Setup, USER};

use super::check::Table;
use super::scene::{failure, launch, load, load_quietly, noisy_archive};
use crate::outcome::visible;

/// The helper `test`: it records the requested host and prints the content of `answer`.
const HELPER: &str = r#"#!/bin/sh
folder=$(dirname "$0")
[ "$1" = get ] || exit 2
cat > "$folder/asked"
cat "$folder/answer"
"#;

/// A launch whose configuration names the helper for the registry.
fn with_helper(registry: &Registry, answer: &str) -> Launch {
    let host = registry.host();
    let launch = launch(Backend::Sqlite, &host);
    let folder = launch.folder().to_owned();
    let program = folder.join("docker-credential-test");
    std::fs::write(&program, HELPER).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    std::fs::write(folder.join("answer"), answer).unwrap();
    let config = json!({"credHelpers": {&host: "test"}}).to_string();
    std::fs::write(folder.join("config.json"), config).unwrap();
    launch
        .variable("DOCKER_CONFIG", &folder)
        .variable("PATH", format!("{}:/usr/bin:/bin", folder.display()))
}

fn answer(password: &str) -> String {
    json!({"ServerURL": "ignored", "Username": USER, "Secret": password}).to_string()
}

#[test]
fn staging_with_a_helper() {
    let registry = Setup::open().with_password().start();
    let launch = with_helper(&registry, &answer(PASSWORD))
        .argument("--log-level")
        .argument("debug");
    let asked = launch.folder().join("asked");
    let daemon = launch.start();
    load(&daemon, &noisy_archive("helped"));
    let asked = std::fs::read_to_string(asked).unwrap();
    assert_eq!(asked.trim(), registry.host());
    let log = daemon.log();
    assert!(
        log.contains(&registry.host()),
        "it says what it does: {log}"
    );
    assert!(!log.contains(PASSWORD), "{log}");
    // The base64 of `USER:PASSWORD`, as it goes over the wire.
    assert!(!log.contains("c3RhZ2luZy11c2Vy"), "{log}");
}

/// A helper whose password the registry refuses: the error contains no secret, and the next request
/// asks the helper again.
#[test]
fn a_password_that_is_no_longer_taken() {
    let registry = Setup::open().with_password().start();
    let launch = with_helper(&registry, &answer("hunter2"))
        .argument("--log-level")
        .argument("trace");
    let file = launch.folder().join("answer");
    let daemon = launch.start();
    let response = load_quietly(&daemon, &noisy_archive("renewed"));
    assert_eq!(response.status, 401, "{}", response.text());
    let message = failure(&response);
    assert!(message.contains("unauthorized"), "{message}");
    assert_eq!(visible(&daemon).1, 0);
    std::fs::write(file, answer(PASSWORD)).unwrap();
    load(&daemon, &noisy_archive("renewed"));
    for secret in ["hunter2", PASSWORD] {
        assert!(!message.contains(secret) && !daemon.log().contains(secret));
    }
}

#[test]
fn a_helper_that_fails() {
    let registry = Setup::open().with_password().start();
    let daemon = with_helper(&registry, "Secret: hunter2").start();
    let response = load_quietly(&daemon, &noisy_archive("fails"));
    let message = failure(&response);
    assert!(message.contains("docker-credential-test"), "{message}");
    assert!(!message.contains("hunter2"), "{message}");
    assert!(!daemon.log().contains("hunter2"), "{}", daemon.log());
    assert_eq!(visible(&daemon).1, 0);
}

/// `sockerless check` names the source of the credentials.
#[test]
fn checked() {
    let registry = Setup::open().with_password().start();
    let table = Table::of(with_helper(&registry, &answer(PASSWORD)));
    assert!(table.is_well, "{}", table.text);
    let row = table.row("credentials");
    assert!(row.contains("docker-credential-test"), "{}", table.text);
}
