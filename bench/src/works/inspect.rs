use std::io::Write as _;

use anyhow::{Result, ensure};

use super::contest::Contest;
use super::fill::{fill, filled_in};
use super::load::daemons;
use super::rate::{Rate, named};
use crate::archives::Seeds;
use crate::bench::Bench;
use crate::measure::Sample;
use crate::peers::{Daemon, Peer, Sockerless};
use crate::report::{Goal, Report, Row, Unit};

/// The image that is inspected: with one name, among others.
const IMAGE: Seeds = Seeds::new("inspected", 1, 1);

/// Names of each of the other images.
const NAMES: u32 = 100;

/// How often an image can be inspected.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    for (connections, limit) in [(1, 15_000.0), (8, 25_000.0)] {
        report.add(peers(bench, connections, limit)?)?;
    }
    report.add(among_many(bench)?)
}

fn peers(bench: &Bench, connections: usize, limit: f64) -> Result<Row> {
    let contest = daemons(Contest::default(), bench, &Peer::ALL, move |daemon| {
        fill(&daemon, IMAGE)?;
        rate(bench, &daemon, connections)
    });
    let row = Row::new(
        format!("inspect an image, {}", named(connections)),
        Unit::PerSecond,
        contest.run(bench)?,
    );
    let own = row.median(Sockerless::NAME);
    Ok(row
        .goal(Goal::at_least(limit, "a second", own))
        .note("The client, one thread a connection, shares the processors with the daemon."))
}

/// Two daemons that keep running, measured in turn.
fn among_many(bench: &Bench) -> Result<Row> {
    let (few, many) = (bench.folder()?, bench.folder()?);
    let few = (bench.sockerless.start(few.path())?, few);
    let many = (bench.sockerless.start(many.path())?, many);
    let filled = fill(
        &many.0,
        Seeds::new("crowd", bench.tags.div_ceil(NAMES), NAMES),
    )?;
    for daemon in [&few.0, &many.0] {
        fill(daemon, IMAGE)?;
    }
    let crowd = format!("{} tags", bench.tags);
    let contest = Contest::default()
        .with("1 tag", |_| rate(bench, &few.0, 1))
        .with(&*crowd, |_| rate(bench, &many.0, 1));
    let row = Row::new(
        format!("inspect an image among {crowd}, one connection"),
        Unit::PerSecond,
        contest.run(bench)?,
    );
    let slower = row.median("1 tag") / row.median(&crowd);
    Ok(row
        .goal(Goal::at_most(1.2, "times as slow as with one tag", slower))
        .note(filled_in(filled)))
}

fn rate(bench: &Bench, daemon: &Daemon, connections: usize) -> Result<Sample> {
    let name = IMAGE.name(0, 0);
    let inspected = daemon.inspect(&name)?;
    ensure!(
        inspected["RepoTags"] == serde_json::json!([name]),
        "{inspected}"
    );
    let target = format!("GET /images/{name}/json HTTP/1.1\r\nHost: bench\r\n\r\n");
    let rate = Rate {
        connections,
        time: bench.spell,
        status: 200,
        request: &|_, _, request| {
            // Writing to a vector never fails.
            let _never_fails = request.write_all(target.as_bytes());
        },
    };
    rate.measure(daemon)
}
