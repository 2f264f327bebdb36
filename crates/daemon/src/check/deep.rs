//! The deep check: every blob and document is compared with its digest.

use std::collections::HashSet;
use std::path::Path;

use sockerless_content::{Audited, audit};
use sockerless_images::Digest;
use sockerless_state::{SqliteAudit, SqliteFile};

use super::finding::Finding;
use crate::bytes;
use crate::cli::{Content, ServeOptions};

/// Maximum number of faults with their own row.
const ROWS: usize = 20;

/// Maximum number of images named for a blob.
const USERS: usize = 3;

const LOAD_AGAIN: &str = "load or pull the image again, or remove it";

/// The result of reading the folder of blobs, and what the state says about them.
#[derive(Default)]
struct Blobs {
    whole: HashSet<Digest>,
    bytes: u64,
    faults: Vec<(Digest, String)>,
    foreign: Vec<String>,
}

/// Reads everything in the data root `root`. Blocks on the disk.
pub(super) fn findings(
    root: &Path,
    options: &ServeOptions,
    state: Option<&SqliteFile>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let audited = match state.map(SqliteFile::audit).transpose() {
        Ok(audited) => audited,
        Err(error) => {
            findings.push(Finding::ill(
                "documents",
                format!("{:#}", anyhow::Error::from(error)),
                "see what was said",
            ));
            None
        }
    };
    if let Some(audited) = &audited {
        findings.push(documents(audited));
        let ill = audited.faults.iter().map(|fault| {
            let advice = "put the state back from a backup; without one, load the image again";
            Finding::ill("documents", fault.clone(), advice)
        });
        limited(&mut findings, "documents", ill.collect());
    }
    if options.content == Content::Keep {
        match blobs(root) {
            Ok(found) => tell_blobs(&mut findings, &found, audited.as_ref(), state),
            Err(error) => findings.push(Finding::ill(
                "blobs",
                error.to_string(),
                "run as the user of the daemon",
            )),
        }
    }
    findings
}

fn documents(audited: &SqliteAudit) -> Finding {
    let said = format!(
        "{} documents of {} images read, {}",
        audited.documents,
        audited.images,
        bytes::show(audited.document_bytes)
    );
    match audited.faults.is_empty() {
        true => Finding::well("documents", said),
        false => Finding::ill(
            "documents",
            format!("{said}: {} faults", audited.faults.len()),
            "see the rows below",
        ),
    }
}

fn blobs(root: &Path) -> Result<Blobs, sockerless_content::Error> {
    let mut found = Blobs::default();
    audit(&root.join("content"), |audited| match audited {
        Audited::Whole { digest, size } => {
            found.whole.insert(digest);
            found.bytes += size;
        }
        Audited::Faulty { digest, error } => found.faults.push((digest, error.to_string())),
        Audited::Foreign { path } => found.foreign.push(path.display().to_string()),
        other => found.foreign.push(format!("{other:?}")),
    })?;
    Ok(found)
}

fn tell_blobs(
    findings: &mut Vec<Finding>,
    found: &Blobs,
    audited: Option<&SqliteAudit>,
    state: Option<&SqliteFile>,
) {
    let faulty: HashSet<_> = found.faults.iter().map(|(digest, _)| *digest).collect();
    let mut ill: Vec<_> = found
        .faults
        .iter()
        .map(|(digest, fault)| {
            let said = format!("{fault}{}", users(*digest, state));
            Finding::ill("blobs", said, LOAD_AGAIN)
        })
        .collect();
    let needed = audited.map(|audited| &audited.blobs);
    let missing = needed.into_iter().flatten().filter(|(digest, elsewhere)| {
        let is_here = found.whole.contains(*digest) || faulty.contains(*digest);
        // An empty layer has no file, and one from a registry is fetched when needed.
        !is_here && !**elsewhere && **digest != Digest::of("")
    });
    ill.extend(missing.map(|(digest, _)| {
        let said = format!(
            "blob {digest} is missing, and no registry is known that has it{}",
            users(*digest, state)
        );
        Finding::ill("blobs", said, LOAD_AGAIN)
    }));
    ill.extend(found.foreign.iter().map(|path| {
        Finding::ill(
            "blobs",
            format!("{path} is not a blob"),
            "move it elsewhere",
        )
    }));
    let mut said = format!(
        "{} blobs read, {}",
        found.whole.len() + found.faults.len(),
        bytes::show(found.bytes)
    );
    if let Some(needed) = needed {
        let unused = found
            .whole
            .iter()
            .filter(|d| !needed.contains_key(*d))
            .count();
        if unused > 0 {
            said.push_str(&format!(
                ", {unused} of no image, which a daemon removes by itself"
            ));
        }
    }
    findings.push(match ill.len() {
        0 => Finding::well("blobs", said),
        count => Finding::ill(
            "blobs",
            format!("{said}: {count} faults"),
            "see the rows below",
        ),
    });
    limited(findings, "blobs", ill);
}

/// The images that use a blob, as the end of a sentence.
fn users(digest: Digest, state: Option<&SqliteFile>) -> String {
    let users = state.map(|state| state.users_of(digest, USERS));
    match users {
        Some(Ok(users)) if !users.is_empty() => format!(": needed by {}", users.join(", ")),
        _ => String::new(),
    }
}

/// Adds the faults, up to a maximum.
fn limited(findings: &mut Vec<Finding>, what: &str, faults: Vec<Finding>) {
    let more = faults.len().saturating_sub(ROWS);
    findings.extend(faults.into_iter().take(ROWS));
    if more > 0 {
        let said = format!("{more} more faults like these");
        findings.push(Finding::ill(what, said, LOAD_AGAIN));
    }
}
