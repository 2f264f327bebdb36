//! The types of API 1.41.

#[path = "../check.rs"]
mod check;
#[path = "../kinds.rs"]
mod kinds;

/// The types under the names that they have in API 1.53.
mod docker {
    pub use bollard_stubs::models::*;
    pub use bollard_stubs::models::{
        DistributionInspectResponse as DistributionInspect,
        HistoryResponseItem as ImageHistoryResponseItem, Image as ImageInspect,
        SystemAuthResponse as AuthResponse, SystemEventsResponse as EventMessage,
    };
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    check::run(kinds::KINDS)
}
