//! Configs with odd JSON: each is either refused at once or can be shown everywhere. None of them
//! breaks the other images of a list.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use sockerless_testkit::configs::{Fate, OddConfig, all};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, Response, escaped};
use sockerless_testkit::image::Image;
use sockerless_testkit::layout::{Blob, CONFIG, LAYER, Layout, MANIFEST, index, named};
use sockerless_testkit::registry::fake::Profile;

use crate::SOCKERLESS;
use crate::outcome::{Faults, same, visible};
use crate::registries::fake::Fake;

on_both_backends!(in_docker_archives, in_layouts, pulled);

const VERSIONS: [&str; 5] = ["1.24", "1.41", "1.44", "1.52", "1.55"];

fn in_docker_archives(backend: Backend) {
    every_one(backend, |daemon, odd, name| {
        daemon.load(&odd.image.docker_archive(&[name]).finish())
    });
}

fn in_layouts(backend: Backend) {
    every_one(backend, |daemon, odd, name| {
        let mut layout = Layout::new();
        let manifest = layout.image(&odd.image, Blob::Plain);
        daemon.load(&layout.finish(&index(&[named(manifest, name)])).finish())
    });
}

fn pulled(backend: Backend) {
    let fake = Fake::start(Profile::default());
    every_one(backend, |daemon, odd, name| {
        let host = fake.host();
        put(&fake, &odd.image, name);
        let repository = name.strip_suffix(":1").unwrap();
        let target = format!("/images/create?fromImage={host}/{repository}&tag=1");
        let pulled = daemon.post(&target);
        if pulled.status == 200 && error_of(&pulled).is_none() {
            let there = format!("{host}/{name}");
            let target = format!("/images/{there}/tag?repo={repository}&tag=1");
            assert_eq!(daemon.post(&target).status, 201);
            let push = Request::post(&format!("/images/{host}/{repository}/push?tag=1"))
                .header("X-Registry-Auth", "e30=");
            let pushed = daemon.request(&push);
            assert_eq!(error_of(&pushed), None, "{}", odd.name);
        }
        pulled
    });
}

/// Puts an image into a registry unchanged.
fn put(fake: &Fake, image: &Image, name: &str) {
    let path = name.strip_suffix(":1").unwrap();
    let blob = |media_type: &str, bytes: &[u8]| {
        let digest = fake.registry.add_blob(path, bytes.to_vec()).to_string();
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    };
    let layers: Vec<Value> = image
        .layers
        .iter()
        .map(|layer| blob(LAYER, &layer.tar))
        .collect();
    let manifest = json!({
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": blob(CONFIG, &image.config),
        "layers": layers,
    });
    let bytes = manifest.to_string();
    fake.registry.add_manifest(path, Some("1"), MANIFEST, bytes);
}

/// Brings every odd config here and checks it with every reader of configs.
fn every_one(backend: Backend, bring: impl Fn(&Daemon, &OddConfig, &str) -> Response) {
    let daemon = &Daemon::start(SOCKERLESS, backend);
    let plain = Image::sample("plain", 1);
    let loaded = daemon.load(&plain.docker_archive(&["odd/plain:1"]).finish());
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    let mut faults = Faults::default();
    let mut shown = 1;
    for (number, odd) in all().iter().enumerate() {
        let name = format!("odd/n{number}:1");
        let before = visible(daemon);
        let brought = bring(daemon, odd, &name);
        match (odd.fate, error_of(&brought)) {
            (Fate::Refused(expected), Some(found)) => {
                let told = match found.contains(expected) {
                    true => Ok(()),
                    false => Err(format!("{expected:?} is not in {found:?}")),
                };
                faults.note(odd.name, told);
                faults.note(odd.name, same("images", visible(daemon), before));
            }
            (Fate::Refused(_), None) => faults.note(odd.name, Err("it was taken".to_owned())),
            (_, Some(error)) => faults.note(odd.name, Err(error)),
            (fate, None) => {
                shown += 1;
                faults.note(odd.name, readers(daemon, odd, &name, fate));
                // The other backend has no layers to save.
                if backend == Backend::Sqlite {
                    faults.note(odd.name, save(daemon, odd, &name));
                }
            }
        }
        faults.note(odd.name, lists(daemon, shown));
    }
    faults.note("prune", prune(daemon, shown));
    faults.finish();
}

