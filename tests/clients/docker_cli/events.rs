//! `docker events`.

use serde_json::Value;
use sockerless_testkit::tool::DOCKER;

use super::{Docker, each};
use crate::{BASE, HELPER, HELPER_NAME};

/// The events from `since` until now.
fn between(docker: &Docker, since: &str, filters: &[&str]) -> Vec<String> {
    let until = now();
    let format = "{{.Type}} {{.Action}} {{.Actor.ID}}";
    let mut arguments = vec![
        "events", "--since", since, "--until", &until, "--format", format,
    ];
    for filter in filters {
        arguments.extend(["--filter", filter]);
    }
    docker.lines(&arguments)
}

/// Seconds since 1970, with a fraction.
fn now() -> String {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("{}.{:09}", since.as_secs(), since.subsec_nanos())
}

#[test]
fn past() {
    each(|docker| {
        let begun = now();
        docker.run(&["tag", BASE, "two:2"]);
        docker.run(&["rmi", "two:2"]);
        let container = docker.run(&["create", "--name", "job", "--label", "a=b", BASE, "true"]);
        let container = container.trim_end();
        docker.run(&["rename", "job", "work"]);
        docker.run(&["rm", "work"]);
        let images = between(docker, &begun, &["type=image"]);
        assert_eq!(
            images,
            ["tag", "untag"].map(|action| format!("image {action} {BASE}"))
        );
        let expected = ["create", "rename", "destroy"];
        let expected = expected.map(|action| format!("container {action} {container}"));
        assert_eq!(between(docker, &begun, &["type=container"]), expected);
        assert_eq!(between(docker, &begun, &["label=a=b"]), expected);
        assert_eq!(
            between(docker, &begun, &["container=work", "event=destroy"]),
            expected[2..]
        );
        assert_eq!(
            between(docker, &begun, &["image=two:2", "event=tag"]),
            images[..1]
        );
        assert_eq!(between(docker, &begun, &["event=pull"]), [""; 0]);
        assert_eq!(between(docker, "10m", &["event=load"]).len(), 2);
        let none = docker.run(&[
            "events",
            "--since",
            "2020-01-01",
            "--until",
            "2020-01-02T00:00:00Z",
        ]);
        assert_eq!(none, "");
    });
}

/// New events, in the form for machines.
#[test]
fn live() {
    each(|docker| {
        let arguments = ["events", "--since", "0", "--format", "{{json .}}"];
        let running = DOCKER.start(&mut docker.command(&arguments));
        let wait_for = |action: &str| {
            running.wait_for(|line| {
                let event: Value = serde_json::from_str(line).ok()?;
                (event["Action"] == action).then_some(event)
            })
        };
        wait_for("load");
        docker.run(&["tag", HELPER_NAME, "live:1"]);
        let event = wait_for("tag");
        assert_eq!(
            (&event["Type"], &event["scope"]),
            (&"image".into(), &"local".into())
        );
        assert_eq!(event["Actor"]["ID"], HELPER);
        assert_eq!(event["Actor"]["Attributes"]["name"], "live:1");
        assert_eq!(
            event["Actor"]["Attributes"]["com.example.tier"],
            "ci, runner"
        );
        docker.run(&["rmi", "live:1"]);
        wait_for("untag");
    });
}

/// The form for people.
#[test]
fn text() {
    each(|docker| {
        let begun = now();
        docker.run(&["tag", BASE, "text:1"]);
        let line = docker.run(&["events", "--since", &begun, "--until", &now()]);
        assert!(
            line.contains(&format!(" image tag {BASE} (name=text:1)")),
            "{line}"
        );
    });
}
