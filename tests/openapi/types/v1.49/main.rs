//! The types of API 1.49.

#[path = "../check.rs"]
mod check;
#[path = "../kinds.rs"]
mod kinds;

/// The types under the names that they have in API 1.53.
mod docker {
    pub use bollard_stubs::models::*;
    pub use bollard_stubs::models::{
        HistoryResponseItem as ImageHistoryResponseItem, SystemAuthResponse as AuthResponse,
    };
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    check::run(kinds::KINDS)
}
