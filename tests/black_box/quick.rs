//! Expensive requests of one client do not delay others.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Request;
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;

/// Images with megabytes of labels.
fn stock(daemon: &Daemon, count: usize) {
    for number in 0..count {
        let image = Image::sample(&format!("labels {number}"), 1).reconfigured(|config| {
            for label in 0..30_000 {
                config["config"]["Labels"][format!("label.{label}")] = "x".repeat(80).into();
            }
        });
        let archive = image.docker_archive(&[&format!("labels:{number}")]);
        assert_eq!(daemon.load(&archive.finish()).status, 200);
    }
}

/// How long pings took while clients requested each of these.
fn pings(daemon: &Daemon, targets: &[&str]) -> Vec<Duration> {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let asking: Vec<_> = targets
            .iter()
            .map(|target| {
                scope.spawn(move || {
                    let response = daemon.get(target);
                    assert_eq!(response.status, 200, "{target}");
                })
            })
            .collect();
        let pinging = scope.spawn(|| {
            let mut times = Vec::new();
            let mut connection = daemon.connect();
            while !is_over.load(Ordering::Relaxed) {
                let begun = Instant::now();
                let pong = connection.exchange(&Request::get("/_ping")).unwrap();
                assert_eq!(pong.text(), "OK");
                times.push(begun.elapsed());
            }
            times
        });
        for asking in asking {
            asking.join().expect("an answer");
        }
        is_over.store(true, Ordering::Relaxed);
        let mut times = pinging.join().expect("pings");
        times.sort_unstable();
        times
    })
}

#[test]
fn pings_while_lists_are_made() {
    let daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    stock(&daemon, 12);
    let before = daemon.peak_memory();
    let filtered = "/images/json?filters={\"label\":[\"nothing.has.this\"]}";
    let times = pings(&daemon, &[filtered; 8]);
    let (middle, longest) = (times[times.len() / 2], times[times.len() - 1]);
    // A moment, and no more than a busy machine takes.
    assert!(middle < Duration::from_millis(100), "{middle:?}");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
    let more = daemon.peak_memory().saturating_sub(before);
    assert!(more < 192 << 20, "{more} bytes for 8 lists");

    let targets = ["/images/json", "/system/df", "/images/labels:1/json"];
    let times = pings(&daemon, &targets.repeat(2));
    let middle = times[times.len() / 2];
    assert!(middle < Duration::from_millis(100), "{middle:?}");
}

/// A signal is handled while all processors are busy for clients.
#[test]
fn a_signal_while_lists_are_made() {
    let mut daemon = Daemon::start(SOCKERLESS, Backend::Sqlite);
    stock(&daemon, 4);
    let request = Request::get("/images/json?filters={\"label\":[\"nothing.has.this\"]}");
    let asking: Vec<_> = (0..16)
        .map(|_| {
            let mut connection = daemon.connect();
            connection.send(&request.to_bytes()).unwrap();
            connection
        })
        .collect();
    let begun = Instant::now();
    daemon.terminate();
    assert!(daemon.wait().success());
    assert!(begun.elapsed() < Duration::from_secs(11));
    drop(asking);
}
