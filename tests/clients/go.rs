//! The Go clients: Docker's own, its newest and that of Docker 28, which most tools are built with;
//! go-containerregistry's access to a daemon; go-dockerclient.

use std::path::PathBuf;
use std::sync::LazyLock;

use sockerless_testkit::tool::output;

use crate::daemon;
use crate::scenario::{installed, program, run, sources};

/// Makes a test of each scenario, and one that checks that none is missing.
macro_rules! packages {
    ($($package:ident: $($name:ident),+;)+) => {
        $(mod $package {
            $(#[test]
            fn $name() {
                super::scenario(concat!(stringify!($package), "/", stringify!($name)));
            })+
        })+

        const RUN: &[&str] = &[$($(concat!(stringify!($package), "/", stringify!($name)),)+)+];
    };
}

packages! {
    docker28: cluster, nomad, runner;
    fsouza: events, images;
    ggcr: read, write;
    moby: containers, events, images, import, platforms, remove, save, usage;
}

#[test]
fn none_is_forgotten() {
    let listed = output(program(&BINARY).arg("list")).unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed.lines().collect::<Vec<_>>(), RUN);
}

/// All scenarios are one program. Its modules are here already, so no network is needed.
static BINARY: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = installed().join("go");
    let binary = folder.join("clients");
    let mut build = program(&folder.join("bin/go"));
    build
        .args(["build", "-o"])
        .arg(&binary)
        .arg(".")
        .current_dir(sources("go"))
        .env("GOFLAGS", "-mod=readonly -buildvcs=false")
        .env("GOPROXY", "off")
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .env("GOCACHE", folder.join("cache"))
        .env("GOMODCACHE", folder.join("modules"))
        .env("HOME", &folder);
    let output = output(&mut build).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{build:?}: {stderr}");
    binary
});

fn scenario(name: &str) {
    let daemon = daemon();
    run(program(&BINARY).arg(name), &daemon, &daemon.host());
}
