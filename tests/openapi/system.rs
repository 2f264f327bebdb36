//! The daemon itself, and endpoints that only matter for an engine that runs containers.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;

use crate::client::Client;

pub(crate) fn read(client: &mut Client) {
    client.get("version", "/version");
    client.get("info", "/info");
    for (since, query) in [
        (0, ""),
        (42, "?type=image&type=container"),
        (52, "?verbose=1"),
    ] {
        if client.at_least(since) {
            usage(client, &format!("/system/df{query}"));
        }
    }
    client.refused(404, "GET", "/networks/none", None);
    client.refused(404, "GET", "/volumes/none", None);
    client.refused(404, "GET", "/nothing", None);
    client.refused(501, "POST", "/build", None);
}

/// The types do not specify the items.
fn usage(client: &mut Client, path: &str) {
    let usage = client.get("usage", path);
    for (place, kind) in [
        ("/ImageUsage/Items", "images"),
        ("/ContainerUsage/Items", "containers"),
    ] {
        if let Some(items) = usage.pointer(place) {
            client.part(kind, path, items);
        }
    }
}

pub(crate) fn prune(client: &mut Client) {
    for (kind, path) in [
        ("containers pruned", "/containers/prune"),
        (
            "images pruned",
            "/images/prune?filters=%7B%22dangling%22%3A%5B%22false%22%5D%7D",
        ),
        ("networks pruned", "/networks/prune"),
        ("volumes pruned", "/volumes/prune"),
        ("build cache pruned", "/build/prune"),
    ] {
        client.post(kind, path, &json!({}));
    }
}

/// All events.
pub(crate) fn events(client: &mut Client) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let until = format!("{}.{:09}", now.as_secs(), now.subsec_nanos());
    let events = client.values("event", &format!("/events?since=0&until={until}"));
    let seen = |kind: &str, action: &str| {
        events
            .iter()
            .any(|event| event["Type"] == kind && event["Action"] == action)
    };
    for (kind, actions) in [
        (
            "image",
            &["load", "import", "tag", "push", "untag", "delete", "prune"][..],
        ),
        ("container", &["create", "rename", "destroy", "prune"]),
    ] {
        for action in actions {
            assert!(seen(kind, action), "no {kind} {action} in {events:?}");
        }
    }
    client.refused(400, "GET", "/events?since=x&until=1", None);
}
