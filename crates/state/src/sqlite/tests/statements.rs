//! The shape of the statements.

use crate::sql;
use crate::sqlite::connection;

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
        let few = text.contains("ORDER BY CASE") || *text == sql::IMAGE_WITH_ID;
        assert!(
            !sorts || few || *text == sql::BLOBS_OF_DIFF_ID,
            "{text}: {steps:?}"
        );
    }
}
