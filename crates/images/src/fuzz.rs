//! What fuzz targets call and nothing else does.

use crate::{RunConfig, changes};

/// Applies the instructions of `docker import --change` to a config.
///
/// # Errors
/// The message that the client would get. `run` is then as it was.
pub fn apply_changes(run: &mut RunConfig, given: &[String], os: &str) -> Result<(), String> {
    changes::apply(run, given, os).map_err(|error| error.to_string())
}
