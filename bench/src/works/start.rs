use anyhow::Result;

use super::contest::Contest;
use super::fill::{fill, filled_in};
use crate::archives::Seeds;
use crate::bench::Bench;
use crate::measure::Sample;
use crate::peers::{Daemon, Sockerless};
use crate::report::{Entry, Goal, Report, Row, Unit};

/// How soon a daemon with many images responds, how much memory one without images needs, and how
/// large its file is.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    report.add(first_answer(bench)?)?;
    report.add(idle_memory(bench)?)?;
    report.add(binary(bench)?)
}

fn first_answer(bench: &Bench) -> Result<Row> {
    let folder = bench.folder()?;
    let seeds = Seeds::new("kept", bench.images, 1);
    let daemon = bench.sockerless.start(folder.path())?;
    let filled = fill(&daemon, seeds)?;
    daemon.finish()?;
    let contest = Contest::default().with(Sockerless::NAME, |_| {
        let daemon = bench.sockerless.start(folder.path())?;
        let milliseconds = daemon.started_in().as_secs_f64() * 1000.0;
        daemon.inspect(&seeds.name(bench.images - 1, 0))?;
        let sample = now(&daemon)?.with_result(milliseconds);
        daemon.finish()?;
        Ok(sample)
    });
    let title = format!("start with {} images: first answer", bench.images);
    let row = Row::new(title, Unit::Milliseconds, contest.run(bench)?);
    let own = row.median(Sockerless::NAME);
    let note = "From the start of the process to the answer to `GET /_ping`; asked every half \
                millisecond.";
    Ok(row
        .goal(Goal::at_most(50.0, "ms", own))
        .note(note)
        .note(filled_in(filled)))
}

fn idle_memory(bench: &Bench) -> Result<Row> {
    let contest = Contest::default().with(Sockerless::NAME, |folder| {
        let daemon = bench.sockerless.start(folder)?;
        let bytes = daemon.tree().memory();
        Ok(now(&daemon)?.with_result(bytes as f64 / f64::from(1 << 20)))
    });
    let title = "memory of a daemon that has only started";
    let row = Row::new(title, Unit::Mebibytes, contest.run(bench)?);
    let own = row.median(Sockerless::NAME);
    Ok(row.goal(Goal::at_most(15.0, "MiB", own)))
}

fn binary(bench: &Bench) -> Result<Row> {
    let megabytes = std::fs::metadata(&bench.shipped)?.len() as f64 / 1e6;
    let entry = Entry {
        name: Sockerless::NAME.to_owned(),
        samples: vec![Sample::of(megabytes)],
    };
    let row = Row::new("size of the binary", Unit::Megabytes, vec![entry]);
    Ok(row.goal(Goal::at_most(15.0, "MB", megabytes)))
}

/// The usage of a daemon since its start.
fn now(daemon: &Daemon) -> Result<Sample> {
    let tree = daemon.tree();
    let mut sample = Sample::of(0.0);
    sample.usage = tree.usage()?;
    sample.peak_memory = tree.largest_peak();
    Ok(sample)
}
