//! All statements that only PostgreSQL runs. Most do for many rows what those of SQLite do for one:
//! a round trip to a server takes longer than most look-ups.
//!
//! Arrays are sorted, so that transactions that write the same rows wait for each other without a
//! deadlock.

mod change;
mod forget;
mod look;
mod meant;
mod remove;

pub(super) use self::change::*;
pub(super) use self::forget::*;
pub(super) use self::look::*;
pub(super) use self::remove::*;
