//! Tests of facts and of the comparison of documents.

use jiff::SignedDuration;

use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add};
use crate::{Counts, PostgresStore};

#[tokio::test]
async fn facts() {
    let database = database();
    let url = postgres().url(&database);
    let store = PostgresStore::open(&url).await.unwrap();
    let facts = store.facts().await.unwrap();
    let version = postgres().psql(&database, "SHOW server_version");
    assert_eq!(facts.version, version);
    assert_eq!(facts.database, database);
    assert_eq!((&*facts.schema, &*facts.user), ("public", "postgres"));
    assert_eq!((facts.schema_version, facts.known_schema_version), (1, 1));
    assert!(facts.primary && facts.durable && !facts.encrypted);
    assert_eq!(facts.missing_right, None);
    assert_eq!(facts.max_connections, 200);
    // One machine has one clock, but the thread may have been suspended for a moment.
    assert!(
        facts.clock_skew.abs() < SignedDuration::from_secs(5),
        "{facts:?}"
    );

    assert_eq!(
        PostgresStore::look(&url).await.unwrap().counts,
        facts.counts
    );

    // Changes since it was opened.
    let change = format!(
        "CREATE ROLE looker LOGIN PASSWORD 'x'; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker; \
         ALTER DATABASE {database} SET synchronous_commit = off; \
         ALTER DATABASE {database} SET role = looker"
    );
    postgres().psql(&database, &change);
    store.works.pool.discard();
    let facts = store.facts().await.unwrap();
    assert_eq!(
        facts.missing_right.as_deref(),
        Some("insert into table blobs")
    );
    assert!(!facts.durable);
}

/// A look creates no tables, and reports whether they could be created.
#[tokio::test]
async fn a_look_makes_nothing() {
    let database = database();
    let url = postgres().url(&database);
    let facts = PostgresStore::look(&url).await.unwrap();
    assert_eq!((facts.schema_version, facts.counts), (0, Counts::default()));
    let tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(postgres().psql(&database, tables), "0");
}

#[tokio::test]
async fn every_document_is_compared() {
    let database = database();
    let url = postgres().url(&database);
    let store = PostgresStore::open(&url).await.unwrap();
    for name in ["one", "two", "three", "four", "five"] {
        add(&store, Sample::new(name).named(&[])).await;
    }
    let audit = PostgresStore::audit(&url).await.unwrap();
    let count = postgres().psql(&database, "SELECT COUNT(*) FROM documents");
    assert_eq!(audit.documents.to_string(), count);
    assert_eq!(audit.faults, [""; 0]);
    let damage = "UPDATE documents SET bytes = 'x' WHERE bytes = 'config of one'";
    postgres().psql(&database, damage);
    let audit = PostgresStore::audit(&url).await.unwrap();
    assert_eq!(audit.faults.len(), 1, "{audit:?}");
}
