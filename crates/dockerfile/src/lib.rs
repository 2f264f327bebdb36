//! Dockerfile instructions that change the config of an image: those of `docker import --change`
//! and `docker commit --change`. Nothing is built here.

mod directives;
mod dockerfile;
mod duration;
mod error;
mod exec_form;
mod flags;
mod instructions;
mod line;
mod pairs;
mod ports;
mod state;
mod substitution;
mod variables;
mod words;

pub use error::{ChangeError, DurationError, HealthcheckError, PortError, SubstitutionError};

use instructions::Instruction;
use line::Line;
use sockerless_oci::config::RunConfig;
use state::State;

/// Applies `changes`, which joined as lines form a Dockerfile of `CMD`, `ENTRYPOINT`, `ENV`,
/// `EXPOSE`, `HEALTHCHECK`, `LABEL`, `ONBUILD`, `STOPSIGNAL`, `USER`, `VOLUME` and `WORKDIR`, to
/// the config of an image for `os` (`linux`, `windows`).
///
/// Time and memory grow with the length of the texts, which the caller bounds; the expansion of
/// variables and port ranges is bounded here.
///
/// # Errors
///
/// At the first invalid instruction, with Docker's message. `run` is then unchanged.
pub fn apply(run: &mut RunConfig, changes: &[String], os: &str) -> Result<(), ChangeError> {
    if changes.is_empty() {
        return Ok(());
    }
    let text = changes.join("\n");
    let dockerfile = dockerfile::read(&text)?;
    let instructions = dockerfile
        .lines
        .iter()
        .map(|line| Instruction::parse(&Line::split(line), dockerfile.escape))
        .collect::<Result<Vec<_>, _>>()?;
    let mut state = State::new(run.clone(), dockerfile.escape, os);
    for instruction in instructions {
        instruction.apply(&mut state)?;
    }
    *run = state.into_run();
    Ok(())
}

#[cfg(test)]
mod tests;
