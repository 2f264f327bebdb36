//! The comparison of every document with its digest.

use sockerless_reference::Digest;

use super::fault::Fault;
use super::session::{Session, ask};
use super::value::{Key, digest, get};

/// The next documents after one. They are few, as each may have megabytes.
const NEXT: &str = "SELECT digest, bytes FROM documents WHERE digest > $1 ORDER BY digest LIMIT 8";
const FIRST: &str = "SELECT digest, bytes FROM documents ORDER BY digest LIMIT 8";

/// Faults that are reported.
const FAULTS: usize = 100;

/// The result of a check of all documents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostgresAudit {
    /// Configs, manifests and indexes that were compared with their digests.
    pub documents: u64,
    /// Their bytes.
    pub document_bytes: u64,
    /// The faults, one sentence each.
    pub faults: Vec<String>,
}

pub(super) async fn audit(session: &Session) -> Result<PostgresAudit, Fault> {
    let mut audit = PostgresAudit::default();
    let mut last: Option<Digest> = None;
    loop {
        let rows = match last {
            None => session.one(ask!(FIRST)).await?,
            Some(last) => session.one(ask!(NEXT, Key(last))).await?,
        };
        if rows.is_empty() {
            return Ok(audit);
        }
        for row in &rows {
            let expected = digest(row, 0)?;
            let bytes: &[u8] = get(row, 1)?;
            audit.documents += 1;
            audit.document_bytes += bytes.len() as u64;
            let found = Digest::of(bytes);
            if found != expected && audit.faults.len() < FAULTS {
                audit
                    .faults
                    .push(format!("document {expected} has digest {found}"));
            }
            last = Some(expected);
        }
    }
}
