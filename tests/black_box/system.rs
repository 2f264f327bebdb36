//! Ping, version, info, negotiation, and unknown paths.

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Connection, Request};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::outcome::{Faults, same};

on_both_backends!(
    ping,
    version,
    info,
    negotiation,
    too_old_for_json,
    old_versions,
    unknown_paths,
    known_and_not_served,
    options,
    unclean_paths,
    over_tcp,
    several_requests_on_a_connection,
);

fn ping(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for path in ["/_ping", "/v1.24/_ping", "/v1.55/_ping"] {
        for request in [Request::get(path), Request::head(path)] {
            let response = daemon.request(&request);
            assert_eq!(response.status, 200, "{path}");
            for (name, value) in [
                ("Content-Type", "text/plain; charset=utf-8"),
                ("Cache-Control", "no-cache, no-store, must-revalidate"),
                ("Pragma", "no-cache"),
                ("Api-Version", "1.55"),
                ("Builder-Version", "2"),
                ("Docker-Experimental", "false"),
                ("Ostype", "linux"),
                ("Swarm", "inactive"),
                ("Content-Length", if request.is_head() { "0" } else { "2" }),
            ] {
                assert_eq!(response.header(name), Some(value), "{name} of {path}");
            }
            assert_eq!(response.text(), if request.is_head() { "" } else { "OK" });
        }
    }
}

fn version(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let response = daemon.get("/version");
    assert_eq!(response.header("Content-Type"), Some("application/json"));
    let version = response.json();
    assert_eq!(version["ApiVersion"], "1.55");
    assert_eq!(version["MinAPIVersion"], "1.12");
    assert_eq!(version["Os"], "linux");
    for key in ["Version", "Arch", "KernelVersion"] {
        assert!(
            version[key].as_str().is_some_and(|it| !it.is_empty()),
            "{key}: {version}"
        );
    }
    assert!(
        version["Components"]
            .as_array()
            .is_some_and(|it| !it.is_empty()),
        "{version}"
    );
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(version["KernelVersion"], kernel.trim());
    let server = response.header("Server").expect("a header Server");
    let number = version["Version"].as_str().expect("a version");
    assert!(server.contains(number), "{number} in {server}");
}

fn info(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let info = daemon.get("/info").json();
    assert_eq!(info["OSType"], "linux");
    assert_eq!(info["Images"], 0);
    assert_eq!(
        info["NCPU"],
        std::thread::available_parallelism().unwrap().get()
    );
    let memory = std::fs::read_to_string("/proc/meminfo").unwrap();
    let total = memory
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))
        .unwrap();
    let total: u64 = total.trim().trim_end_matches(" kB").parse().unwrap();
    assert_eq!(info["MemTotal"], total * 1024);
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(info["KernelVersion"], kernel.trim());
    for key in ["ServerVersion", "Driver", "Architecture", "ID", "Name"] {
        assert!(
            info[key].as_str().is_some_and(|it| !it.is_empty()),
            "{key}: {info}"
        );
    }
    for key in [
        "Containers",
        "ContainersRunning",
        "ContainersPaused",
        "ContainersStopped",
    ] {
        assert_eq!(info[key], 0, "{key}");
    }
    // Without anything on disk there is no data root.
    let root = match backend {
        Backend::Memory => String::new(),
        Backend::Sqlite => daemon.data_root().display().to_string(),
    };
    assert_eq!(info["DockerRootDir"], root);
    // imgutil and buildx send other archives to a daemon that has the containerd store.
    assert!(
        !info["DriverStatus"].to_string().contains("io.containerd"),
        "{info}"
    );
    let image = Image::sample("counted", 1);
    assert_eq!(
        daemon
            .load(&image.docker_archive(&["counted:1", "counted:2"]).finish())
            .status,
        200
    );
    assert_eq!(daemon.get("/v1.41/info").json()["Images"], 1);
}

fn negotiation(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for version in ["1.24", "1.40", "1.41", "1.55"] {
        assert_eq!(
            daemon.get(&format!("/v{version}/info")).status,
            200,
            "{version}"
        );
    }
    for path in ["_ping", "info", "images/json", "images/none/json"] {
        for version in ["1.56", "1.99", "2.0"] {
            let response = daemon.get(&format!("/v{version}/{path}"));
            assert_eq!(response.status, 400, "{version} {path}");
            let told = format!(
                "client version {version} is too new. Maximum supported API version is 1.55"
            );
            assert_eq!(response.message(), told);
            assert_eq!(response.header("Content-Type"), Some("application/json"));
            assert_eq!(response.header("Docker-Experimental"), None);
            assert_eq!(response.header("Api-Version"), Some("1.55"));
        }
    }
}

