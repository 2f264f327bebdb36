//! `docker login`, and the response of a registry to a wrong password.

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, Response};
use sockerless_testkit::registry::{PASSWORD, Registry, Setup, USER};

use super::puller::Pulled;
use super::scene::{launch, load, staged};
use crate::SOCKERLESS;
use crate::docker_cli::Docker;
use crate::fixtures;

const HELPER: &str = "fixture/helper:x86_64-v18.1";
const HELPER_ID: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";

/// base64url of `{"username":USER,"password":PASSWORD}` and of another password.
fn header(password: &str) -> String {
    let json = json!({"username": USER, "password": password}).to_string();
    base64url(json.as_bytes())
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = 0_usize;
        for index in 0..3 {
            bits = bits << 8 | usize::from(three.get(index).copied().unwrap_or_default());
        }
        for index in 0..4 {
            let digit = DIGITS[bits >> (18 - 6 * index) & 63];
            text.push(char::from(if index <= three.len() { digit } else { b'=' }));
        }
    }
    text
}

fn guarded() -> Registry {
    Setup::open().with_password().start()
}

fn auth(daemon: &Daemon, registry: &Registry, password: &str) -> Response {
    let body = json!({
        "username": USER, "password": password, "serveraddress": registry.host(),
    });
    let request = Request::post("/auth").header("Content-Type", "application/json");
    daemon.request(&request.body(body.to_string()))
}

fn push(docker: &Docker, name: &str, password: Option<&str>) -> String {
    let mut request = Request::post(&format!("/images/{name}/push"));
    if let Some(password) = password {
        request = request.header("X-Registry-Auth", &header(password));
    }
    let response = docker.daemon.request(&request);
    assert_eq!(response.status, 200, "{}", response.text());
    response.text()
}

fn tagged(registry: &Registry) -> (Docker, String) {
    let docker = Docker::with(Daemon::start(SOCKERLESS, Backend::Sqlite));
    docker.load(&fixtures::path("docker-20.10-tagged.tar"));
    let name = format!("{}/team/app:1", registry.host());
    docker.run(&["tag", HELPER, &name]);
    (docker, name)
}

#[test]
fn with_the_command_line() {
    let registry = guarded();
    let (docker, name) = tagged(&registry);
    let host = registry.host();
    let refused = docker.fail(&["push", &name]);
    assert!(refused.contains("no basic auth credentials"), "{refused}");

    let wrong = docker.fail(&["login", "--username", USER, "--password", "wrong", &host]);
    assert!(wrong.contains("401"), "{wrong}");
    assert!(wrong.contains(&host), "it names the registry: {wrong}");
    assert!(
        !docker.config_file().contains("auths"),
        "{}",
        docker.config_file()
    );

    let login = docker.run(&["login", "--username", USER, "--password", PASSWORD, &host]);
    assert!(login.contains("Login Succeeded"), "{login}");
    docker.run(&["push", &name]);
    docker.run(&["pull", &name]);
    // Layers that are only in the registry are read for a push to the same registry.
    let copy = format!("{host}/team/copy:1");
    docker.run(&["tag", &name, &copy]);
    docker.run(&["push", &copy]);
    assert!(docker.config_file().contains(&host));
    // Another client has not logged in.
    assert!(push(&docker, &name, None).contains("no basic auth credentials"));
    let logout = docker.run(&["logout", &host]);
    assert!(logout.contains(&host), "{logout}");
    assert!(
        !docker.config_file().contains("\"auth\""),
        "{}",
        docker.config_file()
    );
    for command in ["push", "pull"] {
        let refused = docker.fail(&[command, &name]);
        assert!(refused.contains("no basic auth credentials"), "{refused}");
    }
    assert!(!docker.daemon.log().contains(PASSWORD));
}

