use anyhow::{Result, ensure};
use serde_json::Value;

use super::contest::Contest;
use super::fill::{fill, filled_in};
use crate::archives::Seeds;
use crate::bench::Bench;
use crate::measure::measure;
use crate::peers::Sockerless;
use crate::report::{Goal, Report, Row, Unit};

const IMAGES: u32 = 10_000;

/// How long a list of many images takes.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folder = bench.folder()?;
    let daemon = bench.sockerless.start(folder.path())?;
    let filled = fill(&daemon, Seeds::new("listed", IMAGES, 1))?;
    let contest = Contest::default().with(Sockerless::NAME, |_| {
        let connection = daemon.connect()?;
        let (answer, sample) = measure(daemon.tree(), || connection.get("/images/json"))?;
        ensure!(answer.status == 200, "/images/json: {}", answer.status);
        let images: Vec<Value> = serde_json::from_slice(&answer.body)?;
        ensure!(
            images.len() == IMAGES as usize,
            "{} images in the list",
            images.len()
        );
        Ok(sample.with_result(sample.wall.as_secs_f64() * 1000.0))
    });
    let title = format!("list {IMAGES} images");
    let row = Row::new(title, Unit::Milliseconds, contest.run(bench)?);
    let own = row.median(Sockerless::NAME);
    report.add(
        row.goal(Goal::at_most(100.0, "ms", own))
            .note(filled_in(filled)),
    )
}
