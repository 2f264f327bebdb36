//! `GET /images/{name}/json`.

use serde_json::json;

use crate::pair::Pair;
use crate::scenarios::load::{FIXTURES, fixture};
use crate::scenarios::stock;

pub(crate) fn fixtures(pair: &mut Pair) {
    for name in FIXTURES {
        pair.load(name, &fixture(name));
    }
    let expected: serde_json::Value =
        serde_json::from_slice(&fixture("expected.json")).expect("JSON");
    let mut ids: Vec<&str> = FIXTURES
        .iter()
        .flat_map(|name| expected[*name]["images"].as_array().expect("a list"))
        .map(|image| image["id"].as_str().expect("an ID"))
        .collect();
    ids.sort_unstable();
    ids.dedup();
    for version in ["1.22", "1.24", "1.40", "1.41"] {
        pair.version(version);
        for id in &ids {
            pair.get(&format!("/images/{id}/json"));
        }
    }
    bare(pair);
}

/// Configurations without common members.
fn bare(pair: &mut Pair) {
    for (name, keys) in [
        ("bare/config:1", &["config"][..]),
        ("bare/created:1", &["created"]),
        ("bare/history:1", &["history"]),
        ("bare/platform:1", &["os", "architecture"]),
        (
            "bare/all:1",
            &["config", "created", "history", "os", "architecture"],
        ),
    ] {
        let image = stock::image(name, 1, 0).reconfigured(|config| {
            for key in keys {
                config.as_object_mut().expect("an object").remove(*key);
            }
        });
        pair.load_image(&image, &[name]);
        pair.get(&format!("/images/{name}/json"));
    }
    let full = stock::image("full", 1, 0).reconfigured(|config| {
        config["author"] = json!("A & B <ab@example.org>");
        config["comment"] = json!("a comment");
        config["docker_version"] = json!("1.2.3");
        config["os.version"] = json!("10.0");
        config["variant"] = json!("v8");
        config["container"] = json!("0123456789abcdef");
        config["created"] = json!("2024-05-06T09:08:09.123456789+02:00");
        config["config"]["Cmd"] = json!([]);
        config["config"]["Labels"] = json!({});
        config["config"]["Volumes"] = json!({"/data": {}});
        config["config"]["ExposedPorts"] = json!({"80/tcp": {}});
        config["config"]["StopSignal"] = json!("SIGINT");
        config["config"]["ArgsEscaped"] = json!(true);
        config["config"]["Unknown"] = json!("dropped");
        config["config"]["Healthcheck"] = json!({
            "Test": ["CMD", "x"], "Interval": 1_000_000, "StartPeriod": 2_000_000, "Retries": 3,
        });
        config["config"]["Shell"] = json!(["/bin/sh", "-e"]);
        config["config"]["StopTimeout"] = json!(7);
        config["config"]["OnBuild"] = json!(["RUN x"]);
        config["config"]["Hostname"] = json!("h");
        config["config"]["Domainname"] = json!("d");
        config["config"]["Tty"] = json!(true);
        config["config"]["NetworkDisabled"] = json!(true);
        config["config"]["MacAddress"] = json!("00:00:00:00:00:01");
    });
    pair.load_image(&full, &["full:1"]);
    pair.get("/images/full:1/json").get("/images/json");
}
