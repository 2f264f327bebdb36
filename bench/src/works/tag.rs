use std::io::Write as _;
use std::time::Duration;

use anyhow::Result;

use super::contest::Contest;
use super::fill::fill;
use super::load::daemons;
use super::rate::{Rate, named};
use crate::archives::Seeds;
use crate::bench::Bench;
use crate::measure::{Sample, appends_per_second};
use crate::peers::{Daemon, Peer, Sockerless};
use crate::report::{Goal, Report, Row, Unit};

/// The image that is tagged.
const IMAGE: Seeds = Seeds::new("tagged", 1, 1);

const DISK: &str = "fsyncs of a 4 KiB append";

/// Why podman has one row only.
const LOSES_NAMES: &str =
    "podman 4.3 is left out: of names that are given at the same time it loses some.";

const WHAT_COUNTS: &str = "sockerless answers when the tag is on the disk. The last line is what the disk can do: one \
                           writer, one append after the other.";

/// How many names an image can be given, each of them durable.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    report.add(row(bench, 1, &Peer::ALL, 2500.0)?)?;
    let many = row(bench, 32, &[Peer::Dockerd], 10_000.0)?;
    report.add(many.note(LOSES_NAMES))
}

fn row(bench: &Bench, connections: usize, peers: &[Peer], limit: f64) -> Result<Row> {
    let turn = move |daemon: Daemon| {
        fill(&daemon, IMAGE)?;
        rate(bench, &daemon, connections)
    };
    let contest = daemons(Contest::default(), bench, peers, turn).with(DISK, |folder| {
        let rate = appends_per_second(folder, Duration::from_secs(1))?;
        Ok(Sample::of(rate))
    });
    let row = Row::new(
        format!("tag an image, {}", named(connections)),
        Unit::PerSecond,
        contest.run(bench)?,
    );
    let own = row.median(Sockerless::NAME);
    Ok(row
        .goal(Goal::at_least(limit, "a second", own))
        .note(WHAT_COUNTS))
}

fn rate(bench: &Bench, daemon: &Daemon, connections: usize) -> Result<Sample> {
    let name = IMAGE.name(0, 0);
    let rate = Rate {
        connections,
        time: bench.spell,
        status: 201,
        request: &|connection, number, request| {
            // Writing to a vector never fails.
            let _never_fails = write!(
                request,
                "POST /images/{name}/tag?repo=bench.example/new&tag=c{connection}n{number} \
                 HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"
            );
        },
    };
    let sample = rate.measure(daemon)?;
    // The first tag of the last connection must exist.
    daemon.inspect(&format!("bench.example/new:c{}n0", connections - 1))?;
    Ok(sample)
}
