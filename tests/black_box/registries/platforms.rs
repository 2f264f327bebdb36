//! The choice of an image of an index, in every place where it is made.

use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::digest;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::image::Image;
use sockerless_testkit::layout::{Blob, Layout, digest_of, index, named, with};
use sockerless_testkit::registry::fake::{Profile, Step};
use sockerless_testkit::tar::Tar;

use super::fake::Fake;
use super::scene::{launch, load, staged};
use crate::SOCKERLESS;
use crate::outcome::inspect;

/// The requested platform, the entries of the index, and the position of the match. An entry is
/// `declared` or `=config`, for one that declares nothing, or `declared=config`.
const CASES: &[(&str, &str, usize)] = &[
    ("linux/amd64", "linux/amd64/v3 linux/amd64", 1),
    ("linux/amd64", "linux/386 linux/x86_64", 1),
    ("linux/amd64", "linux/arm64 linux/amd64/v2 linux/386", 2),
    ("linux/amd64", "=linux/arm64 =linux/amd64", 1),
    ("linux/amd64", "linux/386 =linux/amd64 linux/arm64", 1),
    (
        "linux/amd64",
        "unknown/unknown=linux/amd64 =linux/x86_64",
        1,
    ),
    ("linux/arm", "linux/arm/v6 linux/arm/v7", 1),
    ("linux/arm", "linux/arm/v6 linux/armhf", 1),
    ("linux/arm/v6", "linux/arm/v7 linux/arm/v5", 1),
    ("linux/arm/v7", "linux/arm64 linux/arm/v5 linux/arm/7", 2),
    ("linux/arm/v6", "=linux/arm64 =linux/arm", 1),
    ("linux/arm64", "linux/arm64/v9 linux/arm64", 1),
    ("linux/arm64", "linux/arm/v7 linux/aarch64", 1),
    ("linux/arm64", "linux/arm/v6 linux/arm/v7", 1),
    (
        "linux/arm64/v9",
        "linux/arm64 linux/arm64/v9 linux/arm64/v8.5",
        1,
    ),
];

fn words(text: &str) -> Value {
    let mut words = text.split('/');
    let mut platform = json!({"os": words.next(), "architecture": words.next()});
    if let Some(variant) = words.next() {
        platform["variant"] = json!(variant);
    }
    platform
}

/// An index of several platforms.
struct Multi {
    layout: Layout,
    images: Vec<Image>,
    manifests: Vec<Value>,
    index: Value,
}

impl Multi {
    fn new(seed: &str, entries: &str) -> Self {
        let mut layout = Layout::new();
        let (mut images, mut manifests) = (Vec::new(), Vec::new());
        for (number, entry) in entries.split(' ').enumerate() {
            let (declared, config) = entry.split_once('=').unwrap_or((entry, entry));
            let config = words(config);
            let image = Image::sample(&format!("{seed} {number}"), 1).reconfigured(|it| {
                for (key, value) in config.as_object().expect("an object") {
                    it[key] = value.clone();
                }
            });
            let mut manifest = layout.image(&image, Blob::Gzip);
            if !declared.is_empty() {
                manifest = with(manifest, "platform", words(declared));
            }
            images.push(image);
            manifests.push(manifest);
        }
        let index = layout.index(&manifests);
        Self {
            layout,
            images,
            manifests,
            index,
        }
    }

    fn archive(&self, name: &str) -> Vec<u8> {
        let entry = named(self.index.clone(), name);
        self.layout.finish(&index(&[entry])).finish()
    }

    /// Puts all of it into the repository `app`.
    fn publish(&self, fake: &Fake, tag: &str) {
        for (_, content) in self.layout.contents() {
            let document: Value = serde_json::from_slice(content).unwrap_or_default();
            match document["mediaType"].as_str() {
                Some(kind) => {
                    let is_index = digest::of(content) == digest_of(&self.index);
                    let tag = is_index.then_some(tag);
                    fake.registry
                        .add_manifest("app", tag, kind, content.to_vec());
                }
                None => {
                    fake.registry.add_blob("app", content.to_vec());
                }
            }
        }
    }
}

fn config_of(manifest: &[u8]) -> String {
    let manifest: Value = serde_json::from_slice(manifest).expect("JSON");
    digest_of(&manifest["config"])
}

/// The same is chosen by the daemon's own platform, by that of a load, and for staging, containers,
/// saves and pushes.
#[test]
fn loaded_and_staged() {
    let backend = Backend::Sqlite;
    for (case, (wanted, entries, best)) in CASES.iter().enumerate() {
        let told = format!("{wanted} of {entries}");
        let multi = Multi::new(&format!("platforms {case}"), entries);
        let id = multi.images[*best].id();
        let fake = Fake::start(Profile::default());
        let daemon = launch(backend, &fake.host())
            .argument("--platform")
            .argument(*wanted)
            .start();
        let loaded = load(&daemon, &multi.archive("multi/app:1"));
        let digest = staged(&loaded, &fake.host(), &id).expect(&told);
        let (_, manifest) = fake.registry.manifest("staging", &digest).expect(&told);
        assert_eq!(config_of(&manifest), id, "staged: {told}");
        assert_eq!(
            inspect(&daemon, "multi/app:1").expect(&told)["Id"],
            id,
            "{told}"
        );
        choose(&daemon, &fake, "", &id, &told);

        // Another platform than the daemon's: the client requests it.
        let daemon = Launch::new(SOCKERLESS, backend)
            .argument("--platform")
            .argument("linux/s390x")
            .start();
        load(&daemon, &multi.archive("multi/app:1"));
        choose(&daemon, &fake, wanted, &id, &told);
        // And a load of only one platform.
        let daemon = Daemon::start(SOCKERLESS, backend);
        let platform = escaped(&words(wanted).to_string());
        let only = Request::post(&format!("/v1.48/images/load?platform={platform}"));
        let response = daemon.request(&only.body(multi.archive("multi/app:1")));
        assert_eq!(response.status, 200, "{told}: {}", response.text());
        assert_eq!(
            inspect(&daemon, "multi/app:1").expect(&told)["Id"],
            id,
            "{told}"
        );
    }
}

