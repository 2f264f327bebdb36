//! The responses of daemons, as values.

use std::collections::BTreeMap;

use serde_json::Value;

/// The strings of a JSON list; nothing for anything else.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The same, sorted.
pub(crate) fn sorted(value: &Value) -> Vec<String> {
    let mut strings = strings(value);
    strings.sort();
    strings
}

/// Images by their IDs, each with its names in order.
pub(crate) type Images = BTreeMap<String, Vec<String>>;

/// The images of a list.
///
/// # Errors
/// The ID of an image that is in it twice.
pub(crate) fn images(list: &Value) -> Result<Images, String> {
    let mut images = Images::new();
    for item in list.as_array().into_iter().flatten() {
        let id = text(&item["Id"]);
        if images
            .insert(id.clone(), sorted(&item["RepoTags"]))
            .is_some()
        {
            return Err(format!("{id} is twice in a list"));
        }
    }
    Ok(images)
}

/// Containers by their names, each with the ID of its image.
pub(crate) fn containers(list: &Value) -> BTreeMap<String, String> {
    let items = list.as_array().into_iter().flatten();
    let pairs = items.map(|item| {
        let name = strings(&item["Names"]).concat();
        (
            name.trim_start_matches('/').to_owned(),
            text(&item["ImageID"]),
        )
    });
    pairs.collect()
}

/// The times of events, one JSON object a line.
///
/// # Errors
/// When they are not in order, or one has no time.
pub(crate) fn check_events(body: &str) -> Result<(), String> {
    let mut last = 0;
    for line in body.lines().filter(|line| !line.trim().is_empty()) {
        let event: Value =
            serde_json::from_str(line).map_err(|error| format!("{error}: {line}"))?;
        let at = event["timeNano"].as_i64().unwrap_or_default();
        if at <= last {
            return Err(format!("an event of {last} comes before {line}"));
        }
        last = at;
    }
    Ok(())
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
