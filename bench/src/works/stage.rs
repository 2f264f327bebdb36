use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::contest::Contest;
use super::load::size;
use crate::archives::Expected;
use crate::bench::Bench;
use crate::client::Body;
use crate::measure::{Sample, measure};
use crate::peers::{Daemon, Peer, Registry, Skopeo, Sockerless};
use crate::report::{Entry, Goal, Report, Row, Unit};

/// Where sockerless stages and others push.
const REPOSITORY: &str = "bench/staging";

/// `{}` in base64: no credentials. dockerd requires the header anyway.
const NO_CREDENTIALS: (&str, &str) = ("X-Registry-Auth", "e30=");

/// From an archive into a registry.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    report.add(docker_archive(bench)?)?;
    report.add(oci_archive(bench)?)
}

fn docker_archive(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.docker, &helper.expected);
    let contest = Contest::about(archive)
        .with(Sockerless::NAME, move |folder| {
            stage(bench, folder, archive, expected)
        })
        .with(Skopeo::NAME, move |folder| {
            copy(folder, "docker-archive", archive, expected)
        })
        .with(Peer::Dockerd.name(), move |folder| {
            load_and_push(folder, archive, expected)
        });
    let row = Row::new(
        format!(
            "load and stage a docker archive of {}, as gzip",
            size(archive)?
        ),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let registry = |name: &str| {
        let content = row.entry(name).and_then(Entry::registry);
        content.map_or(f64::NAN, |bytes| bytes as f64)
    };
    let larger = registry(Sockerless::NAME) / registry(Skopeo::NAME);
    let skopeo = row.times_better(Skopeo::NAME);
    let dockerd = row.times_better(Peer::Dockerd.name());
    Ok(row
        .goal(Goal::at_least(2.5, "times as fast as skopeo", skopeo))
        .goal(Goal::at_least(
            6.0,
            "times as fast as dockerd's load and push",
            dockerd,
        ))
        .goal(Goal::at_most(
            1.1,
            "times the bytes that skopeo leaves in the registry",
            larger,
        )))
}

fn oci_archive(bench: &Bench) -> Result<Row> {
    let helper = bench.archives.helper()?;
    let (archive, expected) = (&*helper.oci, &helper.expected);
    let contest = Contest::about(archive)
        .with(Sockerless::NAME, move |folder| {
            stage(bench, folder, archive, expected)
        })
        .with(Skopeo::NAME, move |folder| {
            copy(folder, "oci-archive", archive, expected)
        });
    let row = Row::new(
        format!(
            "load and stage an OCI archive with gzip layers of {}",
            size(archive)?
        ),
        Unit::Seconds,
        contest.run(bench)?,
    );
    let skopeo = row.times_better(Skopeo::NAME);
    Ok(row.goal(Goal::at_least(1.5, "times as fast as skopeo", skopeo)))
}

fn stage(bench: &Bench, folder: &Path, archive: &Path, expected: &Expected) -> Result<Sample> {
    let registry = Registry::start(folder)?;
    let daemon = start(bench, folder, &registry)?;
    let sample = load(&daemon, &registry, archive)?;
    check(&daemon, &registry, folder, expected)?;
    Ok(sample)
}

/// A daemon that stages in this registry.
pub(super) fn start(bench: &Bench, folder: &Path, registry: &Registry) -> Result<Daemon> {
    let repository = format!("{}/{REPOSITORY}", registry.host());
    bench.sockerless.clone().staging(&repository).start(folder)
}

/// Loads it and measures what the registry received.
pub(super) fn load(daemon: &Daemon, registry: &Registry, archive: &Path) -> Result<Sample> {
    let mut body = Body::file(archive)?;
    into(registry, || {
        let ((), sample) = measure(daemon.tree(), || daemon.load(&mut body))?;
        Ok(sample)
    })
}

/// Compares the daemon's result, and the image that can be pulled from its reference, with the
/// expected one.
pub(super) fn check(
    daemon: &Daemon,
    registry: &Registry,
    folder: &Path,
    expected: &Expected,
) -> Result<()> {
    let image = daemon.inspect(&expected.name)?;
    expected.check(&image)?;
    let digests = image["RepoDigests"].as_array().into_iter().flatten();
    let staged = digests
        .filter_map(Value::as_str)
        .find(|it| it.starts_with(registry.host()))
        .context("it does not say where it is staged")?;
    pull(folder, staged, expected)
}

fn copy(folder: &Path, from: &str, archive: &Path, expected: &Expected) -> Result<Sample> {
    let registry = Registry::start(folder)?;
    let target = format!("{}/{REPOSITORY}:1", registry.host());
    let skopeo = Skopeo::new(folder);
    let sample = into(&registry, || {
        skopeo.copy(
            &format!("{from}:{}", archive.display()),
            &format!("docker://{target}"),
        )
    })?;
    pull(folder, &target, expected)?;
    Ok(sample)
}

fn load_and_push(folder: &Path, archive: &Path, expected: &Expected) -> Result<Sample> {
    let registry = Registry::start(folder)?;
    let daemon = Peer::Dockerd.start(folder)?;
    let repository = format!("{}/{REPOSITORY}", registry.host());
    let mut body = Body::file(archive)?;
    let sample = into(&registry, || {
        let ((), sample) = measure(daemon.tree(), || {
            daemon.load(&mut body)?;
            let tag = format!("/images/{}/tag?repo={repository}&tag=1", expected.name);
            daemon.post(&tag, &[])?;
            let push = format!("/images/{repository}/push?tag=1");
            daemon.post(&push, &[NO_CREDENTIALS])?;
            Ok(())
        })?;
        Ok(sample)
    })?;
    expected.check(&daemon.inspect(&expected.name)?)?;
    pull(folder, &format!("{repository}:1"), expected)?;
    Ok(sample)
}

/// Adds to a sample what the registry received meanwhile.
fn into(registry: &Registry, act: impl FnOnce() -> Result<Sample>) -> Result<Sample> {
    let before = registry.tree().usage()?;
    let mut sample = act()?;
    let usage = registry.tree().usage()?.since(before);
    sample.sent = Some(usage.passed_on);
    sample.registry = Some(registry.content()?);
    Ok(sample)
}

fn pull(folder: &Path, reference: &str, expected: &Expected) -> Result<()> {
    let config = Skopeo::new(folder).pull(reference)?;
    ensure!(
        config == expected.id,
        "{reference} has the config {config}, not {}",
        expected.id
    );
    Ok(())
}
