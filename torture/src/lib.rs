//! Three daemons on one database and one registry, many clients that do everything at random, and
//! faults: daemons are killed, the database crashes, its connections are cut and delayed, the
//! registry goes away. What was acknowledged is compared with what every daemon says afterwards.
//!
//! Each client has names and images of its own, so that for them its operations have one order and
//! a model says what has to be true (`slot.rs`). An operation that failed may have happened or not;
//! the model keeps both until nothing of it can be under way any more (`settling.rs`). All clients
//! also fight over a few names, where only what must always be true is looked at (`common.rs`).
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
