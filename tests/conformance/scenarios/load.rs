//! Archives that load.

use serde_json::json;
use sockerless_testkit::compress::{self, Compression};
use sockerless_testkit::configs::{self, Fate};
use sockerless_testkit::image::{self, Image};
use sockerless_testkit::producers;
use sockerless_testkit::tar::Tar;

use crate::pair::Pair;
use crate::scenarios::stock;

/// Fixtures that dockerd 20.10 can read.
pub(crate) const FIXTURES: [&str; 7] = [
    "docker-20.10-tagged.tar",
    "docker-20.10-untagged.tar",
    "docker-20.10-two-images.tar",
    "docker-29-graphdriver.tar",
    "docker-29-containerd.tar",
    "podman-4.3-docker-archive.tar",
    "skopeo-1.9-docker-archive-untagged.tar",
];

pub(crate) fn fixture(name: &str) -> Vec<u8> {
    let folder = std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    std::fs::read(folder.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Everything that a client sees of the images.
pub(crate) fn see(pair: &mut Pair) {
    pair.get("/images/json").get("/images/json?all=1");
}

pub(crate) fn fixtures(pair: &mut Pair) {
    for name in FIXTURES {
        pair.load(name, &fixture(name));
        see(pair);
    }
    // Formats that are newer than 20.10, or podman's own.
    for name in [
        "podman-4.3-oci-archive.tar",
        "podman-4.3-multi-platform-oci-archive.tar",
        "skopeo-1.9-oci-archive-gzip-layers.tar",
        "skopeo-1.9-oci-archive-zstd-layers.tar",
        "gitlab-runner-helper.docker.tar.zst",
    ] {
        pair.load(name, &fixture(name));
    }
}

/// Configs with odd JSON: those that dockerd accepts are shown in the same way.
pub(crate) fn configs(pair: &mut Pair) {
    for odd in configs::all() {
        pair.load(odd.name, &odd.image.docker_archive(&["odd:1"]).finish());
        if let Fate::Shown { .. } = odd.fate {
            see(pair);
            pair.get("/images/odd:1/json").get("/images/odd:1/history");
        }
        pair.empty();
    }
}

pub(crate) fn again(pair: &mut Pair) {
    let (one, two) = (stock::image("one", 2, 0), stock::image("two", 1, 5));
    let archive = one.docker_archive(&["again:1"]).finish();
    pair.load("again", &archive);
    for quiet in [
        "",
        "?quiet=1",
        "?quiet",
        "?quiet=false",
        "?quiet=no",
        "?quiet=x",
    ] {
        let target = format!("/images/load{quiet}");
        pair.post_body(&target, "application/x-tar", &archive);
    }
    // The name moves to another image.
    pair.load(
        "moved name",
        &two.docker_archive(&["again:1", "again:2"]).finish(),
    );
    see(pair);
    pair.load("moved name back", &archive);
    see(pair);
    for compression in [Compression::Gzip, Compression::Bzip2, Compression::Xz] {
        pair.load("compressed", &compression.compress(&archive));
    }
    let gzip = compress::in_parts(Compression::Gzip, &archive, 3);
    pair.load("gzip members", &gzip);
    let names = [
        "docker.io/library/alp:x",
        "docker.io/team/alp:1",
        "index.docker.io/b:1",
        "a.b/c:1",
    ];
    pair.load_image(&one, &names);
    pair.load_image(&one, &["scratch:1"]);
    see(pair);
    pair.load(
        "no images",
        &Tar::new().file("manifest.json", "[]").finish(),
    );
    pair.load_image(&Image::sample("no layers", 0), &["no/layers:1"]);
    pair.get("/images/no/layers:1/json");
    let two_nameless = json!([
        {"Config": "one.json", "RepoTags": null, "Layers": []},
        {"Config": "two.json", "RepoTags": null, "Layers": []},
    ]);
    let two_nameless = Tar::new()
        .file("one.json", Image::sample("one nameless", 0).config)
        .file("two.json", Image::sample("two nameless", 0).config)
        .file("manifest.json", image::bytes(&two_nameless));
    pair.load("two nameless", &two_nameless.finish());
    let mut trailing = archive.clone();
    trailing.extend(b"what follows the end blocks is not read".repeat(100));
    pair.load("trailing", &trailing);
    pair.load("reversed", &Tar::parse(&archive).reversed().finish());
    pair.get("/images/again:1/json").get("/images/again:2/json");
    pair.get("/info");
}

pub(crate) fn producers(pair: &mut Pair) {
    for sample in producers::all() {
        if let Some(base) = &sample.base {
            pair.load("base", base);
        }
        pair.load(sample.producer, &sample.archive);
        if pair.last().dockerd.text().contains("errorDetail") {
            continue;
        }
        for name in sample.images.iter().flat_map(|image| &image.names) {
            pair.get(&format!("/images/{name}/json"));
        }
    }
}
