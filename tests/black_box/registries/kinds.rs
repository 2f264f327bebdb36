//! Archives of every kind, staged and pulled by other tools.

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::digest;
use sockerless_testkit::image::Image;
use sockerless_testkit::proxy::FaultProxy;
use sockerless_testkit::registry::Registry;
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::Tar;

use super::puller::{Pulled, podman, raw_manifest, skopeo};
use super::scene::{launch, load, noisy_archive, staged, staging_at};
use crate::docker_cli::Docker;
use crate::fixtures::{self, Fixture};
use crate::outcome::{Faults, same, strings};

on_both_backends!(all_by_skopeo, one_of_each_by_podman);

const GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// One for each form of layers.
const EACH: [&str; 5] = [
    "docker-20.10-tagged.tar",
    "gitlab-runner-helper.docker.tar.zst",
    "skopeo-1.9-oci-archive-gzip-layers.tar",
    "skopeo-1.9-oci-archive-zstd-layers.tar",
    "podman-4.3-multi-platform-oci-archive.tar",
];

fn of(image: &Expected) -> Pulled {
    Pulled {
        id: image.id.clone().expect("an ID"),
        diff_ids: image.diff_ids.clone(),
    }
}

fn stage(backend: Backend, fixtures: &[Fixture], look: impl Fn(&Looked<'_>) -> Result<(), String>) {
    let registry = Registry::open();
    let daemon = launch(backend, &registry.host()).start();
    let mut faults = Faults::default();
    for fixture in fixtures {
        let loaded = load(&daemon, &fixture.bytes);
        for image in &fixture.images {
            let id = image.id.as_deref().expect("an ID");
            let looked = staged(&loaded, &registry.host(), id).and_then(|digest| {
                look(&Looked {
                    daemon: &daemon,
                    registry: &registry,
                    image,
                    reference: format!("{}/staging@{digest}", registry.host()),
                    digest,
                })
            });
            faults.note(&fixture.name, looked);
        }
    }
    faults.finish();
}

struct Looked<'a> {
    daemon: &'a Daemon,
    registry: &'a Registry,
    image: &'a Expected,
    reference: String,
    digest: String,
}

fn all_by_skopeo(backend: Backend) {
    stage(backend, &fixtures::all(), |it| {
        same("what skopeo copied", skopeo(&it.reference), of(it.image))?;
        let bytes = raw_manifest(&it.reference);
        same("digest", digest::of(&bytes), it.digest.clone())?;
        let manifest: Value = serde_json::from_slice(&bytes).expect("JSON");
        same("mediaType", manifest["mediaType"].as_str(), Some(OCI))?;
        let layers = manifest["layers"].as_array().expect("layers");
        for layer in layers {
            same("layer", layer["mediaType"].as_str(), Some(GZIP))?;
        }
        let tag = it.digest.replace(':', "-");
        let found = it.registry.manifest("staging", &tag);
        same("under its tag", found, Some((OCI.to_owned(), bytes)))?;
        let by_digest = crate::outcome::inspect(it.daemon, &it.reference)?;
        same("Id", by_digest["Id"].as_str(), it.image.id.as_deref())
    });
}

fn one_of_each_by_podman(backend: Backend) {
    let mut fixtures = fixtures::all();
    fixtures.retain(|fixture| EACH.contains(&fixture.name.as_str()));
    assert_eq!(fixtures.len(), EACH.len());
    stage(backend, &fixtures, |it| {
        same("what podman pulled", podman(&it.reference), of(it.image))
    });
}

/// An archive in the pushed form keeps its digest.
#[test]
fn an_oci_archive_keeps_its_manifest() {
    let archive = fixtures::read("skopeo-1.9-oci-archive-gzip-layers.tar");
    let tar = Tar::parse(&archive);
    let index = tar.content("index.json").expect("an index");
    let index: Value = serde_json::from_slice(index).unwrap();
    let own = index["manifests"][0]["digest"].as_str().expect("a digest");
    let bytes = tar.content(&format!("blobs/sha256/{}", digest::digits(own)));

    let registry = Registry::open();
    let daemon = staging_at(&registry.host());
    load(&daemon, &archive);
    let (media_type, found) = registry.manifest("staging", own).expect("the same digest");
    assert_eq!(media_type, OCI);
    assert_eq!(Some(found.as_slice()), bytes);
    assert_eq!(registry.tags("staging"), [own.replace(':', "-")]);
}

/// The same again, also after a restart: no blob is sent.
#[test]
fn a_second_load_sends_no_blob() {
    let registry = Registry::open();
    let proxy = FaultProxy::start(registry.address());
    let mut daemon = staging_at(&proxy.host());
    let sent = || ["POST ", "PATCH ", "PUT /v2/staging/blobs/"].map(|line| proxy.count(line));
    for name in EACH {
        load(&daemon, &fixtures::read(name));
    }
    let before = sent();
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    for name in EACH {
        load(&daemon, &fixtures::read(name));
    }
    assert_eq!(sent(), before, "{:?}", proxy.requests());
    daemon = daemon.restart();
    for name in EACH {
        load(&daemon, &fixtures::read(name));
    }
    assert_eq!(sent(), before, "{:?}", proxy.requests());
}

