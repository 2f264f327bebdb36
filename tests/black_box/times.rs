//! `created` as it is written, and as it is shown.

use serde_json::json;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;

on_both_backends!(what_is_shown_is_a_time);

const NONE: &str = "0001-01-01T00:00:00Z";

/// The value in a config, what inspect shows, and the seconds that lists show.
const CASES: &[(&str, &str, i64)] = &[
    (
        "2024-01-02T03:04:05.123456789012Z",
        "2024-01-02T03:04:05.123456789Z",
        1_704_164_645,
    ),
    (
        "9999-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        253_402_300_799,
    ),
    (
        "0000-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        -62_167_219_200,
    ),
    (
        "2024-01-02t03:04:05z",
        "2024-01-02T03:04:05Z",
        1_704_164_645,
    ),
    (
        "2016-12-31T23:59:60Z",
        "2016-12-31T23:59:59Z",
        1_483_228_799,
    ),
    (
        "2024-01-02T03:04:05+02:00",
        "2024-01-02T03:04:05+02:00",
        1_704_157_445,
    ),
    ("2024-01-02T03:04:05+0200", NONE, 0),
    ("2024-01-02T03:04:05", NONE, 0),
    ("2024-01-02 03:04:05Z", NONE, 0),
    ("10000-01-01T00:00:00Z", NONE, 0),
    ("yesterday", NONE, 0),
];

fn what_is_shown_is_a_time(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    for (number, (written, shown, seconds)) in CASES.iter().enumerate() {
        let image = Image::sample(&format!("times {number}"), 1).reconfigured(|config| {
            config["created"] = json!(written);
            config["history"][0]["created"] = json!(written);
        });
        let name = format!("times/case:{number}");
        let response = daemon.load(&image.docker_archive(&[&name]).finish());
        assert_eq!(response.status, 200, "{written}: {}", response.text());
        for version in ["1.24", "1.43", "1.44", "1.55"] {
            let found = daemon
                .get(&format!("/v{version}/images/{name}/json"))
                .json();
            assert_eq!(found["Created"], *shown, "{written} in {version}");
            // The bytes stay unchanged.
            assert_eq!(found["Id"], image.id(), "{written}");
        }
        let history = daemon.get(&format!("/images/{name}/history")).json();
        assert_eq!(history[0]["Created"], *seconds, "{written}");
        let filters = format!("%7B%22reference%22:%5B%22{name}%22%5D%7D");
        let list = daemon
            .get(&format!("/images/json?filters={filters}"))
            .json();
        assert_eq!(list[0]["Created"], *seconds, "{written}");
    }
    let list = daemon.get("/images/json").json();
    let rows = list.as_array().expect("a list");
    assert_eq!(rows.len(), CASES.len());
    assert_eq!(rows[0]["Created"], 253_402_300_799_i64, "the newest first");
}
