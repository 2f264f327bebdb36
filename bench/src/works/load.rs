use std::path::Path;
use std::process::Command;

use anyhow::Result;

use super::contest::Contest;
use super::feed::Feed;
use crate::archives::Expected;
use crate::bench::Bench;
use crate::client::Body;
use crate::measure::{self, Sample, measure};
use crate::peers::{Daemon, Peer, Sockerless};
use crate::report::{Goal, Report, Row, Unit};

pub(super) const BASELINE: &str = "baseline";
const SINGLE: &str = "baseline, one thread";
const PIPELINE: &str = "zstd | openssl";
const PEERS: [&str; 2] = ["dockerd", "podman"];
const FASTER: &str = "times as fast as the fastest of dockerd and podman";

/// Every archive, loaded.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    report.add(docker_archive(bench)?)?;
    report.add(zstd_archive(bench)?)?;
    report.add(oci_archive(bench)?)?;
    report.add(many_layers(bench)?)
}

fn docker_archive(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.docker, &helper.expected);
    let contest = daemons(Contest::about(archive), bench, &Peer::ALL, move |daemon| {
        load(&daemon, archive, expected)
    });
    let contest = contest.with(BASELINE, move |folder| {
        measure::run(
            bench
                .own_command("baseline", archive)
                .arg(folder.join("copy")),
        )
    });
    let contest = contest.with(SINGLE, move |folder| {
        let mut command = bench.own_command("baseline", archive);
        measure::run(command.arg(folder.join("copy")).arg("--single"))
    });
    let row = Row::new(
        format!("load a docker archive of {}", size(archive)?),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let peers = row.times_better_than_best(&PEERS);
    let baseline = row.times_better(BASELINE).recip();
    Ok(row
        .goal(Goal::at_least(6.0, FASTER, peers))
        .goal(Goal::at_most(
            1.3,
            "times the time of the baseline",
            baseline,
        )))
}

fn zstd_archive(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.zstd, &helper.expected);
    let contest = Contest::about(archive)
        .with(Sockerless::NAME, move |folder| {
            load(&bench.sockerless.start(folder)?, archive, expected)
        })
        .with(Peer::Dockerd.name(), move |folder| {
            load_decompressed(&Peer::Dockerd.start(folder)?, archive, expected)
        })
        .with(Peer::Podman.name(), move |folder| {
            load(&Peer::Podman.start(folder)?, archive, expected)
        })
        .with(PIPELINE, move |_| {
            let script = "zstd -dc \"$1\" | openssl dgst -sha256";
            measure::run(Command::new("sh").args(["-c", script, "sh"]).arg(archive))
        });
    let row = Row::new(
        format!("load the same as .docker.tar.zst of {}", size(archive)?),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let peers = row.times_better_than_best(&PEERS);
    let pipeline = row.times_better(PIPELINE).recip();
    let says = "times the time of zstd -dc | openssl dgst -sha256";
    Ok(row
        .goal(Goal::at_least(7.0, FASTER, peers))
        .goal(Goal::at_most(1.25, says, pipeline))
        .note("dockerd 20.10 reads no zstd: `zstd -dc` feeds it, and its CPU counts as dockerd's."))
}

fn oci_archive(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.oci, &helper.expected);
    let contest = daemons(Contest::about(archive), bench, &Peer::ALL, move |daemon| {
        load(&daemon, archive, expected)
    });
    let row = Row::new(
        format!("load an OCI archive with gzip layers of {}", size(archive)?),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let peers = row.times_better_than_best(&PEERS);
    let note = "The archive has a manifest.json too, as Docker writes it: without, dockerd 20.10 \
                reads no OCI layout.";
    Ok(row.goal(Goal::at_least(6.0, FASTER, peers)).note(note))
}

fn many_layers(bench: &Bench) -> Result<Row> {
    let many = bench.archives.many()?;
    let (archive, expected) = (&*many.path, &many.expected);
    let contest = daemons(Contest::about(archive), bench, &Peer::ALL, move |daemon| {
        load(&daemon, archive, expected)
    });
    Ok(Row::new(
        format!("load a docker archive of 120 layers, {}", size(archive)?),
        Unit::Seconds,
        contest.run(bench)?,
    ))
}

/// Adds sockerless and these peers, each fresh in each turn.
pub(super) fn daemons<'a>(
    contest: Contest<'a>,
    bench: &'a Bench,
    peers: &[Peer],
    turn: impl Fn(Daemon) -> Result<Sample> + Copy + 'a,
) -> Contest<'a> {
    let own = contest.with(Sockerless::NAME, move |folder| {
        turn(bench.sockerless.start(folder)?)
    });
    peers.iter().fold(own, |contest, &peer| {
        contest.with(peer.name(), move |folder| turn(peer.start(folder)?))
    })
}

fn load(daemon: &Daemon, archive: &Path, expected: &Expected) -> Result<Sample> {
    let mut body = Body::file(archive)?;
    let ((), sample) = measure(daemon.tree(), || daemon.load(&mut body))?;
    expected.check(&daemon.inspect(&expected.name)?)?;
    Ok(sample)
}

fn load_decompressed(daemon: &Daemon, archive: &Path, expected: &Expected) -> Result<Sample> {
    let (fed, mut sample) = measure(daemon.tree(), || {
        let (feed, mut body) = Feed::start(archive)?;
        daemon.load(&mut body)?;
        feed.finish()
    })?;
    sample.usage = sample.usage + fed;
    expected.check(&daemon.inspect(&expected.name)?)?;
    Ok(sample)
}

/// The size of a file, for titles.
pub(super) fn size(path: &Path) -> Result<String> {
    let megabytes = std::fs::metadata(path)?.len() as f64 / 1e6;
    Ok(format!("{megabytes:.0} MB"))
}
