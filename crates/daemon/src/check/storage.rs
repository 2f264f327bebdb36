//! Checks that the data root is intact. Nothing in it is changed.

use std::path::{Path, PathBuf};

use rustix::fs::Access;
use sockerless_state::{Counts, SqliteFile};

use super::deep;
use super::finding::Finding;
use crate::advice;
use crate::cli::ServeOptions;
use crate::data_root::{self, DataRoot, StateFile};
use crate::state::State;
use crate::storage;

/// Findings about the data root and its content. Blocks on the disk.
pub(super) fn findings(options: &ServeOptions, is_deep: bool) -> Vec<Finding> {
    let path = match storage::data_root(options) {
        Ok(Some(path)) => path,
        Ok(None) => return Vec::new(),
        Err(error) => {
            return vec![Finding::ill(
                "data root",
                error.to_string(),
                "give --data-root",
            )];
        }
    };
    let shown = path.display();
    let (found, is_served, is_there) = match DataRoot::look(&path) {
        Ok(root) => (format!("{shown}"), false, root.map(Some)),
        Err(data_root::Error::Held { .. }) => {
            let said = format!("in use by a running daemon: {shown}");
            (said, true, Some(None))
        }
        Err(data_root::Error::Missing { .. }) => return vec![to_be_made(&path), empty(options)],
        Err(error) => return vec![broken("data root", &error.into())],
    };
    let mut findings = vec![Finding::well("data root", found)];
    if is_there.is_none() {
        findings.push(empty(options));
        return findings;
    }
    let state = match options.state {
        State::Sqlite => {
            let (finding, state) = state(&path, is_served, is_deep);
            findings.push(finding);
            state
        }
        State::Memory | State::Postgres(_) => None,
    };
    if is_deep {
        findings.extend(deep::findings(&path, options, state.as_ref()));
    }
    findings
}

/// The finding about the state, and its file if it can be opened.
fn state(root: &Path, is_served: bool, is_deep: bool) -> (Finding, Option<SqliteFile>) {
    let file = StateFile::of(root);
    let opened = || -> anyhow::Result<Option<SqliteFile>> {
        Ok(match file.exists()? {
            true => Some(SqliteFile::open(&file.path(), is_served)?),
            false => None,
        })
    };
    let state = match opened() {
        Ok(Some(state)) => state,
        Ok(None) => return (counted(Counts::default()), None),
        Err(error) => return (broken("state", &error), None),
    };
    let facts = || -> anyhow::Result<Counts> {
        // A deep check includes this one.
        if !is_deep {
            state.check()?;
        }
        let facts = state.facts()?;
        if let Some(id) = &facts.id {
            file.check_id(id)?;
        }
        Ok(facts.counts)
    };
    let finding = match facts() {
        Ok(counts) => counted(counts),
        Err(error) => broken("state", &error),
    };
    (finding, Some(state))
}

fn empty(options: &ServeOptions) -> Finding {
    match options.state {
        State::Sqlite => counted(Counts::default()),
        _ => Finding::well("content", "nothing is kept yet".to_owned()),
    }
}

pub(super) fn counted(counts: Counts) -> Finding {
    let said = format!("{} images, {} names", counts.images, counts.names);
    Finding::well("state", said)
}

/// Checks that a daemon may create a missing data root.
fn to_be_made(path: &Path) -> Finding {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
    let parent = absolute.ancestors().skip(1).find(|folder| folder.exists());
    let parent = parent.unwrap_or(Path::new("/"));
    let shown = path.display();
    match rustix::fs::access(parent, Access::WRITE_OK | Access::EXEC_OK) {
        Ok(()) => Finding::well(
            "data root",
            format!("{shown} does not exist yet: the first start makes it"),
        ),
        Err(error) => Finding::ill(
            "data root",
            format!(
                "{shown} does not exist, and cannot be made in {}: {error}",
                parent.display()
            ),
            "run as a user who may, or name a folder of your own with --data-root",
        ),
    }
}

/// An error as a finding, with advice if the error has none.
fn broken(what: &str, error: &anyhow::Error) -> Finding {
    Finding {
        what: what.to_owned(),
        well: false,
        said: format!("{error:#}"),
        advice: advice::after(error).map(str::to_owned),
    }
}
