use hyper::Response;
use serde_json::{Value, json};

use crate::answer::{self, Body};
use crate::route::{Absent, Nothing};
use crate::status::Failure;

/// Things that only whoever runs containers has: there are none, and clients that list or prune
/// everything go on.
pub(crate) fn nothing(nothing: Nothing) -> Result<Response<Body>, Failure> {
    answer::json(&none_of(nothing))
}

/// Docker's words for one that is not there: clients that look a name up everywhere go on.
pub(crate) fn absent(kind: Absent, name: &str) -> Failure {
    Failure::not_found(match kind {
        Absent::Network => format!("network {name} not found"),
        Absent::Volume => format!("get {name}: no such volume"),
        Absent::Plugin => format!("plugin \"{name}\" not found"),
    })
}

/// Docker's words for none.
fn none_of(nothing: Nothing) -> Value {
    match nothing {
        Nothing::Volumes => json!({ "Volumes": [], "Warnings": null }),
        Nothing::VolumesPruned => json!({ "VolumesDeleted": [], "SpaceReclaimed": 0 }),
        Nothing::Networks | Nothing::Plugins => json!([]),
        Nothing::NetworksPruned => json!({ "NetworksDeleted": null }),
        Nothing::BuildPruned => json!({ "CachesDeleted": null, "SpaceReclaimed": 0 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there() {
        for (kind, message) in [
            (Absent::Network, "network x not found"),
            (Absent::Volume, "get x: no such volume"),
            (Absent::Plugin, "plugin \"x\" not found"),
        ] {
            let failure = absent(kind, "x");
            assert_eq!(
                (failure.status.as_u16(), failure.message.as_str()),
                (404, message)
            );
        }
    }

    #[test]
    fn words() {
        for (nothing, text) in [
            (Nothing::Volumes, r#"{"Volumes":[],"Warnings":null}"#),
            (
                Nothing::VolumesPruned,
                r#"{"SpaceReclaimed":0,"VolumesDeleted":[]}"#,
            ),
            (Nothing::Networks, "[]"),
            (Nothing::Plugins, "[]"),
            (Nothing::NetworksPruned, r#"{"NetworksDeleted":null}"#),
            (
                Nothing::BuildPruned,
                r#"{"CachesDeleted":null,"SpaceReclaimed":0}"#,
            ),
        ] {
            assert_eq!(none_of(nothing).to_string(), text);
        }
    }
}
