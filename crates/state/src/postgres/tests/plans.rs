//! Tests of the plans of statements.

use super::other::Other;
use super::server::{database, postgres};
use crate::PostgresStore;
use crate::postgres::sql::{CHANGES, FORGETTING, LOOKS, REMOVALS};
use crate::sql::STATEMENTS;

/// Rows of many images, of which every look-up finds a few.
const ROWS: &str = "
    CREATE FUNCTION d(kind text, n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE
    AS $$ SELECT sha256((kind || n)::bytea) $$;
    INSERT INTO documents SELECT d(k, n), 'text' FROM generate_series(1, 5000) n,
        unnest(ARRAY['index', 'manifest', 'config']) k;
    INSERT INTO blobs SELECT d('blob', n), 1, d('tar', n), 't', 1, 1
        FROM generate_series(1, 10000) n;
    INSERT INTO images SELECT d('index', n), d('config', n), 't', 1, true, n / 50, n, NULL, '{}'
        FROM generate_series(1, 5000) n;
    INSERT INTO image_variants SELECT d('index', n), 0, d('config', n),
        ARRAY[d('tar', n), d('tar', 2 * n)] FROM generate_series(1, 5000) n;
    INSERT INTO image_digests SELECT r.role, d(r.kind, n), d('index', n), 0
        FROM generate_series(1, 5000) n, (VALUES ('target', 'index'), ('manifest', 'manifest'),
        ('config', 'config')) r (role, kind);
    INSERT INTO image_documents SELECT d(k, n), d('index', n) FROM generate_series(1, 5000) n,
        unnest(ARRAY['index', 'manifest', 'config']) k;
    INSERT INTO image_blobs SELECT d('blob', m), d('index', n) FROM generate_series(1, 5000) n,
        unnest(ARRAY[n, 2 * n]) m ON CONFLICT DO NOTHING;
    INSERT INTO names SELECT 'docker.io/library/app' || n % 500, 'v' || n, d('index', n)
        FROM generate_series(1, 5000) n;
    INSERT INTO repo_digests SELECT 'r.example/app' || n % 500, d('index', n), d('index', n)
        FROM generate_series(1, 5000) n;
    INSERT INTO locations SELECT d('blob', n), 'r.example/app' || n % 500, 1
        FROM generate_series(1, 10000) n;
    INSERT INTO encodings SELECT d('tar', n), 'gzip', d('blob', n), 1
        FROM generate_series(1, 10000) n;
    INSERT INTO staged SELECT d('index', n), 'r.example/staging', d('config', n),
        d('manifest', n) FROM generate_series(1, 5000) n;
    INSERT INTO containers (id, name, target, image, created_at, spec) SELECT encode(d('container', n), 'hex'), 'c' || n, d('index', n),
        d('config', n), n, '' FROM generate_series(1, 5000) n;
    ANALYZE";

/// No look-up becomes slower with the number of other rows.
#[tokio::test]
async fn everything_but_counting_goes_by_index() {
    let database = database();
    drop(
        PostgresStore::open(&postgres().url(&database))
            .await
            .unwrap(),
    );
    postgres().psql(&database, ROWS);
    let statements: Vec<_> = [LOOKS, CHANGES, REMOVALS, FORGETTING, STATEMENTS].concat();
    for text in statements {
        let parameters = (1..16).filter(|n| text.contains(&format!("${n}"))).count();
        let nulls = vec!["NULL"; parameters].join(", ");
        let explain = format!(
            "SET plan_cache_mode = force_generic_plan; PREPARE s AS {text}; \
             EXPLAIN (COSTS OFF) EXECUTE s({nulls})"
        );
        let explain = explain.replace("s()", "s");
        let plan = postgres().psql(&database, &explain);
        assert!(
            plan.contains("Scan") || plan.contains("Insert"),
            "{text}\n{plan}"
        );
        assert!(!plan.contains("Seq Scan"), "{text}\n{plan}");
    }
}

/// When a row is removed, the server checks whether another refers to it, which no plan shows.
#[tokio::test]
async fn every_reference_goes_by_index() {
    let database = database();
    drop(
        PostgresStore::open(&postgres().url(&database))
            .await
            .unwrap(),
    );
    let other = Other::new(&database).await;
    let all = "SELECT count(*) FROM pg_constraint WHERE contype = 'f'";
    let slow = "SELECT count(*) FROM pg_constraint c WHERE contype = 'f' AND NOT EXISTS ( \
        SELECT 1 FROM pg_index i WHERE i.indrelid = c.conrelid \
        AND i.indkey[0] = c.conkey[1])";
    assert!(other.count(all).await >= 9);
    assert_eq!(other.count(slow).await, 0);
}
