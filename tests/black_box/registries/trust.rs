//! Which registries the daemon trusts.

use std::fs;

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::registry::{Authority, Registry, Setup};

use super::scene::{failure, launch, load, load_quietly, noisy_archive};
use crate::outcome::visible;

fn staging(registry: &Registry, files: &[(&str, &str)]) -> Launch {
    let host = registry.host();
    let launch = launch(Backend::Sqlite, &host);
    let folder = launch.folder().join("certs.d");
    fs::create_dir_all(folder.join(&host)).unwrap();
    for (name, text) in files {
        fs::write(folder.join(&host).join(name), text).unwrap();
    }
    launch.argument("--certs-dir").argument(folder)
}

fn refuses(daemon: &Daemon, words: &str) {
    let response = load_quietly(daemon, &noisy_archive("untrusted"));
    assert_eq!(response.status, 500, "{}", response.text());
    let message = failure(&response);
    assert!(message.contains(words), "{words} in {message}");
    assert_eq!(visible(daemon).1, 0);
}

#[test]
fn a_private_ca() {
    let authority = Authority::new();
    let registry = Setup::open().with_tls(&authority).start();
    let daemon = staging(&registry, &[("ca.crt", &authority.certificate)]).start();
    load(&daemon, &noisy_archive("trusted"));

    let other = Authority::new();
    let daemon = staging(&registry, &[("ca.crt", &other.certificate)]).start();
    refuses(&daemon, "certificate");
    refuses(&daemon, &format!("certs.d/{}/ca.crt", registry.host()));
}

#[test]
fn a_client_certificate() {
    let authority = Authority::new();
    let registry = Setup::open().with_client_certificates(&authority).start();
    let ca = ("ca.crt", authority.certificate.as_str());
    let daemon = staging(
        &registry,
        &[
            ca,
            ("client.cert", &authority.client.certificate),
            ("client.key", &authority.client.key),
        ],
    )
    .start();
    load(&daemon, &noisy_archive("known"));
    refuses(&staging(&registry, &[ca]).start(), "TLS");
}

/// Plain http and unverifiable certificates are only accepted for loopback and named hosts.
#[test]
fn an_insecure_registry() {
    let plain = Registry::open();
    let nobody = Setup::open().with_tls(&Authority::new()).start();
    for registry in [&plain, &nobody] {
        // This machine by an address that is not loopback.
        let host = format!("0.0.0.0:{}", registry.address().port());
        let daemon = launch(Backend::Sqlite, &host).start();
        let response = load_quietly(&daemon, &noisy_archive("insecure"));
        assert_ne!(response.status, 200, "{}", response.text());
        let message = failure(&response);
        assert!(message.contains("TLS"), "{message}");
        let option = format!("--insecure-registry {host}");
        let is_plain = message.contains("server gave HTTP response");
        assert_eq!(message.contains(&option), is_plain, "{message}");
        let daemon = launch(Backend::Sqlite, &host)
            .argument("--insecure-registry")
            .argument(&host)
            .start();
        load(&daemon, &noisy_archive("insecure"));
        let info = daemon.get("/info").json();
        let entry = &info["RegistryConfig"]["IndexConfigs"][&host];
        assert_eq!(entry["Secure"], false, "{info}");
    }
}
