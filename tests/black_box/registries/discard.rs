//! With `--content discard` the layers are only in the registry.

use sockerless_testkit::daemon::Backend;
use sockerless_testkit::registry::Registry;

use super::puller::{podman, skopeo};
use super::scene::{launch, load};
use crate::docker_cli::Docker;
use crate::fixtures;

const HELPER: &str = "fixture/helper:x86_64-v18.1";

fn transient(registry: &Registry) -> Docker {
    let docker = Docker::with(launch(Backend::Memory, &registry.host()).start());
    load(&docker.daemon, &fixtures::read("docker-20.10-tagged.tar"));
    docker
}

/// To another repository of the same registry: mounted.
#[test]
fn pushed_within_the_registry() {
    let registry = Registry::open();
    let docker = transient(&registry);
    let name = format!("{}/elsewhere:1", registry.host());
    docker.run(&["tag", HELPER, &name]);
    docker.run(&["push", &name]);
    let id = docker.run(&["image", "inspect", "-f", "{{.Id}}", HELPER]);
    assert_eq!(skopeo(&name).id, id.trim());
}

/// To another registry: read back from the first.
#[test]
fn pushed_to_another_registry() {
    let (registry, other) = (Registry::open(), Registry::open());
    let docker = transient(&registry);
    let name = format!("{}/elsewhere:1", other.host());
    docker.run(&["tag", HELPER, &name]);
    let output = docker.run(&["push", &name]);
    assert_eq!(output.matches(": Pushed").count(), 4, "{output}");
    assert_eq!(podman(&name), skopeo(&name));
    let files = crate::disconnect::files(&docker.daemon.data_root());
    assert!(files.is_empty(), "nothing is kept: {files:?}");
}

/// Without the registry the push fails with an error that names what is missing.
#[test]
fn not_pushed_without_it() {
    let (registry, other) = (Registry::open(), Registry::open());
    let docker = transient(&registry);
    let host = registry.host();
    drop(registry);
    let name = format!("{}/elsewhere:1", other.host());
    docker.run(&["tag", HELPER, &name]);
    let stderr = docker.fail(&["push", &name]);
    let blob = format!("{host}/staging: blob sha256:");
    assert!(stderr.contains(&blob), "{stderr}");
    assert!(other.manifest("elsewhere", "1").is_none());
}
