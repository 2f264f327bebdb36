//! `/networks…`: there are none. Clients that list, prune or look up a name everywhere can
//! continue.

use hyper::Response;
use serde_json::{Value, json};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /networks`.
pub(crate) async fn list(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&no_networks())
}

/// `POST /networks/prune`.
pub(crate) async fn prune(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&nothing_pruned())
}

/// `GET` and `DELETE /networks/{name}`.
pub(crate) async fn absent(_: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    Err(not_found(call.captures.get("name")))
}

fn not_found(name: &str) -> Failure {
    Failure::not_found(format!("network {name} not found"))
}

fn no_networks() -> Value {
    json!([])
}

fn nothing_pruned() -> Value {
    json!({ "NetworksDeleted": null })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(no_networks().to_string(), "[]");
        assert_eq!(nothing_pruned().to_string(), r#"{"NetworksDeleted":null}"#);
        let failure = not_found("x");
        assert_eq!(failure.status.as_u16(), 404);
        assert_eq!(failure.message, "network x not found");
    }
}
