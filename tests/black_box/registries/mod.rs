//! Staging, push, pull and login against real registries, and against one in the process for faults
//! that real ones do not have.

mod check;
mod credentials;
mod database;
mod discard;
pub(crate) mod fake;
mod faults;
mod kinds;
mod leave;
mod lines;
mod login;
mod never;
mod platforms;
mod pull;
mod puller;
mod push;
mod refusals;
mod scene;
mod sizes;
mod trust;
mod words;
