//! Checks responses against the types that were generated from Docker's OpenAPI file of one
//! version.
//!
//! Each line of standard input is `{"kind": …, "answer": …}`. For each there is one line on
//! standard output: the deviations, as a list of `{"path": …, "fault": …}`.

use std::error::Error;
use std::io::{BufRead as _, Write as _};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_ignored::Path as Ignored;
use serde_json::Value;
use serde_path_to_error::{Path, Segment};

/// The expected type of responses of one kind.
pub type Kind = (
    &'static str,
    fn(&Value) -> Result<Vec<Fault>, Box<dyn Error>>,
);

/// A deviation from the type.
#[derive(Debug, Serialize)]
pub struct Fault {
    path: String,
    fault: String,
}

#[derive(Deserialize)]
struct Line {
    kind: String,
    answer: Value,
}

/// Reads and writes until the end of standard input.
pub fn run(kinds: &[Kind]) -> Result<(), Box<dyn Error>> {
    let mut stdout = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let Line { kind, answer } = serde_json::from_str(&line?)?;
        let (_, check) = kinds
            .iter()
            .find(|(name, _)| *name == kind)
            .ok_or_else(|| format!("no type for {kind}"))?;
        writeln!(stdout, "{}", serde_json::to_string(&check(&answer)?)?)?;
    }
    Ok(())
}

/// Deserializes a response as a `T` and serializes that again.
pub fn both_ways<T>(answer: &Value) -> Result<Vec<Fault>, Box<dyn Error>>
where
    T: DeserializeOwned + Serialize,
{
    let (read, mut faults) = read::<T>(answer);
    if let Some((typed, rest)) = read {
        let again = serde_json::to_value(&typed)?;
        compare(String::new(), &rest, &again, &mut faults);
    }
    Ok(faults)
}

/// Only deserializes a response as a `T`, for types that cannot be serialized.
pub fn one_way<T: DeserializeOwned>(answer: &Value) -> Result<Vec<Fault>, Box<dyn Error>> {
    Ok(read::<T>(answer).1)
}

/// Refused members are reported and removed, so that the rest is checked too. Returns the `T` and
/// that rest.
fn read<T: DeserializeOwned>(answer: &Value) -> (Option<(T, Value)>, Vec<Fault>) {
    let mut rest = answer.clone();
    let mut refused = Vec::new();
    loop {
        let mut faults = Vec::new();
        let mut track = serde_path_to_error::Track::new();
        let deserializer = serde_path_to_error::Deserializer::new(&rest, &mut track);
        let typed = serde_ignored::deserialize(deserializer, |path| {
            faults.push(Fault {
                path: path_of_ignored(&path),
                fault: "unknown key".to_owned(),
            });
        });
        let error = match typed {
            Ok(typed) => {
                faults.append(&mut refused);
                return (Some((typed, rest)), faults);
            }
            Err(error) => error,
        };
        let path = track.path();
        refused.push(Fault {
            path: path_of_error(&path),
            fault: format!("refused: {error}"),
        });
        if !take_out(&mut rest, &path) {
            return (None, refused);
        }
    }
}

/// Removes a key. Returns whether there was one.
fn take_out(value: &mut Value, path: &Path) -> bool {
    let segments: Vec<_> = path
        .iter()
        .filter(|segment| matches!(segment, Segment::Seq { .. } | Segment::Map { .. }))
        .collect();
    let Some((Segment::Map { key: last }, parents)) = segments.split_last() else {
        return false;
    };
    let parent = parents
        .iter()
        .try_fold(value, |value, segment| match segment {
            Segment::Seq { index } => value.get_mut(*index),
            Segment::Map { key } => value.get_mut(key),
            Segment::Enum { .. } | Segment::Unknown => None,
        });
    parent
        .and_then(Value::as_object_mut)
        .is_some_and(|parent| parent.remove(last).is_some())
}

/// Reports what is missing, changed or new in `again`. Null counts as absent, and keys that the
/// type does not have were reported already.
fn compare(path: String, answer: &Value, again: &Value, faults: &mut Vec<Fault>) {
    match (answer, again) {
        (Value::Object(answer), Value::Object(again)) => {
            for (key, value) in answer {
                let path = format!("{path}.{key}");
                match again.get(key) {
                    Some(again) => compare(path, value, again, faults),
                    None if value.is_null() || faults.iter().any(|it| it.path == path) => {}
                    None => faults.push(Fault {
                        path,
                        fault: format!("lost: {value}"),
                    }),
                }
            }
            for (key, value) in again.iter().filter(|(_, value)| !value.is_null()) {
                if !answer.contains_key(key) {
                    faults.push(Fault {
                        path: format!("{path}.{key}"),
                        fault: format!("made up: {value}"),
                    });
                }
            }
        }
        (Value::Array(answer), Value::Array(again)) if answer.len() == again.len() => {
            for (answer, again) in answer.iter().zip(again) {
                compare(format!("{path}[]"), answer, again, faults);
            }
        }
        _ if answer == again || same_time(answer, again) => {}
        _ => faults.push(Fault {
            path,
            fault: format!("{answer} is read as {again}"),
        }),
    }
}

/// A point in time can be written in several ways.
fn same_time(answer: &Value, again: &Value) -> bool {
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok();
    time(answer).is_some_and(|answer| Some(answer) == time(again))
}

fn path_of_ignored(path: &Ignored<'_>) -> String {
    match path {
        Ignored::Root => String::new(),
        Ignored::Seq { parent, .. } => path_of_ignored(parent) + "[]",
        Ignored::Map { parent, key } => path_of_ignored(parent) + "." + key,
        Ignored::Some { parent }
        | Ignored::NewtypeStruct { parent }
        | Ignored::NewtypeVariant { parent } => path_of_ignored(parent),
    }
}

fn path_of_error(path: &Path) -> String {
    let mut text = String::new();
    for segment in path {
        match segment {
            Segment::Seq { .. } => text.push_str("[]"),
            Segment::Map { key } => text.push_str(&format!(".{key}")),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    text
}
