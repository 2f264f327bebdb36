//! The dependencies of the crates in ARCHITECTURE.md match their manifests.
#![allow(
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// `frontend -> engine`
type Edge = (String, String);

#[test]
fn the_picture_is_what_the_manifests_say() {
    let drawn = drawn();
    assert!(!drawn.is_empty(), "ARCHITECTURE.md has no picture");
    let declared = declared();
    let undrawn: Vec<_> = declared.difference(&drawn).collect();
    let undeclared: Vec<_> = drawn.difference(&declared).collect();
    assert!(
        undrawn.is_empty() && undeclared.is_empty(),
        "not in the picture: {undrawn:?}\nonly in the picture: {undeclared:?}"
    );
}

/// The lines of the block `crates` in ARCHITECTURE.md.
fn drawn() -> BTreeSet<Edge> {
    let text = fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let block = text
        .lines()
        .skip_while(|line| *line != "```crates")
        .skip(1)
        .take_while(|line| *line != "```");
    block
        .flat_map(|line| {
            let (from, to) = line.split_once("->").expect("FROM -> TO, TO");
            let from = from.trim().to_owned();
            to.split(',')
                .map(move |to| (from.clone(), to.trim().to_owned()))
        })
        .collect()
}

/// The normal dependencies between the crates in `crates/`, by the names of their folders.
/// `reference` is left out: every crate may use it.
fn declared() -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for entry in fs::read_dir(root().join("crates")).expect("crates") {
        let folder = entry.expect("entry").path();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = manifest.parse().expect("TOML");
        let from = folder.file_name().expect("a name").to_string_lossy();
        let dependencies = manifest.get("dependencies").and_then(|d| d.as_table());
        let names = dependencies.into_iter().flat_map(toml::Table::keys);
        edges.extend(
            names
                .filter_map(|name| name.strip_prefix("sockerless-"))
                .filter(|to| *to != "reference")
                .map(|to| (from.to_string(), to.to_owned())),
        );
    }
    edges
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
