//! The shape of the statements.

use rusqlite::StatementStatus;
use sockerless_reference::Query;

use crate::conformance::sample::{Sample, named, prefix};
use crate::sql;
use crate::sqlite::{add, connection, find};

/// PostgreSQL takes `$2` for the second parameter, SQLite the second that appears.
#[test]
fn parameters_appear_in_their_order() {
    let connection = connection::memory("test").unwrap();
    for text in sql::ALL {
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

/// No look-up becomes slower by what else there is.
#[test]
fn everything_but_counting_and_paging_goes_by_index() {
    let connection = connection::memory("test").unwrap();
    for text in sql::ALL {
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
        let scans = steps.iter().any(|step| step.starts_with("SCAN"));
        let counts = [sql::COUNT_IMAGES, sql::COUNT_NAMES].contains(text);
        assert_eq!(scans, counts, "{text}: {steps:?}");
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"));
        let few = [
            sql::IMAGE_WITH_ID,
            sql::BLOBS_OF_DIFF_ID,
            sql::LOCATIONS_OF_BLOB,
            sql::STAGED,
        ];
        let few = text.contains("ORDER BY CASE") || few.contains(text);
        assert!(!sorts || few, "{text}: {steps:?}");
    }
}

/// A statement is compiled once, not again because other values are looked for.
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
        assert_eq!(find::page(&connection, None, 1).unwrap().len(), 1);
    }
    for text in sql::ALL {
        let statement = connection.prepare_cached(text).unwrap();
        let again = statement.get_status(StatementStatus::RePrepare);
        assert_eq!(again, 0, "{text}");
    }
}
