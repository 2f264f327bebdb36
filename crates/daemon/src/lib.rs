//! The sockerless daemon: command line, configuration, listeners, wiring, shutdown.
//!
//! [`main`] is the whole program. It is a library so that the tests can build it into their own
//! program.

mod advice;
mod bytes;
mod check;
mod cli;
mod clients;
mod completion;
mod config;
mod data_root;
mod defaults;
mod healthcheck;
mod host;
mod identity;
mod imports;
mod kept;
mod limits;
mod listener;
mod logging;
mod platform;
mod registries;
mod reload;
mod serve;
mod shutdown;
mod staging;
mod state;
mod storage;
mod sweeper;
mod version;
mod wiring;

use std::io::Write;
use std::process::ExitCode;

use anyhow::{Context, Result};
use cli::Command;

/// Returns freed memory in the background while the daemon is idle, which its own threads cannot
/// do.
#[cfg(feature = "jemalloc")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let result = match config::read(std::env::args_os()) {
        Ok(Command::Serve(options)) => serve::run(*options).map(|()| ExitCode::SUCCESS),
        Ok(Command::Check(options)) => check::run(*options),
        Ok(Command::Healthcheck(options)) => healthcheck::run(&options).map(|()| ExitCode::SUCCESS),
        Ok(Command::Version) => print(&version::facts()),
        Ok(Command::Completion { shell }) => print(&completion::script(shell)),
        Err(config::Error::Usage(error)) => error.exit(),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            let mut text = format!("sockerless: {error:#}\n");
            if let Some(advice) = advice::after(&error) {
                text.push_str(&format!("to do: {advice}\n"));
            }
            // If standard error is closed, the error cannot be reported.
            drop(std::io::stderr().write_all(text.as_bytes()));
            ExitCode::FAILURE
        }
    }
}

fn print(text: &str) -> Result<ExitCode> {
    std::io::stdout()
        .write_all(text.as_bytes())
        .context("cannot write to standard output")?;
    Ok(ExitCode::SUCCESS)
}
