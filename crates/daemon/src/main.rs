//! The `sockerless` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sockerless::main()
}
