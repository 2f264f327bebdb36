//! Streams: lines that both have are compared, others are reported.

use serde_json::Value;

use crate::compare::values;
use crate::difference::{ABSENT, Place};

/// Compares the lines that both have, and reports the others.
pub(crate) fn compare(dockerd: &[Value], sockerless: &[Value], places: &mut Vec<Place>) {
    let theirs: Vec<String> = dockerd.iter().map(key).collect();
    let ours: Vec<String> = sockerless.iter().map(key).collect();
    for (i, j) in paired(&theirs, &ours) {
        match (i.map(|i| &dockerd[i]), j.map(|j| &sockerless[j])) {
            (Some(dockerd), Some(sockerless)) => values("line", dockerd, sockerless, places),
            (dockerd, sockerless) => {
                let told = |line: Option<&Value>| line.map_or(ABSENT.to_owned(), Value::to_string);
                places.push(Place::new("line", told(dockerd), told(sockerless)));
            }
        }
    }
}

/// Pairs equal keys of the two, as many as possible, and returns their indices.
pub(crate) fn paired(theirs: &[String], ours: &[String]) -> Vec<(Option<usize>, Option<usize>)> {
    // common[i][j]: how many pairs can be made of theirs from i and ours from j on.
    let mut common = vec![vec![0_usize; ours.len() + 1]; theirs.len() + 1];
    for i in (0..theirs.len()).rev() {
        for j in (0..ours.len()).rev() {
            common[i][j] = if theirs[i] == ours[j] {
                common[i + 1][j + 1] + 1
            } else {
                common[i + 1][j].max(common[i][j + 1])
            };
        }
    }
    let mut pairs = Vec::new();
    let (mut i, mut j) = (0, 0);
    while i < theirs.len() || j < ours.len() {
        if i < theirs.len() && j < ours.len() && theirs[i] == ours[j] {
            pairs.push((Some(i), Some(j)));
            (i, j) = (i + 1, j + 1);
        } else if j == ours.len() || (i < theirs.len() && common[i + 1][j] >= common[i][j + 1]) {
            pairs.push((Some(i), None));
            i += 1;
        } else {
            pairs.push((None, Some(j)));
            j += 1;
        }
    }
    pairs
}

/// Whether a stream ends with an error.
pub(crate) fn is_failure(lines: &[Value]) -> bool {
    lines.last().is_some_and(|line| line.get("error").is_some())
}

/// The identity of a line, without its other content.
pub(crate) fn key(line: &Value) -> String {
    for keys in [
        &["error"][..],
        &["stream"],
        &["aux"],
        &["Type", "Action"],
        &["status", "id"],
    ] {
        let Some(first) = keys.first().and_then(|first| line.get(first)) else {
            continue;
        };
        return match keys {
            ["error" | "aux"] => keys.concat(),
            [_, second] => format!("{first} {:?}", line.get(second)),
            _ => first.to_string(),
        };
    }
    line.to_string()
}

#[test]
fn lines_beside_each_other() {
    use serde_json::json;
    let layer = json!({"status": "Loading layer", "id": "a", "progress": "[>"});
    let plain = json!({"status": "Loading layer", "id": "a"});
    let name = json!({"stream": "Loaded image: a:1\n"});
    let id = json!({"stream": "Loaded image ID: sha256:1\n"});
    let aux = json!({"aux": {"ID": "sha256:1"}});
    let mut found = Vec::new();
    compare(
        &[layer, name.clone()],
        &[plain, aux.clone(), name, id.clone()],
        &mut found,
    );
    let wanted = [
        Place::new("line.progress", "[>", ABSENT),
        Place::new("line", ABSENT, aux.to_string()),
        Place::new("line", ABSENT, id.to_string()),
    ];
    assert_eq!(found, wanted);
}