/// What a container runs, what is saved and what is pushed, for a platform or the default one.
fn choose(daemon: &Daemon, fake: &Fake, wanted: &str, id: &str, told: &str) {
    let text = match wanted {
        "" => String::new(),
        wanted => format!("?platform={}", escaped(wanted)),
    };
    let object = match wanted {
        "" => String::new(),
        wanted => format!("platform={}", escaped(&words(wanted).to_string())),
    };
    let body = json!({"Image": "multi/app:1"}).to_string();
    let create = Request::post(&format!("/v1.47/containers/create{text}"));
    let create = create.header("content-type", "application/json");
    let created = daemon.request(&create.body(body));
    assert_eq!(created.status, 201, "{told}: {}", created.text());
    let container = created.json()["Id"].as_str().expect("an ID").to_owned();
    let container = daemon.get(&format!("/containers/{container}/json")).json();
    assert_eq!(container["Image"], id, "container: {told}");
    let pullable = &container["Sockerless"]["PullReference"];
    if let Some((_, digest)) = pullable.as_str().and_then(|name| name.split_once('@')) {
        let (_, manifest) = fake.registry.manifest("staging", digest).expect(told);
        assert_eq!(config_of(&manifest), id, "pull reference: {told}");
    }

    let history = daemon.get(&format!("/v1.48/images/multi/app:1/history?{object}"));
    assert_eq!(history.json()[0]["Id"], id, "history: {told}");

    let saved = daemon.get(&format!("/v1.48/images/multi/app:1/get?{object}"));
    assert_eq!(saved.status, 200, "{told}: {}", saved.text());
    let saved = Tar::parse(&saved.body);
    let manifest = saved.content("manifest.json").expect("a manifest.json");
    let manifest: Value = serde_json::from_slice(manifest).expect("JSON");
    let config = format!("blobs/sha256/{}", digest::digits(id));
    assert_eq!(manifest[0]["Config"], config, "saved: {told}");

    if !wanted.is_empty() {
        let name = format!("{}/pushed/app", fake.host());
        let tag = daemon.post(&format!("/images/multi/app:1/tag?repo={name}&tag=1"));
        assert_eq!(tag.status, 201, "{told}");
        let pushed = daemon.post(&format!("/v1.46/images/{name}/push?tag=1&{object}"));
        assert!(
            !pushed.text().contains("error"),
            "{told}: {}",
            pushed.text()
        );
        let (_, manifest) = fake.registry.manifest("pushed/app", "1").expect(told);
        assert_eq!(config_of(&manifest), id, "pushed: {told}");
    }
}

#[test]
fn pulled() {
    let backend = Backend::Sqlite;
    for (case, (wanted, entries, best)) in CASES.iter().enumerate() {
        let told = format!("{wanted} of {entries}");
        let multi = Multi::new(&format!("pulled {case}"), entries);
        let id = multi.images[*best].id();
        let fake = Fake::start(Profile::default());
        multi.publish(&fake, "1");
        let name = format!("{}/app:1", fake.host());
        for (own, query) in [(*wanted, ""), ("linux/s390x", *wanted)] {
            let daemon = Launch::new(SOCKERLESS, backend)
                .argument("--platform")
                .argument(own)
                .start();
            let pull = format!("/images/create?fromImage={name}&platform={query}");
            let response = daemon.post(&pull);
            assert_eq!(response.status, 200, "{told}: {}", response.text());
            let found = inspect(&daemon, &name).expect(&told);
            assert_eq!(found["Id"], id, "{told}");
            let again = inspect(&daemon, &digest_of(&multi.manifests[*best]));
            assert_eq!(again.expect(&told)["Id"], id, "{told}");
        }
        let daemon = Daemon::start(SOCKERLESS, backend);
        let found = daemon.get(&format!("/distribution/{name}/json")).json();
        let platforms = found["Platforms"].as_array().expect("platforms");
        assert_eq!(platforms.len(), entries.split(' ').count(), "{told}");
    }
}

/// Entries without a platform are only fetched when one of them may be better, up to a limit.
#[test]
fn entries_without_a_platform_are_asked_sparingly() {
    for (entries, fetched) in [
        ("=linux/arm64 linux/amd64 =linux/amd64".to_owned(), 2),
        (["=linux/s390x"; 60].join(" "), 33),
    ] {
        let multi = Multi::new("sparingly", &entries);
        let fake = Fake::start(Profile::default());
        multi.publish(&fake, "1");
        let daemon = Launch::new(SOCKERLESS, Backend::Memory)
            .argument("--platform")
            .argument("linux/amd64")
            .start();
        let name = format!("{}/app:1", fake.host());
        let response = daemon.post(&format!("/images/create?fromImage={name}"));
        let status = if fetched == 2 { 200 } else { 404 };
        assert_eq!(response.status, status, "{entries}: {}", response.text());
        assert_eq!(fake.registry.count(Step::GetManifest), fetched, "{entries}");
    }
}
