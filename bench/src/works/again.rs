use std::path::Path;

use anyhow::Result;

use super::contest::Contest;
use super::load::size;
use super::stage;
use crate::archives::Expected;
use crate::bench::Bench;
use crate::measure::{self, Sample};
use crate::peers::{Registry, Sockerless};
use crate::report::{Entry, Goal, Report, Row, Unit};

const HASHING: &str = "hashing";

/// The same archive a second time: everything is here and in the registry already.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.docker, &helper.expected);
    let contest = Contest::about(archive)
        .with(Sockerless::NAME, move |folder| {
            load_twice(bench, folder, archive, expected)
        })
        .with(HASHING, move |_| {
            measure::run(&mut bench.own_command("baseline", archive))
        });
    let row = Row::new(
        format!(
            "load and stage the same docker archive of {} again",
            size(archive)?
        ),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let own = row.entry(Sockerless::NAME);
    let written = own.map_or(f64::NAN, |entry| entry.written() as f64 / 1e6);
    let sent = own.and_then(Entry::sent);
    let sent = sent.map_or(f64::NAN, |bytes| bytes as f64 / 1e6);
    let hashing = row.times_better(HASHING).recip();
    report.add(
        row.goal(Goal::at_most(1.2, "times the time of hashing it", hashing))
            .goal(Goal::at_most(1.0, "MB written: no layer", written))
            .goal(Goal::at_most(
                0.1,
                "MB sent to the registry: no layer",
                sent,
            ))
            .note("Hashing is the baseline without writing: one thread reads, one hashes."),
    )
}

fn load_twice(bench: &Bench, folder: &Path, archive: &Path, expected: &Expected) -> Result<Sample> {
    let registry = Registry::start(folder)?;
    let daemon = stage::start(bench, folder, &registry)?;
    stage::load(&daemon, &registry, archive)?;
    let sample = stage::load(&daemon, &registry, archive)?;
    stage::check(&daemon, &registry, folder, expected)?;
    Ok(sample)
}
