//! The messages for mistakes of users: the cause, and what to do.

use std::fs;
use std::process::{Command, Output};

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Address, Request};

use crate::SOCKERLESS;
use crate::fixtures;

fn refused(launch: Launch, words: &[&str]) {
    let (status, log) = launch.run();
    assert!(!status.success(), "{log}");
    for words in words {
        assert!(log.contains(words), "{words}: {log}");
    }
}

fn launch() -> Launch {
    Launch::new(SOCKERLESS, Backend::Memory)
}

fn run(arguments: &[&str]) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(SOCKERLESS)
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    let text = [stdout, stderr].concat();
    (status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn addresses() {
    let long = format!("unix:///tmp/{}", "x".repeat(120));
    for (host, words) in [
        (
            "tcp://none.invalid:2375",
            "the name none.invalid cannot be resolved",
        ),
        (
            "unix:///nowhere/at/all.sock",
            "the folder /nowhere/at does not exist",
        ),
        ("tcp://0.0.0.0:0", "say --allow-insecure-tcp"),
        (&long, "a socket's may have 107"),
    ] {
        refused(launch().argument("-H").argument(host), &[words]);
    }
    let foreign = launch().argument("--allow-insecure-tcp");
    refused(
        foreign.argument("-H").argument("tcp://192.0.2.1:2375"),
        &["192.0.2.1 is not an address of this machine"],
    );
    let first = launch().with_tcp().start();
    let Address::Tcp(address) = first.tcp_address() else {
        panic!("a TCP address")
    };
    let taken = format!("tcp://{address}");
    refused(
        launch().argument("-H").argument(&taken),
        &["another process listens at port"],
    );
    first.wait_for_log(|line| line.contains("WARN") && line.contains("no TLS"));
}

#[test]
fn what_other_machines_reach_is_allowed_with_a_warning() {
    let daemon = launch()
        .argument("--allow-insecure-tcp")
        .argument("-H")
        .argument("tcp://0.0.0.0:0")
        .start();
    daemon.wait_for_log(|line| line.contains("WARN") && line.contains("whoever reaches"));
}

#[test]
fn options() {
    for (option, value, words) in [
        ("--log-level", "verbose", "\"verbose\" is not a log level"),
        ("--content-cache-size", "5,5GB", "whole numbers only"),
        (
            "--max-document-bytes",
            "4 parsecs",
            "\"parsecs\" is not a known unit",
        ),
    ] {
        refused(launch().argument(option).argument(value), &[words]);
    }
    for variable in ["HTTPS_PROXY", "http_proxy", "ALL_PROXY"] {
        let value = "ht!tp://me:secret@x:y:z";
        let (status, log) = launch().variable(variable, value).run();
        assert!(!status.success(), "{log}");
        let words = format!("{variable} is not the URL of a proxy");
        assert!(log.contains(&words) && !log.contains("secret"), "{log}");
    }
    let daemon = launch()
        .argument("--certs-dir")
        .argument("/nowhere/certs")
        .argument("--max-document-bytes=4MiB")
        .start();
    daemon.wait_for_log(|line| line.contains("--certs-dir /nowhere/certs does not exist"));
}

#[test]
fn archives_that_are_none() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    for (bytes, words) in [
        (&b"<!DOCTYPE html><html></html>"[..], "it is an HTML page"),
        (b"PK\x03\x04\x14\0\0\0", "it is a zip file"),
        (b"hello", "it is a text"),
        (b"{\"message\":\"denied\"}", "it is a JSON document"),
    ] {
        for target in ["/images/load", "/images/create?fromSrc=-"] {
            let answer = daemon.request(&Request::post(target).body(bytes));
            assert_eq!(answer.status, 500, "{}", answer.text());
            assert!(answer.message().contains(words), "{}", answer.text());
        }
    }
}

#[test]
fn an_image_that_is_imported() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    for fixture in fixtures::all() {
        let import = Request::post("/images/create?fromSrc=-").body(fixture.bytes.clone());
        let answer = daemon.request(&import);
        let lines = answer.lines();
        assert_eq!(lines.len(), 2, "{}: {}", fixture.name, answer.text());
        let hint = lines[0]["status"].as_str().unwrap();
        assert!(hint.contains("docker load"), "{hint}");
        assert!(lines[1]["status"].as_str().unwrap().starts_with("sha256:"));
    }
    let import = Request::post("/images/create?fromSrc=-").body(vec![0; 1024]);
    assert_eq!(daemon.request(&import).lines().len(), 1);
}

#[test]
fn what_runs_containers_is_elsewhere() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let answer = daemon.post("/build");
    assert_eq!(answer.status, 501);
    assert!(
        answer.message().contains("docker buildx create --driver"),
        "{}",
        answer.text()
    );
    let answer = daemon.post("/containers/x/start");
    assert_eq!(answer.status, 404, "{}", answer.text());
}

#[test]
fn a_health_check() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    let host = daemon.host();
    for flags in [&["--ready"][..], &[]] {
        let (well, text) = run(&[&["healthcheck", "-H", &host], flags].concat());
        assert!(well, "{text}");
    }
    daemon.stop();
    let (well, text) = run(&["healthcheck", "-H", &host]);
    assert!(
        !well && text.contains("there is no socket: start it"),
        "{text}"
    );
}

#[test]
fn versions_and_completion() {
    let (well, text) = run(&["version"]);
    assert!(well, "{text}");
    for fact in ["version ", "commit ", "state ", "api "] {
        assert!(
            text.lines().any(|line| line.starts_with(fact)),
            "{fact}: {text}"
        );
    }
    for shell in ["bash", "zsh", "fish"] {
        let (well, text) = run(&["completion", shell]);
        assert!(well && text.contains("healthcheck"), "{text}");
    }
}

#[test]
fn a_config_file() {
    let folder = tempfile::tempdir().unwrap();
    for (text, words) in [
        ("data_root = \"/x\"", "did you mean data-root?"),
        ("[staging]\nrepository = \"h:5000/x\"", "write staging = "),
        ("state", "is not valid TOML"),
    ] {
        let file = folder.path().join("config.toml");
        fs::write(&file, text).unwrap();
        refused(launch().argument("--config").argument(&file), &[words]);
    }
}
