//! The messages for errors of a registry, and how soon clients get them.

use std::time::{Duration, Instant};

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Response;
use sockerless_testkit::proxy::ClosedPort;
use sockerless_testkit::registry::fake::{Action, Auth, Fault, Profile, Step, TokenAuth};

use super::fake::Fake;
use crate::SOCKERLESS;
use crate::fixtures;

const HELPER: &str = "fixture/helper:x86_64-v18.1";

/// A registry that issues tokens without credentials and names the missing scope, like Docker Hub.
fn hub() -> Fake {
    let auth = TokenAuth {
        username: "u".into(),
        password: "p".into(),
        refresh_token: None,
        life: None,
        anonymous_pull: false,
    };
    let fake = Fake::start(Profile {
        auth: Auth::Token(auth),
        says_why: true,
        ..Profile::default()
    });
    let token = Action::Answer {
        status: 200,
        headers: vec![],
        body: json!({"token": "of-a-stranger"}).to_string(),
    };
    fake.registry
        .inject(Fault::new(Step::Token, token).times(1000));
    fake
}

fn refusing(step: Step, status: u16, code: &str, message: &str) -> Fake {
    let fake = Fake::start(Profile::default());
    let body = json!({"errors": [{"code": code, "message": message}]}).to_string();
    let headers = vec![];
    let answer = Action::Answer {
        status,
        headers,
        body,
    };
    fake.registry.inject(Fault::new(step, answer).times(1000));
    fake
}

fn pull(daemon: &Daemon, host: &str) -> Response {
    daemon.post(&format!("/images/create?fromImage={host}/team/app&tag=1"))
}

#[test]
fn a_repository_that_is_not_there_for_strangers() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    for (fake, words) in [
        (hub(), "denied: requested access to the resource is denied"),
        (
            refusing(Step::GetManifest, 403, "DENIED", "not you"),
            "denied: not you",
        ),
        (
            refusing(Step::GetManifest, 404, "NAME_UNKNOWN", "no such repository"),
            "name unknown: no such repository",
        ),
    ] {
        let response = pull(&daemon, &fake.host());
        assert_eq!(response.status, 404, "{}", response.text());
        let expected = format!(
            "pull access denied for {}/team/app, repository does not exist or may require \
             'docker login': {words}",
            fake.host()
        );
        assert_eq!(response.message(), expected);
    }
}

#[test]
fn other_refusals_of_a_pull() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    for (status, code, message, answered, words) in [
        (
            404,
            "MANIFEST_UNKNOWN",
            "x",
            404,
            "not found: manifest unknown: manifest unknown",
        ),
        (
            429,
            "TOOMANYREQUESTS",
            "You have reached your pull rate limit.",
            503,
            "toomanyrequests: You have reached your pull rate limit.",
        ),
        (
            400,
            "MANIFEST_INVALID",
            "bad manifest",
            400,
            "manifest invalid: bad manifest",
        ),
    ] {
        let fake = refusing(Step::GetManifest, status, code, message);
        let response = pull(&daemon, &fake.host());
        assert_eq!(response.status, answered, "{}", response.text());
        assert!(response.message().ends_with(words), "{}", response.text());
        assert!(
            response.message().contains(&fake.host()),
            "{}",
            response.text()
        );
    }
}

/// For a push they are the whole message.
#[test]
fn refusals_of_a_push() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    assert_eq!(
        daemon
            .load(&fixtures::read("docker-20.10-tagged.tar"))
            .status,
        200
    );
    let denied = "denied: requested access to the resource is denied";
    for (fake, words) in [
        (hub(), denied),
        (
            refusing(Step::Begin, 403, "DENIED", "quota exceeded"),
            "denied: quota exceeded",
        ),
        (
            refusing(Step::Begin, 401, "UNAUTHORIZED", "authentication required"),
            "unauthorized: authentication required",
        ),
    ] {
        let name = format!("{}/team/app", fake.host());
        let tagged = daemon.post(&format!("/images/{HELPER}/tag?repo={name}&tag=1"));
        assert_eq!(tagged.status, 201, "{}", tagged.text());
        let pushed = daemon.post(&format!("/images/{name}/push?tag=1"));
        let last = pushed.lines().pop().expect("a line");
        assert_eq!(
            last,
            json!({"errorDetail": {"message": words}, "error": words})
        );
    }
}

/// A name that does not resolve and a port without a listener are not retried.
#[test]
fn what_lasts_is_told_at_once() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let port = ClosedPort::new();
    for (host, words) in [
        (port.host(), "connection refused"),
        ("nosuch.invalid:5000".to_owned(), "lookup nosuch.invalid: "),
    ] {
        let login = json!({"username": "u", "password": "p", "serveraddress": host});
        let login = sockerless_testkit::http::Request::post("/auth")
            .header("Content-Type", "application/json")
            .body(login.to_string());
        for ask in [
            &(|| pull(&daemon, &host)) as &dyn Fn() -> Response,
            &|| daemon.get(&format!("/distribution/{host}/app:1/json")),
            &|| daemon.request(&login),
        ] {
            let begun = Instant::now();
            let response = ask();
            assert!(
                begun.elapsed() < Duration::from_secs(3),
                "{}",
                response.text()
            );
            assert_eq!(response.status, 503, "{}", response.text());
            assert!(response.message().contains(words), "{}", response.text());
        }
    }
    let begun = Instant::now();
    let response = daemon.post("/images/create?fromSrc=http://nosuch.invalid/x.tar");
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{}",
        response.text()
    );
    assert_eq!(response.status, 503, "{}", response.text());
}

/// Retries and their reasons are reported to the client.
#[test]
fn what_passes_is_told_while_it_is_tried_again() {
    let fake = Fake::start(Profile::default());
    fake.registry.inject(Fault::status(Step::GetManifest, 503));
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let response = pull(&daemon, &fake.host());
    assert_eq!(response.status, 200, "{}", response.text());
    let lines = response.lines();
    let expected = format!(
        "Retrying in 1 second: {}/team/app: received unexpected HTTP status: \
         503 Service Unavailable",
        fake.host()
    );
    assert_eq!(lines[0], json!({"status": expected}));
    // Then it responded that there is no such manifest.
    assert!(
        response.text().contains("name unknown"),
        "{}",
        response.text()
    );
}

#[test]
fn a_registry_that_repeats_a_password_does_not_publish_it() {
    let fake = Fake::start(Profile {
        auth: Auth::Basic {
            username: "u".into(),
            password: "hunter2".into(),
            service: "test".into(),
        },
        ..Profile::default()
    });
    fake.registry
        .inject(Fault::new(Step::Ping, Action::Echo(400)).times(9).after(1));
    let daemon = Daemon::start(SOCKERLESS, Backend::Memory);
    let body = json!({"username": "u", "password": "hunter2", "serveraddress": fake.host()});
    let login = sockerless_testkit::http::Request::post("/auth").body(body.to_string());
    let response = daemon.request(&login);
    assert_eq!(response.status, 400, "{}", response.text());
    for text in [response.text(), daemon.log()] {
        // Base64 of `u:hunter2`.
        for secret in ["hunter2", "dTpodW50ZXIy"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