/// The docker CLI shows where an image can be pulled from, and finds it by that.
#[test]
fn shown_by_the_command_line() {
    let registry = Registry::open();
    let docker = Docker::with(staging_at(&registry.host()));
    docker.load(&fixtures::path("docker-20.10-tagged.tar"));
    let id = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";
    let format = "{{range .RepoDigests}}{{.}} {{end}}";
    let digests = docker.run(&["image", "inspect", "-f", format, id]);
    let reference = digests.trim();
    let (repository, digest) = reference.split_once('@').expect("a digest");
    assert_eq!(repository, format!("{}/staging", registry.host()));
    let found = docker.run(&["image", "inspect", "-f", "{{.Id}}", reference]);
    assert_eq!(found.trim(), id);
    assert_eq!(skopeo(reference).id, id);
    assert!(registry.manifest("staging", digest).is_some());
}

/// The staged reference of an image is not a name in lists: each image is listed once, and every
/// listed name can be removed.
#[test]
fn lists_have_no_staged_names() {
    let registry = Registry::open();
    let docker = Docker::with(staging_at(&registry.host()));
    for seed in ["one", "two"] {
        load(&docker.daemon, &noisy_archive(seed));
    }
    let nameless = Image::sample("nameless", 1);
    load(&docker.daemon, &nameless.docker_archive(&[]).finish());
    let row = "{{.Repository}}:{{.Tag}} {{.Digest}}";
    let rows = docker.run(&["images", "--digests", "--format", row]);
    let mut rows: Vec<_> = rows.lines().collect();
    rows.sort_unstable();
    assert_eq!(
        rows,
        ["<none>:<none> <none>", "one:1 <none>", "two:1 <none>"]
    );
    for target in ["/images/json", "/images/json?digests=1", "/system/df"] {
        let text = docker.daemon.get(target).text();
        assert!(!text.contains("/staging@"), "{target}: {text}");
    }
    let ids = docker.run(&["images", "-q"]);
    let ids: Vec<_> = ids.lines().collect();
    assert_eq!(ids.len(), 3, "{ids:?}");
    docker.run(&[&["rmi"], &ids[..]].concat());
    assert_eq!(docker.run(&["images", "-aq"]), "");
}

/// `--staging-platforms all`: the archive's own index is staged too.
#[test]
fn all_platforms() {
    let registry = Registry::open();
    let daemon = launch(Backend::Sqlite, &registry.host())
        .argument("--staging-platforms")
        .argument("all")
        .start();
    let archive = fixtures::read("podman-4.3-multi-platform-oci-archive.tar");
    let loaded = load(&daemon, &archive);
    let id = "sha256:82c41f71b19473d8095b5f2f9e36428eaa61ad9f737e689d244353faad375a9c";
    let digest = staged(&loaded, &registry.host(), id).unwrap();
    let (media_type, bytes) = registry.manifest("staging", &digest).expect("an index");
    assert_eq!(media_type, INDEX);
    let index: Value = serde_json::from_slice(&bytes).unwrap();
    let manifests = index["manifests"].as_array().expect("manifests");
    let architectures: Vec<_> = manifests
        .iter()
        .filter_map(|entry| entry["platform"]["architecture"].as_str())
        .collect();
    assert_eq!(architectures, ["amd64", "arm64"]);
    for entry in manifests {
        let digest = entry["digest"].as_str().expect("a digest");
        let reference = format!("{}/staging@{digest}", registry.host());
        let (_, manifest) = registry.manifest("staging", digest).expect("a manifest");
        let manifest: Value = serde_json::from_slice(&manifest).unwrap();
        let pulled = skopeo(&reference);
        assert_eq!(manifest["config"]["digest"], pulled.id.as_str());
    }
}

/// `--staging-compression`: the layers have the requested form and the same content.
#[test]
fn other_compressions() {
    let plain = "application/vnd.oci.image.layer.v1.tar";
    let zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
    for (option, archive, expected) in [
        ("zstd", "docker-20.10-tagged.tar", zstd),
        ("zstd", "skopeo-1.9-oci-archive-gzip-layers.tar", zstd),
        ("none", "skopeo-1.9-oci-archive-gzip-layers.tar", plain),
        ("keep", "skopeo-1.9-oci-archive-zstd-layers.tar", zstd),
        ("keep", "skopeo-1.9-oci-archive-gzip-layers.tar", GZIP),
    ] {
        let registry = Registry::open();
        let daemon = launch(Backend::Sqlite, &registry.host())
            .argument("--staging-compression")
            .argument(option)
            .start();
        let fixtures = fixtures::all();
        let fixture = fixtures.iter().find(|it| it.name == archive);
        let fixture = fixture.expect("a fixture");
        let loaded = load(&daemon, &fixture.bytes);
        let image = &fixture.images[0];
        let id = image.id.as_deref().expect("an ID");
        let digest = staged(&loaded, &registry.host(), id).unwrap();
        let reference = format!("{}/staging@{digest}", registry.host());
        assert_eq!(skopeo(&reference), of(image), "{option} {archive}");
        let manifest: Value = serde_json::from_slice(&raw_manifest(&reference)).unwrap();
        let layers = manifest["layers"].as_array().expect("layers");
        let types: Vec<String> = layers
            .iter()
            .flat_map(|layer| strings(&Value::from(vec![layer["mediaType"].clone()])))
            .collect();
        assert_eq!(types, vec![expected; layers.len()], "{option} {archive}");
    }
}
