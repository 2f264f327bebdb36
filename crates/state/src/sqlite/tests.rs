//! Tests with files and databases in memory.

mod conformance;
mod crash;
mod file;
mod look;
mod statements;
mod threads;
