//! `/volumes…`: there are none. Clients that list, prune or look up a name everywhere can continue.

use hyper::Response;
use serde_json::{Value, json};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /volumes`.
pub(crate) async fn list(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&no_volumes())
}

/// `POST /volumes/prune`.
pub(crate) async fn prune(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&nothing_pruned())
}

/// `GET`, `PUT` and `DELETE /volumes/{name}`.
pub(crate) async fn absent(_: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    Err(not_found(call.captures.get("name")))
}

fn not_found(name: &str) -> Failure {
    Failure::not_found(format!("get {name}: no such volume"))
}

fn no_volumes() -> Value {
    json!({ "Volumes": [], "Warnings": null })
}

fn nothing_pruned() -> Value {
    json!({ "VolumesDeleted": [], "SpaceReclaimed": 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(
            no_volumes().to_string(),
            r#"{"Volumes":[],"Warnings":null}"#
        );
        assert_eq!(
            nothing_pruned().to_string(),
            r#"{"SpaceReclaimed":0,"VolumesDeleted":[]}"#
        );
        let failure = not_found("x");
        assert_eq!(failure.status.as_u16(), 404);
        assert_eq!(failure.message, "get x: no such volume");
    }
}
