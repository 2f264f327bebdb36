//! Whether a PostgreSQL database can hold the state.

use jiff::SignedDuration;
use sockerless_engine::Finding;
use sockerless_state::{Error, PostgresFacts, PostgresStore};

/// How far the clocks of a daemon and its database may be apart: events are told in the time of
/// the database, and clients ask for them in their own.
const SKEW: SignedDuration = SignedDuration::from_secs(2);

/// Connections that a daemon may have: those that it shares among requests, one that listens, one
/// that tells, and one for each job that only one daemon does at a time.
const CONNECTIONS: u32 = 20;

/// Opens the database at `url`, and says what it is like.
pub(super) async fn findings(url: &str) -> Vec<Finding> {
    let facts = match PostgresStore::open(url).await {
        Ok(store) => store.facts().await,
        Err(error) => Err(error),
    };
    match facts {
        Ok(facts) => vec![
            database(&facts),
            durability(&facts),
            clock(&facts),
            connections(&facts),
        ],
        Err(error) => vec![Finding::ill("database", said(&error), advice(&error))],
    }
}

fn database(facts: &PostgresFacts) -> Finding {
    let encrypted = if facts.encrypted {
        "encrypted"
    } else {
        "not encrypted"
    };
    Finding::well(
        "database",
        format!(
            "PostgreSQL {}, database {}, tables of version {} in {}, as {}, {encrypted}, {} us a \
             round trip",
            facts.version,
            facts.database,
            facts.schema_version,
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

fn advice(error: &Error) -> &'static str {
    match error {
        Error::Address { .. } => "give --state postgres://USER:PASSWORD@HOST[:PORT]/DATABASE",
        Error::Unreachable { .. } => {
            "see whether the server runs and can be reached from here (address, firewall, TLS)"
        }
        Error::AccessDenied { .. } => "correct user and password, or the server's pg_hba.conf",
        Error::DatabaseMissing { .. } => "make it: CREATE DATABASE … OWNER …",
        Error::SharedSession { .. } => "set pool_mode = session, or name the server itself",
        Error::ServerTooOld { .. } => "use a newer PostgreSQL",
        Error::Encoding { .. } => "make a database with ENCODING 'UTF8'",
        Error::ReadOnly { .. } => "name the primary server, or all with target_session_attrs",
        Error::RightsMissing { .. } => {
            "make the user the owner of the database, or grant what is missing"
        }
        Error::Foreign { .. } => "give sockerless a database, or a schema, of its own",
        Error::SchemaFromFuture { .. } => "run the version of sockerless that the others run",
        _ => "see what the server said, and its log",
    }
}
