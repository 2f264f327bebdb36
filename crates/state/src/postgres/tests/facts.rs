use jiff::SignedDuration;

use super::server::{database, postgres};
use crate::PostgresStore;

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
    // One machine has one clock, but the thread may have been away for a moment.
    assert!(
        facts.clock_skew.abs() < SignedDuration::from_secs(5),
        "{facts:?}"
    );

    // What has changed since it was opened.
    let change = format!(
        "CREATE ROLE looker LOGIN PASSWORD 'x'; \
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO looker; \
         ALTER DATABASE {database} SET synchronous_commit = off; \
         ALTER DATABASE {database} SET role = looker"
    );
    postgres().psql(&database, &change);
    store.works.pool.forget();
    let facts = store.facts().await.unwrap();
    assert_eq!(
        facts.missing_right.as_deref(),
        Some("insert into table blobs")
    );
    assert!(!facts.durable);
}
