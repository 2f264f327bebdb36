//! `/build/prune`: there is no build cache.

use hyper::Response;
use serde_json::{Value, json};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `POST /build/prune`.
pub(crate) async fn prune(_: &Frontend, _: Call) -> Result<Response<Body>, Failure> {
    answer::json(&nothing_pruned())
}

fn nothing_pruned() -> Value {
    json!({ "CachesDeleted": null, "SpaceReclaimed": 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        assert_eq!(
            nothing_pruned().to_string(),
            r#"{"CachesDeleted":null,"SpaceReclaimed":0}"#
        );
    }
}