/// The error at the end of a response.
fn error_of(response: &Response) -> Option<String> {
    match response.status {
        200 => response
            .lines()
            .iter()
            .find_map(|line| line["error"].as_str().map(str::to_owned)),
        _ => Some(response.message()),
    }
}

fn readers(daemon: &Daemon, odd: &OddConfig, name: &str, fate: Fate) -> Result<(), String> {
    for version in VERSIONS {
        let inspected = ok(daemon, &format!("/v{version}/images/{name}/json"))?;
        same("Id", inspected["Id"].as_str(), Some(&*odd.image.id()))?;
        if let Fate::Shown { author, label } = fate {
            let found = inspected["Author"].as_str().unwrap_or_default();
            same("Author", found, author)?;
            let found = inspected["Config"]["Labels"][label.0].as_str();
            same("label", found, Some(label.1))?;
        }
        let history = ok(daemon, &format!("/v{version}/images/{name}/history"))?;
        same("steps", history.as_array().map(Vec::len), Some(1))?;
    }
    let body = json!({ "Image": name }).to_string();
    let create = Request::post("/containers/create")
        .header("Content-Type", "application/json")
        .body(body);
    let created = daemon.request(&create);
    same("create", created.status, 201)?;
    let id = created.json()["Id"].as_str().unwrap_or_default().to_owned();
    let container = ok(daemon, &format!("/containers/{id}/json"))?;
    same("Cmd", container["Config"]["Cmd"][0].as_str(), Some("run"))?;
    if let Fate::Shown { label, .. } = fate {
        let found = container["Config"]["Labels"][label.0].as_str();
        same("label", found, Some(label.1))?;
    }
    let containers = ok(daemon, "/containers/json?all=1")?;
    same("containers", containers.as_array().map(Vec::len), Some(1))?;
    let removed = Request::new("DELETE", &format!("/containers/{id}"));
    same("remove", daemon.request(&removed).status, 204)
}

/// The config is saved unchanged.
fn save(daemon: &Daemon, odd: &OddConfig, name: &str) -> Result<(), String> {
    let saved = daemon.get(&format!("/images/{name}/get"));
    same("save", saved.status, 200)?;
    let config = &odd.image.config[..];
    let has_config = saved.body.windows(config.len()).any(|part| part == config);
    same("the config as it came", has_config, true)
}

/// Everything that shows several images shows all of them.
fn lists(daemon: &Daemon, count: usize) -> Result<(), String> {
    let all = ok(daemon, "/images/json?shared-size=1&manifests=1")?;
    same("images", all.as_array().map(Vec::len), Some(count))?;
    for filters in [
        json!({"until": ["1h"]}),
        json!({"label!": ["nosuch"]}),
        json!({"reference": ["odd/*"]}),
        json!({"since": ["odd/plain:1"]}),
        json!({"before": ["odd/plain:1"]}),
        json!({"label": ["org.example.seed=plain"]}),
    ] {
        let target = format!("/images/json?filters={}", escaped(&filters.to_string()));
        let found = ok(daemon, &target)?;
        if filters.get("label").is_some() {
            same("images", found.as_array().map(Vec::len), Some(1))?;
        } else if filters.get("label!").is_some() || filters.get("reference").is_some() {
            same("images", found.as_array().map(Vec::len), Some(count))?;
        }
    }
    let usage = ok(daemon, "/v1.41/system/df")?;
    same("df", usage["Images"].as_array().map(Vec::len), Some(count))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let events = daemon.get(&format!("/events?since=1&until={}", now.as_secs_f64()));
    same("events", events.status, 200)?;
    let told = events.text().lines().count();
    match told < count {
        true => Err(format!("{told} events")),
        false => Ok(()),
    }
}

/// A prune with filters reads all of them and removes those that match.
fn prune(daemon: &Daemon, count: usize) -> Result<(), String> {
    let filters = json!({"dangling": ["false"], "label": ["org.example.seed=plain"]});
    let target = format!("/images/prune?filters={}", escaped(&filters.to_string()));
    let pruned = daemon.post(&target);
    same("prune", pruned.status, 200)?;
    let left = ok(daemon, "/images/json")?;
    same("images", left.as_array().map(Vec::len), Some(count - 1))
}

fn ok(daemon: &Daemon, target: &str) -> Result<Value, String> {
    let response = daemon.get(target);
    match response.status {
        200 => Ok(response.json()),
        status => Err(format!("{target}: {status} {}", response.text().trim_end())),
    }
}
