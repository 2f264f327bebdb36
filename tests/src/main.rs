//! The program that the tests start: the daemon, built by the same command as the tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    sockerless::main()
}