/// A client that is too old gets plain text.
fn too_old_for_json(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for version in ["1.11", "1.9", "1.", "1"] {
        let response = daemon.get(&format!("/v{version}/_ping"));
        assert_eq!(response.status, 400, "{version}");
        let told = format!(
            "client version {version} is too old. Minimum supported API version is 1.12, \
             please upgrade your client to a newer version\n"
        );
        assert_eq!(response.text(), told);
        assert_eq!(
            response.header("Content-Type"),
            Some("text/plain; charset=utf-8")
        );
        assert_eq!(response.header("X-Content-Type-Options"), Some("nosniff"));
    }
}

/// Supported versions whose clients read errors only as text.
fn old_versions(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for version in ["1.12", "1.22", "1.23"] {
        let list = daemon.get(&format!("/v{version}/images/json"));
        assert_eq!((list.status, list.text().as_str()), (200, "[]\n"));
        let response = daemon.get(&format!("/v{version}/images/nosuch/json"));
        assert_eq!(response.status, 404);
        assert_eq!(response.text(), "No such image: nosuch:latest\n");
        for (name, value) in [
            ("Content-Type", "text/plain; charset=utf-8"),
            ("X-Content-Type-Options", "nosniff"),
        ] {
            assert_eq!(response.header(name), Some(value), "{version}");
        }
    }
    let response = daemon.get("/v1.24/images/nosuch/json");
    assert_eq!(response.message(), "No such image: nosuch:latest");
}

fn unknown_paths(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut faults = Faults::default();
    for (method, path) in [
        ("GET", "/"),
        ("GET", "/nothing"),
        ("GET", "/v1.41"),
        ("GET", "/v1.41/nothing"),
        ("POST", "/images/json"),
        ("GET", "/images/load"),
        ("PUT", "/images/load"),
        ("POST", "/_ping"),
        ("DELETE", "/version"),
        ("HEAD", "/images/json"),
        ("HEAD", "/info"),
    ] {
        let response = daemon.request(&Request::new(method, path));
        let case = format!("{method} {path}");
        faults.note(&case, same("status", response.status, 404));
        faults.note(
            &case,
            same(
                "type",
                response.header("Content-Type"),
                Some("application/json"),
            ),
        );
        if method != "HEAD" {
            faults.note(
                &case,
                same(
                    "body",
                    response.text().trim_end(),
                    r#"{"message":"page not found"}"#,
                ),
            );
        }
    }
    faults.finish();
}

fn known_and_not_served(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut faults = Faults::default();
    for (method, path) in [
        ("POST", "/v1.41/exec/abc/start"),
        ("POST", "/networks/create"),
        ("POST", "/volumes/create"),
        ("POST", "/build"),
        ("POST", "/swarm/init"),
        ("GET", "/images/search?term=x"),
    ] {
        let response = daemon.request(&Request::new(method, path));
        let case = format!("{method} {path}");
        faults.note(&case, same("status", response.status, 501));
        faults.note(
            &case,
            same("a sentence", response.message().contains(' '), true),
        );
    }
    faults.finish();
}

fn options(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for path in ["/_ping", "/images/json", "/nothing", "/v1.41/images/load"] {
        let response = daemon.request(&Request::new("OPTIONS", path));
        assert_eq!(
            (response.status, response.text().as_str()),
            (200, ""),
            "{path}"
        );
    }
}

fn unclean_paths(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut faults = Faults::default();
    for (path, location) in [
        ("/images//json", "/images/json"),
        ("//_ping", "/_ping"),
        ("/./info", "/info"),
        ("/images/../info", "/info"),
        ("/v1.41/images/%2e%2e/info", "/v1.41/info"),
        ("/images//a/json?platform=x", "/images/a/json?platform=x"),
    ] {
        let response = daemon.get(path);
        faults.note(path, same("status", response.status, 301));
        faults.note(
            path,
            same("Location", response.header("Location"), Some(location)),
        );
        faults.note(path, same("body", response.text(), String::new()));
    }
    faults.finish();
}

fn over_tcp(backend: Backend) {
    let daemon = Launch::new(SOCKERLESS, backend).with_tcp().start();
    let mut connection = Connection::open(&daemon.tcp_address()).unwrap();
    assert_eq!(
        connection.exchange(&Request::get("/_ping")).unwrap().text(),
        "OK"
    );
    // The other listener works at the same time.
    assert_eq!(daemon.get("/_ping").text(), "OK");
}

/// Requests that are sent at once get their responses in order.
fn several_requests_on_a_connection(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut connection = daemon.connect();
    let mut bytes = Request::get("/_ping").to_bytes();
    bytes.extend(Request::head("/_ping").to_bytes());
    bytes.extend(Request::get("/images/none/json").to_bytes());
    bytes.extend(
        Request::get("/info")
            .header("Connection", "close")
            .to_bytes(),
    );
    connection.send(&bytes).unwrap();
    assert_eq!(connection.response(false).unwrap().text(), "OK");
    assert_eq!(connection.response(true).unwrap().status, 200);
    assert_eq!(
        connection.response(false).unwrap().message(),
        "No such image: none:latest"
    );
    let info: Value = connection.response(false).unwrap().json();
    assert_eq!(info["OSType"], "linux");
    assert!(connection.is_at_end().unwrap());
}
