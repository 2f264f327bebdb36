//! Checks that a PostgreSQL database can hold the state.

use jiff::SignedDuration;
use sockerless_state::{Error, PostgresFacts, PostgresStore};

use super::finding::Finding;
use super::storage::counted;
use crate::{advice, bytes};

/// How far the clocks of a daemon and its database may be apart: events have the time of the
/// database, and clients ask for them by their own.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// Connections that a daemon may have: a pool for requests, one that listens, one that notifies,
/// and one for each job that only one daemon does at a time.
const CONNECTIONS: u32 = 20;

/// Checks the database at `url` and, if `is_deep`, the documents in it. Nothing in it is changed.
pub(super) async fn findings(url: &str, is_deep: bool) -> Vec<Finding> {
    let facts = match PostgresStore::look(url).await {
        Ok(facts) => facts,
        Err(error) => return vec![Finding::ill("database", said(&error), advice::on(&error))],
    };
    let mut findings = vec![
        database(&facts),
        durability(&facts),
        clock(&facts),
        connections(&facts),
        counted(facts.counts),
    ];
    if is_deep && facts.schema_version > 0 {
        findings.push(documents(url).await);
    }
    findings
}

/// Compares every document in the database with its digest.
async fn documents(url: &str) -> Finding {
    const ADVICE: &str = "load the image again, or put the database back from a backup";
    match PostgresStore::audit(url).await {
        Err(error) => Finding::ill("documents", said(&error), advice::on(&error)),
        Ok(audit) => {
            let read = format!(
                "{} documents read, {}",
                audit.documents,
                bytes::show(audit.document_bytes)
            );
            match audit.faults.first() {
                None => Finding::well("documents", read),
                Some(first) => {
                    let count = audit.faults.len();
                    let said = format!("{read}: {count} faults, the first: {first}");
                    Finding::ill("documents", said, ADVICE)
                }
            }
        }
    }
}

fn database(facts: &PostgresFacts) -> Finding {
    let encrypted = if facts.encrypted {
        "encrypted"
    } else {
        "not encrypted"
    };
    let tables = match facts.schema_version {
        0 => "no tables yet".to_owned(),
        found if found < facts.known_schema_version => {
            format!("tables of version {found}, which the next start migrates")
        }
        found => format!("tables of version {found}"),
    };
    Finding::well(
        "database",
        format!(
            "PostgreSQL {}, database {}, {tables} in {}, as {}, {encrypted}, {} us a round trip",
            facts.version,
            facts.database,
            facts.schema,
            facts.user,
            facts.round_trip.as_micros(),
        ),
    )
}

fn durability(facts: &PostgresFacts) -> Finding {
    match facts.durable {
        true => Finding::well(
            "durability",
            "a commit is on disk before it is answered".to_owned(),
        ),
        false => Finding::ill(
            "durability",
            "a commit is answered before it is on disk".to_owned(),
            "turn on fsync and synchronous_commit, or a crash of the server loses images that \
             clients were told are there",
        ),
    }
}

fn clock(facts: &PostgresFacts) -> Finding {
    let skew = facts.clock_skew;
    let said = match skew.is_negative() {
        true => format!("the database is {:#} behind this machine", skew.abs()),
        false => format!("the database is {skew:#} ahead of this machine"),
    };
    match skew.abs() <= SKEW {
        true => Finding::well("clock", said),
        false => Finding::ill(
            "clock",
            said,
            "let both follow the same time server: `docker events --since` goes by the database's \
             clock",
        ),
    }
}

fn connections(facts: &PostgresFacts) -> Finding {
    let daemons = facts.max_connections / CONNECTIONS;
    let said = format!(
        "{}, enough for {daemons} daemons of up to {CONNECTIONS}",
        facts.max_connections
    );
    match daemons {
        0 => Finding::ill(
            "connections",
            said,
            "raise max_connections, or put a pooler in session mode before it",
        ),
        _ => Finding::well("connections", said),
    }
}

fn said(error: &Error) -> String {
    format!("{:#}", anyhow::Error::from(error.clone()))
}
