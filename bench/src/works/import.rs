use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::contest::Contest;
use super::load::{daemons, size};
use crate::archives::Expected;
use crate::bench::Bench;
use crate::client::Body;
use crate::measure::{self, Sample, measure};
use crate::peers::{Daemon, Peer};
use crate::report::{Goal, Report, Row, Unit};

const XZ: &str = "xz -dc";
const TARGET: &str = "/images/create?fromSrc=-&repo=bench.example/imported&tag=latest&changes=ENTRYPOINT%20%5B%22sh%22%5D";

const NO_PODMAN: &str = "podman 4.3 is left out: its import takes the digest of the compressed file \
                         for the digest of the layer's tar, so its image is not the same.";

/// Root file systems as GitLab Runner ships them, and as `xz -T0` makes them.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let files = bench.archives.root_file_system()?;
    report.add(row(bench, &files.one_block, "one block", &files.expected)?)?;
    let several = row(
        bench,
        &files.several_blocks,
        "several blocks",
        &files.expected,
    )?;
    report.add(several)
}

fn row(bench: &Bench, archive: &Path, blocks: &str, expected: &Expected) -> Result<Row> {
    let turn = move |daemon: Daemon| import(&daemon, archive, expected);
    let contest = daemons(Contest::about(archive), bench, &[Peer::Dockerd], turn)
        .with(XZ, move |_| {
            measure::run(Command::new("xz").arg("-dc").arg(archive))
        })
        .with("xz -dc -T0", move |_| {
            measure::run(Command::new("xz").args(["-dc", "-T0"]).arg(archive))
        });
    let row = Row::new(
        format!("import a .tar.xz of {} in {blocks}", size(archive)?),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let xz = row.times_better(XZ).recip();
    Ok(row
        .goal(Goal::at_most(1.1, "times the time of xz -dc", xz))
        .note(NO_PODMAN))
}

fn import(daemon: &Daemon, archive: &Path, expected: &Expected) -> Result<Sample> {
    let mut body = Body::file(archive)?;
    let (_, sample) = measure(daemon.tree(), || daemon.upload(TARGET, &mut body))?;
    expected.check_layers(&daemon.inspect(&expected.name)?)?;
    Ok(sample)
}
