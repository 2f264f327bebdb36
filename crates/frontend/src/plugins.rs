//! `/plugins…`: there are none. Clients that list them or look up a name can continue.

use hyper::Response;
use serde_json::{Value, json};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /plugins`.
pub(crate) async fn list(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&no_plugins())
}

/// `GET` and `DELETE /plugins/{name}`.
pub(crate) async fn absent(_: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    Err(not_found(call.captures.get("name")))
}

fn not_found(name: &str) -> Failure {
    Failure::not_found(format!("plugin \"{name}\" not found"))
}

fn no_plugins() -> Value {
    json!([])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(no_plugins().to_string(), "[]");
        let failure = not_found("x");
        assert_eq!(failure.status.as_u16(), 404);
        assert_eq!(failure.message, "plugin \"x\" not found");
    }
}
