//! The same requests to sockerless and to a real dockerd 20.10: the responses differ only as
//! documented in `docs/differences.md`, and every documented difference still exists.
//!
//! A scenario is a list of requests; each has a new daemon of either kind. Complete responses are
//! compared: status, headers, and every key and value of the body. Values that cannot be equal,
//! such as the current time, are normalized in `normal.rs` and nowhere else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a panic is how a test fails, also outside of the functions marked as tests"
)]

mod answer;
mod compare;
mod difference;
mod document;
mod lines;
mod normal;
mod pair;
mod pattern;
mod saved;
mod scenarios;

use std::sync::Mutex;

use difference::Difference;
use document::Document;
use pair::Pair;
use scenarios::SCENARIOS;

/// The binary under test.
const SOCKERLESS: &str = env!("CARGO_BIN_EXE_sockerless-tests");

/// How many scenarios run at once.
const AT_ONCE: usize = 3;

#[test]
fn answers_differ_only_as_documented() {
    let document = Document::read();
    let waiting = Mutex::new(SCENARIOS.iter().enumerate());
    let found = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some((at, (name, scenario))) = next else {
                        break;
                    };
                    let differences = run(name, *scenario);
                    found.lock().unwrap().push((at, differences));
                }
            });
        }
    });
    let mut found = found.into_inner().unwrap();
    found.sort_by_key(|(at, _)| *at);
    let found: Vec<Difference> = found.into_iter().flat_map(|(_, it)| it).collect();
    document.explain(&found);
}

fn run(name: &'static str, scenario: fn(&mut Pair)) -> Vec<Difference> {
    let mut pair = Pair::start(name);
    scenario(&mut pair);
    pair.differences()
}
