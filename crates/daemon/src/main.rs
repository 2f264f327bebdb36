//! The sockerless daemon: command line, configuration, listeners, wiring, shutdown.

mod bytes;
mod check;
mod cli;
mod clients;
mod config;
mod defaults;
mod healthcheck;
mod host;
mod identity;
mod imports;
mod limits;
mod listener;
mod lock;
mod logging;
mod platform;
mod registries;
mod serve;
mod shutdown;
mod staging;
mod state;
mod storage;
mod sweeper;
mod wiring;

use std::io::Write;
use std::process::ExitCode;

use cli::Command;

/// Gives freed memory back while the daemon is idle, which its threads cannot do.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    let result = match config::read(std::env::args_os()) {
        Ok(Command::Serve(options)) => serve::run(*options).map(|()| ExitCode::SUCCESS),
        Ok(Command::Check(options)) => check::run(*options),
        Ok(Command::Healthcheck(options)) => healthcheck::run(&options).map(|()| ExitCode::SUCCESS),
        Err(config::Error::Usage(error)) => error.exit(),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            // When standard error is closed, there is nobody to tell.
            drop(writeln!(std::io::stderr(), "sockerless: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
