//! The types of API 1.53.

#[path = "../check.rs"]
mod check;
#[path = "../kinds.rs"]
mod kinds;

use bollard_stubs::models as docker;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    check::run(kinds::KINDS)
}
