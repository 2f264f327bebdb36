//! Finds the differences of two responses.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::answer::{Answer, Body};
use crate::difference::{ABSENT, Place};
use crate::lines;

/// Every place where they differ, in the order of a response.
pub(crate) fn places(dockerd: &Answer, sockerless: &Answer) -> Vec<Place> {
    let mut places = Vec::new();
    if dockerd.status != sockerless.status {
        places.push(Place::new(
            "status",
            dockerd.status.to_string(),
            sockerless.status.to_string(),
        ));
    }
    let names: BTreeSet<_> = dockerd
        .headers
        .keys()
        .chain(sockerless.headers.keys())
        .collect();
    for name in names {
        let value = |answer: &Answer| answer.headers.get(name).map_or(ABSENT, |it| it).to_owned();
        let (dockerd, sockerless) = (value(dockerd), value(sockerless));
        if dockerd != sockerless {
            places.push(Place::new(format!("header {name}"), dockerd, sockerless));
        }
    }
    // If only one is a success, the bodies cannot be compared.
    if dockerd.status == sockerless.status {
        bodies(&dockerd.body, &sockerless.body, &mut places);
    } else {
        whole(&dockerd.body, &sockerless.body, &mut places);
    }
    places
}

fn whole(dockerd: &Body, sockerless: &Body, places: &mut Vec<Place>) {
    let (dockerd, sockerless) = (text(dockerd), text(sockerless));
    if dockerd != sockerless {
        places.push(Place::new("body", dockerd, sockerless));
    }
}

fn bodies(dockerd: &Body, sockerless: &Body, places: &mut Vec<Place>) {
    match (dockerd, sockerless) {
        (Body::Empty, Body::Empty) => {}
        (
            Body::Json { value, end },
            Body::Json {
                value: other,
                end: other_end,
            },
        ) => {
            values(".", value, other, places);
            if end != other_end {
                places.push(Place::new("line end", end, other_end));
            }
        }
        (
            Body::Lines { lines, end },
            Body::Lines {
                lines: other,
                end: other_end,
            },
        ) if lines::is_failure(lines) == lines::is_failure(other) => {
            lines::compare(lines, other, places);
            // A body without lines has no line end.
            if end != other_end && !lines.is_empty() && !other.is_empty() {
                places.push(Place::new("line end", end, other_end));
            }
        }
        (Body::Archive(archive), Body::Archive(other)) => {
            values("archive", archive, other, places);
        }
        (dockerd, sockerless) => whole(dockerd, sockerless, places),
    }
}

fn text(body: &Body) -> String {
    match body {
        Body::Empty => ABSENT.to_owned(),
        Body::Text(text) => text.trim_end().to_owned(),
        Body::Json { value, .. } => value.to_string(),
        Body::Lines { lines, .. } => {
            let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
            lines.join(" ")
        }
        Body::Archive(archive) => archive.to_string(),
    }
}

/// Compares two JSON values; `path` is their position.
pub(crate) fn values<'a>(
    path: &str,
    dockerd: &'a Value,
    sockerless: &'a Value,
    places: &mut Vec<Place>,
) {
    match (dockerd, sockerless) {
        (Value::Object(dockerd), Value::Object(sockerless)) => {
            let keys: BTreeSet<_> = dockerd.keys().chain(sockerless.keys()).collect();
            for key in keys {
                let path = format!("{}.{key}", path.trim_end_matches('.'));
                both(&path, dockerd.get(key), sockerless.get(key), places);
            }
        }
        (Value::Array(dockerd), Value::Array(sockerless)) => {
            let keys = |list: &[Value]| -> Vec<String> {
                let keys = list.iter().enumerate();
                keys.map(|(at, value)| id(value).unwrap_or_else(|| at.to_string()))
                    .collect()
            };
            for (i, j) in lines::paired(&keys(dockerd), &keys(sockerless)) {
                let path = format!("{path}[{}]", i.or(j).unwrap_or_default());
                let value = |list: &'a [Value], at: Option<usize>| at.and_then(|at| list.get(at));
                both(&path, value(dockerd, i), value(sockerless, j), places);
            }
        }
        (dockerd, sockerless) if dockerd == sockerless => {}
        (dockerd, sockerless) => {
            places.push(Place::new(path, shown(dockerd), shown(sockerless)));
        }
    }
}

/// The identity of an item in a list.
fn id(value: &Value) -> Option<String> {
    let id = value.get("Id").or_else(|| value.get("Name"))?;
    id.as_str().map(str::to_owned)
}

fn both(path: &str, dockerd: Option<&Value>, sockerless: Option<&Value>, places: &mut Vec<Place>) {
    match (dockerd, sockerless) {
        (Some(dockerd), Some(sockerless)) => values(path, dockerd, sockerless, places),
        (dockerd, sockerless) => {
            let shown = |value: Option<&Value>| value.map_or(ABSENT.to_owned(), shown);
            places.push(Place::new(path, shown(dockerd), shown(sockerless)));
        }
    }
}

/// A string unchanged unless it is empty, anything else as JSON.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => "\"\"".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn every_place() {
    use serde_json::json;
    let mut found = Vec::new();
    values(
        ".",
        &json!({"a": 1, "b": [1, 2, {"c": "x"}], "d": null, "same": [{}]}),
        &json!({"a": "1", "b": [1, 3], "e": {}, "same": [{}]}),
        &mut found,
    );
    let wanted = [
        Place::new(".a", "1", "1"),
        Place::new(".b[1]", "2", "3"),
        Place::new(".b[2]", "{\"c\":\"x\"}", ABSENT),
        Place::new(".d", "null", ABSENT),
        Place::new(".e", ABSENT, "{}"),
    ];
    assert_eq!(found, wanted);
}