/// Credentials that `docker login` keeps work with a daemon that was started later.
#[test]
fn in_the_header_of_a_request() {
    let registry = guarded();
    let (docker, name) = tagged(&registry);
    let wrong = push(&docker, &name, Some("wrong"));
    let words = r#""errorDetail":{"message":"unauthorized: authentication required"}"#;
    assert!(wrong.contains(words), "{wrong}");
    let none = push(&docker, &name, None);
    let words = r#""errorDetail":{"message":"no basic auth credentials"#;
    assert!(none.contains(words), "{none}");
    let pushed = push(&docker, &name, Some(PASSWORD));
    assert!(pushed.contains(r#""aux":{"Tag":"1""#), "{pushed}");
    // They were only for that request.
    let none = push(&docker, &name, None);
    let words = r#""errorDetail":{"message":"no basic auth credentials"#;
    assert!(none.contains(words), "{none}");

    let target = format!(
        "/images/create?fromImage={}/team/app&tag=1",
        registry.host()
    );
    for (password, pulled, told) in [
        (Some(PASSWORD), 200, 200),
        (Some("wrong"), 403, 401),
        (None, 404, 401),
    ] {
        let mut request = Request::post(&target);
        if let Some(password) = password {
            request = request.header("X-Registry-Auth", &header(password));
        }
        let response = docker.daemon.request(&request);
        assert_eq!(response.status, pulled, "{password:?}: {}", response.text());
        let distribution = format!("/distribution/{name}/json");
        let mut request = Request::get(&distribution);
        if let Some(password) = password {
            request = request.header("X-Registry-Auth", &header(password));
        }
        let response = docker.daemon.request(&request);
        assert_eq!(response.status, told, "{password:?}: {}", response.text());
    }
}

/// A login verifies credentials and grants nothing.
#[test]
fn through_the_api() {
    let registry = guarded();
    let (docker, name) = tagged(&registry);
    for password in ["wrong", PASSWORD, "wrong"] {
        let response = auth(&docker.daemon, &registry, password);
        if password == PASSWORD {
            assert_eq!(response.status, 200, "{}", response.text());
            assert_eq!(response.json()["Status"], "Login Succeeded");
        } else {
            assert_eq!(response.status, 401, "{}", response.text());
            let words = "failed with status: 401 Unauthorized";
            for part in [&registry.host(), words] {
                assert!(response.message().contains(part), "{}", response.text());
            }
        }
        assert!(push(&docker, &name, None).contains("no basic auth credentials"));
    }
    assert!(!docker.daemon.log().contains(PASSWORD));
}

/// Those of a load are used for its staging.
#[test]
fn in_the_header_of_a_load() {
    let registry = guarded();
    let daemon = launch(Backend::Sqlite, &registry.host()).start();
    let archive = fixtures::read("docker-20.10-tagged.tar");
    for (password, status) in [("wrong", 401), (PASSWORD, 200)] {
        let request = Request::post("/images/load?quiet=1").body(archive.clone());
        let response = daemon.request(&request.header("X-Registry-Auth", &header(password)));
        assert_eq!(response.status, status, "{}", response.text());
    }
}

/// The daemon's own credentials are for staging: no login of a client replaces them, and clients
/// can use them only if they are shared.
#[test]
fn of_the_daemon() {
    let registry = guarded();
    let config = json!({"auths": {registry.host(): {"username": USER, "password": PASSWORD}}});
    for (shared, words) in [
        (false, "no basic auth credentials"),
        (true, r#""aux":{"Tag":"1""#),
    ] {
        let mut launch = launch(Backend::Sqlite, &registry.host());
        let folder = launch.folder().to_owned();
        std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
        launch = launch.variable("DOCKER_CONFIG", &folder);
        if shared {
            launch = launch.argument("--share-credentials");
        }
        let docker = Docker::with(launch.start());
        let archive = fixtures::read("docker-20.10-tagged.tar");
        for password in [None, Some("wrong")] {
            if let Some(password) = password {
                assert_eq!(auth(&docker.daemon, &registry, password).status, 401);
            }
            let loaded = load(&docker.daemon, &archive);
            let digest = staged(&loaded, &registry.host(), HELPER_ID).unwrap();
            let reference = format!("{}/staging@{digest}", registry.host());
            let Pulled { diff_ids, .. } = super::puller::skopeo_as(USER, PASSWORD, &reference);
            assert_eq!(diff_ids.len(), 4);
        }
        let name = format!("{}/team/app:1", registry.host());
        docker.run(&["tag", HELPER, &name]);
        let pushed = push(&docker, &name, None);
        assert!(pushed.contains(words), "{shared}: {pushed}");
        // A client's own credentials are used, and no others.
        let wrong = push(&docker, &name, Some("wrong"));
        assert!(
            wrong.contains("unauthorized: authentication required"),
            "{wrong}"
        );
    }
}
