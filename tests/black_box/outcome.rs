//! Compares the result of a load with the expected one.

use serde_json::Value;
use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::http::{Response, escaped};
use sockerless_testkit::sample::Expected;

/// Faults of several cases, to be reported together.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    pub(crate) fn note(&mut self, case: &str, result: Result<(), String>) {
        if let Err(fault) = result {
            self.0.push(format!("{case}: {fault}"));
        }
    }

    pub(crate) fn finish(self) {
        assert!(
            self.0.is_empty(),
            "{} faults\n{}",
            self.0.len(),
            self.0.join("\n")
        );
    }
}

/// `Ok` when `found` is `expected`.
pub(crate) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    found: T,
    expected: T,
) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what}: expected {expected:?}, found {found:?}"))
}

/// Checks the response to a load, and that every image can be inspected by its ID and its names.
pub(crate) fn check(
    daemon: &Daemon,
    response: &Response,
    images: &[Expected],
) -> Result<(), String> {
    if response.status != 200 {
        return Err(format!(
            "{} {}",
            response.status,
            response.text().trim_end()
        ));
    }
    let streams = response.streams();
    let ids: Vec<String> = streams
        .iter()
        .filter_map(|line| line.strip_prefix("Loaded image ID: "))
        .map(|id| id.trim_end().to_owned())
        .collect();
    same("number of IDs", ids.len(), images.len())?;
    let mut lines = Vec::new();
    for name in images.iter().flat_map(|image| &image.names) {
        lines.push(format!("Loaded image: {name}\n"));
    }
    for (image, id) in images.iter().zip(&ids) {
        lines.push(format!(
            "Loaded image ID: {}\n",
            image.id.as_ref().unwrap_or(id)
        ));
    }
    same("lines", streams, lines)?;
    for (image, id) in images.iter().zip(&ids) {
        for name in image.names.iter().chain([id]) {
            let inspected = inspect(daemon, name)?;
            same("Id", inspected["Id"].as_str(), Some(id))?;
            same(
                "RootFS.Layers",
                strings(&inspected["RootFS"]["Layers"]),
                image.diff_ids.clone(),
            )?;
            let mut names = image.names.clone();
            names.sort();
            let mut tags = strings(&inspected["RepoTags"]);
            tags.sort();
            same("RepoTags", tags, names)?;
        }
    }
    Ok(())
}

/// `GET /images/{name}/json`.
pub(crate) fn inspect(daemon: &Daemon, name: &str) -> Result<Value, String> {
    let response = daemon.get(&format!("/images/{}/json", escaped(name)));
    match response.status {
        200 => Ok(response.json()),
        status => Err(format!(
            "inspect {name}: {status} {}",
            response.text().trim_end()
        )),
    }
}

/// The strings of a JSON list; nothing for anything else.
pub(crate) fn strings(value: &Value) -> Vec<String> {
    let items = value.as_array().into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Everything that a client can see of the images: `/images/json` and `Images` of `/info`.
pub(crate) fn visible(daemon: &Daemon) -> (Value, Value) {
    let list = daemon.get("/images/json?all=1");
    assert_eq!(list.status, 200, "{}", list.text());
    (list.json(), daemon.get("/info").json()["Images"].clone())
}
