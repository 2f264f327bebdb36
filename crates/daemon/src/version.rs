//! The version of this program, for `sockerless version`.

use clap::ValueEnum;
use sockerless_frontend::api_versions;

use crate::cli::Content;

/// The version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit of the sources; empty if unknown.
pub(crate) const COMMIT: &str = env!("SOCKERLESS_BUILT_COMMIT");

/// Version and commit on one line.
pub(crate) fn line() -> String {
    match COMMIT {
        "" => VERSION.to_owned(),
        commit => format!("{VERSION} (commit {commit})"),
    }
}

/// Version and capabilities, one fact per line.
pub(crate) fn facts() -> String {
    let commit = match COMMIT {
        "" => "unknown",
        commit => commit,
    };
    let content: Vec<_> = Content::value_variants()
        .iter()
        .map(|content| content.name())
        .collect();
    let (oldest, newest) = api_versions();
    let mut text = String::new();
    for (what, fact) in [
        ("version", VERSION.to_owned()),
        ("commit", commit.to_owned()),
        (
            "platform",
            format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        ),
        ("api", format!("{oldest} to {newest}")),
        ("archives", "plain gzip bzip2 xz zstd".to_owned()),
        ("state", "sqlite memory postgres".to_owned()),
        ("content", content.join(" ")),
        ("containers", "created, not run".to_owned()),
    ] {
        text.push_str(&format!("{what:11} {fact}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fact_is_on_a_line() {
        let text = facts();
        assert!(
            text.starts_with(&format!("version     {VERSION}\ncommit      ")),
            "{text}"
        );
        assert!(text.contains("\ncontent     keep discard\n"), "{text}");
        assert!(line().starts_with(VERSION));
    }
}
