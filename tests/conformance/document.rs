//! `docs/differences.md`: the list of intended differences.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use crate::difference::Difference;
use crate::pattern::fits;

/// How many differences a failure reports.
const TOLD: usize = 200;

/// The rows of the document's tables.
#[derive(Debug)]
pub(crate) struct Document {
    rows: Vec<Row>,
}

/// One intended difference. Patterns are the texts of a cell between backticks; a cell of values
/// without any matches every value.
#[derive(Debug)]
struct Row {
    key: String,
    requests: Vec<String>,
    places: Vec<String>,
    dockerd: Vec<String>,
    sockerless: Vec<String>,
}

impl Document {
    pub(crate) fn read() -> Self {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self::parse(&text)
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| line.starts_with("| `"));
        let rows: Vec<Row> = lines.map(Row::parse).collect();
        let keys: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        assert_eq!(keys.len(), rows.len(), "every key once");
        Self { rows }
    }

    /// Fails unless each difference matches one row, and each row a difference.
    pub(crate) fn explain(&self, found: &[Difference]) {
        let report = self.report(found);
        assert!(report.is_empty(), "docs/differences.md:\n{report}");
    }

    /// The message with which [`explain`](Self::explain) fails.
    fn report(&self, found: &[Difference]) -> String {
        let mut report = String::new();
        let mut seen = BTreeSet::new();
        let mut faults = 0;
        let mut told = None;
        for difference in found {
            let rows = self.rows.iter().filter(|row| row.fits(difference));
            let keys: Vec<&str> = rows.map(|row| row.key.as_str()).collect();
            seen.extend(keys.iter().copied());
            if keys.len() == 1 {
                continue;
            }
            faults += 1;
            if faults > TOLD {
                continue;
            }
            // Both responses, once for all places where they differ.
            let exchange = Arc::as_ptr(&difference.exchange);
            if told.replace(exchange) != Some(exchange) {
                report += &difference.exchange.answers();
            }
            report += &match keys.as_slice() {
                [] => format!("not explained: {difference}\n"),
                keys => format!("explained by {}: {difference}\n", keys.join(" and ")),
            };
        }
        if faults > TOLD {
            report += &format!("\n... and {} more\n", faults - TOLD);
        }
        let keys = self.rows.iter().map(|row| row.key.as_str());
        for key in keys.filter(|key| !seen.contains(key)) {
            report += &format!("no such difference any more: {key}\n");
        }
        report
    }
}

impl Row {
    fn parse(line: &str) -> Self {
        let cells: Vec<Vec<String>> = line
            .trim_matches('|')
            .split(" | ")
            .map(|cell| {
                cell.split('`')
                    .skip(1)
                    .step_by(2)
                    .map(str::to_owned)
                    .collect()
            })
            .collect();
        let [key, requests, places, dockerd, sockerless, _why] = cells.as_slice() else {
            panic!("six cells in {line}");
        };
        let [key] = key.as_slice() else {
            panic!("one key in {line}");
        };
        Self {
            key: key.clone(),
            requests: requests.clone(),
            places: places.clone(),
            dockerd: dockerd.clone(),
            sockerless: sockerless.clone(),
        }
    }

    fn fits(&self, difference: &Difference) -> bool {
        let request = difference.exchange.request.as_str();
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        let (method, target) = path.split_once(' ').unwrap_or_default();
        let version = difference.exchange.version;
        let paths = [path.to_owned(), format!("{method} /v{version}{target}")];
        let is_meant = |pattern: &str| {
            paths.iter().any(|path| match pattern.contains('?') {
                true => fits(pattern, &format!("{path}?{query}")),
                false => fits(pattern, path),
            })
        };
        let has = |patterns: &[String], value: &str| {
            patterns.is_empty() || patterns.iter().any(|pattern| fits(pattern, value))
        };
        self.requests.iter().any(|pattern| is_meant(pattern))
            && has(&self.places, &difference.place.name)
            && has(&self.dockerd, &difference.place.dockerd)
            && has(&self.sockerless, &difference.place.sockerless)
    }
}

#[test]
fn each_difference_fits_one_row_and_each_row_one_difference() {
    use crate::difference::{Exchange, Place};

    let row = |key: &str, request: &str, value: &str| {
        format!("| `{key}` | `{request}` | `.[*].Id` | `old` | `{value}` | A reason. |\n")
    };
    let difference = |request: &str| Difference {
        exchange: Arc::new(Exchange {
            scenario: "a scenario",
            version: "1.41",
            request: request.to_owned(),
            dockerd: String::new(),
            sockerless: String::new(),
        }),
        place: Place::new(".[0].Id", "old", "new"),
    };
    let report = |rows: &[String], requests: &[&str]| {
        let found: Vec<Difference> = requests.iter().map(|request| difference(request)).collect();
        Document::parse(&rows.concat()).report(&found)
    };
    let (list, any) = ("GET /images/json?all=1", row("any", "GET *", "new"));
    let exact = row("exact", "GET /v1.41/images/json?all=1", "new");
    let path = row("path", "GET /images/json", "*");
    for explained in [&any, &exact, &path] {
        assert_eq!(report(std::slice::from_ref(explained), &[list, list]), "");
    }
    assert!(report(&[], &[list]).contains("not explained: [a scenario] 1.41 GET /images/json"));
    assert!(report(&[path, any], &[list]).contains("explained by path and any: "));
    let stale = row("stale", "GET /images/json", "another value");
    let told = report(&[exact, stale], &[list]);
    assert_eq!(told, "no such difference any more: stale\n");
}
