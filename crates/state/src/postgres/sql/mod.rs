//! Every statement that only PostgreSQL is given. Most do for many rows what those of SQLite do for
//! one: a round trip to a server takes longer than most look-ups.
//!
//! Arrays come sorted, so that transactions that write the same rows wait for each other instead of
//! in a circle.

mod change;
mod forget;
mod look;
mod meant;
mod remove;

pub(super) use self::change::*;
pub(super) use self::forget::*;
pub(super) use self::look::*;
pub(super) use self::remove::*;
