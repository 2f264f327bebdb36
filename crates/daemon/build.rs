//! Records in the binary which commit it was built from.
//!
//! Without git, as when a distribution builds from an archive of the sources, `SOCKERLESS_COMMIT`
//! gives it.

use std::path::Path;
use std::process::Command;

const VARIABLE: &str = "SOCKERLESS_COMMIT";

fn main() {
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let commit = std::env::var(VARIABLE).ok().or_else(of_git);
    let commit = commit.unwrap_or_default();
    println!("cargo::rustc-env=SOCKERLESS_BUILT_COMMIT={}", commit.trim());
}

/// The commit of these sources; `None` if they are not in their own repository.
fn of_git() -> Option<String> {
    // Inside another repository, this file is not tracked.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    for file in ["HEAD", "logs/HEAD"] {
        let path = git(&["rev-parse", "--git-path", file])?;
        // A missing path would make this run at each build.
        if Path::new(&path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    git(&["rev-parse", "--short=12", "HEAD"])
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}
