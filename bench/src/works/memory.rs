use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result, anyhow};

use super::contest::Contest;
use super::load::size;
use crate::archives::Expected;
use crate::bench::Bench;
use crate::client::Body;
use crate::measure::{Sample, measure, warm};
use crate::report::{Entry, Goal, Report, Row, Unit};

/// Loads at a time.
const AT_ONCE: usize = 8;

/// The most memory that loads take.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    report.add(one(bench)?)?;
    report.add(eight(bench)?)
}

fn one(bench: &Bench) -> Result<Row> {
    let huge = bench.archives.huge()?;
    let helper = bench.archives.helper()?;
    let mut contest = Contest::default();
    for (kind, archive, expected) in [
        ("docker archive", &*huge.path, &huge.expected),
        ("zstd", &*helper.zstd, &helper.expected),
        ("OCI archive, gzip layers", &*helper.oci, &helper.expected),
    ] {
        warm(archive)?;
        let name = format!("{kind} of {}", size(archive)?);
        contest = contest.with(name, move |folder| {
            loads(bench, folder, archive, expected, 1)
        });
    }
    let title = "most memory of one load";
    let row = Row::new(title, Unit::Mebibytes, contest.run(bench)?);
    let most = most(&row);
    Ok(row.goal(Goal::at_most(64.0, "MiB, whatever the archive", most)))
}

fn eight(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let mut contest = Contest::default();
    for (kind, archive) in [
        ("zstd", &*helper.zstd),
        ("OCI archive, gzip layers", &*helper.oci),
    ] {
        let expected = &helper.expected;
        warm(archive)?;
        let name = format!("{kind} of {}", size(archive)?);
        contest = contest.with(name, move |folder| {
            loads(bench, folder, archive, expected, AT_ONCE)
        });
    }
    let title = "most memory of eight loads at once";
    let row = Row::new(title, Unit::Mebibytes, contest.run(bench)?);
    let most = most(&row);
    Ok(row.goal(Goal::at_most(128.0, "MiB, whatever the archive", most)))
}

/// So many loads of the same archive at the same time.
fn loads(
    bench: &Bench,
    folder: &Path,
    archive: &Path,
    expected: &Expected,
    at_once: usize,
) -> Result<Sample> {
    let daemon = bench.sockerless.start(folder)?;
    let ((), sample) = measure(daemon.tree(), || {
        thread::scope(|scope| {
            let load = || daemon.load(&mut Body::file(archive)?);
            let loads: Vec<_> = (0..at_once).map(|_| scope.spawn(load)).collect();
            loads.into_iter().try_for_each(|load| {
                let ended = load.join().map_err(|_| anyhow!("a load panicked"))?;
                ended.context("one of several loads")
            })
        })
    })?;
    expected.check(&daemon.inspect(&expected.name)?)?;
    let mebibytes = sample.peak_memory as f64 / f64::from(1 << 20);
    Ok(sample.with_result(mebibytes))
}

/// The most of all rounds and archives.
fn most(row: &Row) -> f64 {
    let peaks = row.entries.iter().map(Entry::peak_memory);
    peaks.max().unwrap_or(0) as f64 / f64::from(1 << 20)
}
