//! Tests of the form and the plans of statements.

use rusqlite::StatementStatus;
use sockerless_reference::Query;

use crate::conformance::sample::{Sample, named, prefix};
use crate::sqlite::{
    add, blobs, connection, container_pages, containers, documents, encodings, find, forget,
    images, locations, names, remove, repo_digests, staged, variants,
};
use crate::{Removed, sql};

/// Every statement for SQLite.
fn statements() -> Vec<&'static str> {
    [
        sql::STATEMENTS,
        blobs::STATEMENTS,
        container_pages::STATEMENTS,
        containers::STATEMENTS,
        documents::STATEMENTS,
        encodings::STATEMENTS,
        find::STATEMENTS,
        forget::STATEMENTS,
        images::STATEMENTS,
        locations::STATEMENTS,
        names::STATEMENTS,
        remove::STATEMENTS,
        repo_digests::STATEMENTS,
        staged::STATEMENTS,
        variants::STATEMENTS,
    ]
    .concat()
}

/// In PostgreSQL `$2` is the second parameter, in SQLite the second that appears.
#[test]
fn parameters_appear_in_their_order() {
    let connection = connection::memory("test").unwrap();
    for text in statements() {
        let statement = connection.prepare(text).unwrap();
        for index in 1..=statement.parameter_count() {
            let name = format!("${index}");
            assert_eq!(
                statement.parameter_name(index),
                Some(name.as_str()),
                "{text}"
            );
        }
    }
}

/// No look-up becomes slower with the number of other rows.
#[test]
fn everything_but_counting_and_paging_goes_by_index() {
    let connection = connection::memory("test").unwrap();
    for text in statements() {
        let mut plan = connection
            .prepare(&format!("EXPLAIN QUERY PLAN {text}"))
            .unwrap();
        let parameters = vec![None::<i64>; plan.parameter_count()];
        let steps: Vec<String> = plan
            .query_map(rusqlite::params_from_iter(parameters), |row| {
                row.get("detail")
            })
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        // A list in a parameter is not a table.
        let is_scan = |step: &String| step.starts_with("SCAN") && !step.contains("VIRTUAL TABLE");
        let scans = steps.iter().any(is_scan);
        let counts = [
            images::COUNT_IMAGES,
            names::COUNT_NAMES,
            containers::COUNT_CONTAINERS,
        ]
        .contains(&text);
        assert_eq!(scans, counts, "{text}: {steps:?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        let few = [
            find::IMAGE_WITH_ID,
            blobs::BLOBS_OF_DIFF_ID,
            locations::LOCATIONS_OF_BLOB,
            sql::STAGED,
            containers::USERS_OF_ID,
        ];
        let few = text.contains("ORDER BY CASE") || few.contains(&text);
        assert!(!sorts || few, "{text}: {steps:?}");
    }
}

/// When a row is removed, SQLite checks whether another refers to it, which no plan shows.
#[test]
fn every_reference_goes_by_index() {
    let connection = connection::memory("test").unwrap();
    let list = |sql: &str| -> Vec<String> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map((), |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let references = list(
        "SELECT t.name || '.' || r.\"from\" FROM pragma_table_list t, \
         pragma_foreign_key_list(t.name) r WHERE r.\"table\" IN ('images', 'documents')",
    );
    let indexed = list(
        "SELECT t.name || '.' || c.name FROM pragma_table_list t, \
         pragma_index_list(t.name) i, pragma_index_info(i.name) c WHERE c.seqno = 0",
    );
    assert!(references.len() >= 8, "{references:?}");
    for reference in references {
        assert!(indexed.contains(&reference), "{reference}: {indexed:?}");
    }
}

/// A statement is compiled once, and not again for other parameters.
#[test]
fn nothing_is_compiled_twice() {
    let connection = connection::memory("test").unwrap();
    for n in 0..20 {
        let sample = Sample::index(&format!("amd {n}"), &format!("arm {n}"));
        add::add(&connection, &sample.named(&[&format!("app:{n}")])).unwrap();
        let pinned = format!("app@{}", sample.target());
        for query in [
            named(&format!("app:{n}")),
            named(&pinned),
            Query::Id(sample.id()),
            prefix(sample.id(), 12),
        ] {
            assert!(find::find(&connection, &query).unwrap().is_some());
        }
        let places = images::places(&connection, None, 1).unwrap();
        let ids: Vec<_> = places.into_iter().map(crate::ListPosition::id).collect();
        assert_eq!(find::with_ids(&connection, &ids).unwrap().len(), 1);
        let container = sample.container('a', "user");
        containers::add(&connection, &container).unwrap();
        for word in ["a", "user", &container.id] {
            assert!(containers::find(&connection, word).unwrap().is_some());
        }
        assert_eq!(
            containers::users(&connection, &[sample.id()])
                .unwrap()
                .len(),
            1
        );
        let arm = sample.image.variants[1].manifest;
        let removed = variants::remove(&connection, sample.target(), &[arm]).unwrap();
        assert_ne!(removed, Removed::Changed);
        assert!(containers::remove(&connection, &container.id).unwrap());
        if n % 2 == 0 {
            let removal = sample.removal(&[&format!("app:{n}")]);
            let removed = remove::remove(&connection, &removal).unwrap();
            assert_ne!(removed, Removed::Changed);
        }
    }
    for text in statements() {
        let statement = connection.prepare_cached(text).unwrap();
        let again = statement.get_status(StatementStatus::RePrepare);
        assert_eq!(again, 0, "{text}");
    }
}
