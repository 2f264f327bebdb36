//! Three daemons on one database and one registry, many clients with random operations, and faults:
//! daemons are killed, the database crashes, its connections are cut and delayed, the registry goes
//! down. What was acknowledged is compared with the responses of every daemon afterwards.
//!
//! Each client has names and images of its own, so that for them its operations have one order and
//! a model describes what must hold (`slot.rs`). A failed operation may have been done or not; the
//! model keeps both possibilities until it can no longer be done (`settling.rs`). All clients also
//! change a few shared names, where only invariants are checked (`common.rs`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "only tests use this crate, and a panic is how a test of its surroundings fails"
)]

mod answer;
mod client;
mod common;
mod design;
mod ending;
mod faults;
mod finding;
mod fleet;
mod gate;
mod own;
mod plan;
mod progress;
mod random;
mod replica;
mod report;
mod run;
mod saved;
mod settling;
mod shown;
mod slot;
mod tally;
mod weather;

pub use finding::{Finding, Sort};
pub use plan::{End, Plan};
pub use report::Report;
pub use run::run;
