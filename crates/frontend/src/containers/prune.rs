//! `POST /containers/prune`: removes containers.

use hyper::Response;
use serde::Serialize;
use sockerless_containers::ContainerFilter;

use crate::answer::{self, Body};
use crate::call::Call;
use crate::filters::Filters;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `POST /containers/prune`: removes every container that matches, because none runs.
pub(crate) async fn prune(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let filters = Filters::parse(&call.params()?)?;
    filters.check(&["until", "label", "label!"])?;
    let filter = ContainerFilter {
        labels: filters.labels("label"),
        without_labels: filters.labels("label!"),
        until: filters.until()?,
        ..ContainerFilter::default()
    };
    let removed = frontend.containers.prune(filter).await?;
    answer::json(&Report::of(removed))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    /// `null` when there were none, as in Docker.
    containers_deleted: Option<Vec<String>>,
    /// Containers take no space: only their images do.
    space_reclaimed: u64,
}

impl Report {
    fn of(removed: Vec<String>) -> Self {
        Self {
            containers_deleted: Some(removed).filter(|removed| !removed.is_empty()),
            space_reclaimed: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports() {
        for (removed, text) in [
            (vec![], r#"{"ContainersDeleted":null,"SpaceReclaimed":0}"#),
            (
                vec!["a".to_owned()],
                r#"{"ContainersDeleted":["a"],"SpaceReclaimed":0}"#,
            ),
        ] {
            let shown = serde_json::to_string(&Report::of(removed)).expect("JSON");
            assert_eq!(shown, text);
        }
    }
}
