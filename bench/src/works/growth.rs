use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use tempfile::TempDir;

use super::contest::Contest;
use super::fill::fill;
use super::rate::Rate;
use crate::archives::Seeds;
use crate::bench::Bench;
use crate::measure::{Sample, measure};
use crate::peers::{Daemon, Postgres, Registry, Sockerless};
use crate::report::{Entry, Goal, Report, Row, Unit, say};

/// The image of which all others are copies.
const TEMPLATE: Seeds = Seeds::new("template-0000000", 1, 1);

/// Makes the copies.
const SEED: &str = include_str!("seed.sql");

/// Names of one image.
const NAMES: u32 = 100;

/// Names in the small database.
const FEW: u32 = 10_000;

/// Images that one name is moved among.
const SOME_IMAGES: u32 = 100;

const SPREAD: &str =
    "The images are as many among few names as among many, and lie all over the database.";

const PAGES: &str = "The worst case: nearly every tag among many names is the first change of its \
                     pages since the last checkpoint, and PostgreSQL then writes them into its log whole.";

/// How much slower everything may be among many names.
const LIMIT: f64 = 1.5;

/// Repositories of ten images.
const SOME: &str = "bench.example/template-000004*/0";

/// One name.
const ONE: &str = "bench.example/template-0000042/0:t7";

/// A database with names, and the daemon on it.
struct Side {
    names: String,
    images: u32,
    sockerless: Sockerless,
    daemon: Daemon,
    /// How often it was measured, so that each turn requests other images.
    turns: AtomicU64,
    /// Its files besides the database. Dropped after it.
    _folder: TempDir,
    seeded_in: Duration,
}

/// Measures a database with few names and one with many, in turn.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let shared = bench.folder()?;
    let postgres = Postgres::start(shared.path())?;
    let registry = Registry::start(shared.path())?;
    let side = |database, names| Side::seeded(bench, &postgres, &registry, database, names);
    let sides = [side("few", FEW)?, side("many", bench.names)?];
    let [_, many] = &sides;
    let size = postgres.ask("many", "SELECT pg_database_size('many')")?;
    let size: u64 = size.parse().context(size)?;
    let seeded = format!(
        "{} are {NAMES} of each of {} images; they take {:.2} GB in PostgreSQL, and were written into \
         it in {:.0} s.",
        many.names,
        many.images,
        size as f64 / 1e9,
        many.seeded_in.as_secs_f64()
    );
    say(&seeded)?;
    let inspection = requests(
        bench,
        "inspect an image, anywhere in the database",
        &sides,
        inspect,
    )?;
    report.add(inspection.note(seeded))?;
    let moved = requests(bench, "move a name among 100 images", &sides, tag_some)?;
    report.add(moved.note(SPREAD))?;
    let title = "move a name to an image anywhere in the database";
    report.add(requests(bench, title, &sides, tag_any)?.note(PAGES))?;
    log(bench, report, &postgres, &sides)?;
    for (title, pattern, wanted) in [
        ("list with a filter that ten images fit", SOME, 10),
        ("list with a filter that is one name", ONE, 1),
    ] {
        report.add(requests(bench, title, &sides, |bench, side| {
            list(bench, side, pattern, wanted)
        })?)?;
    }
    everything(bench, report, &sides)?;
    start(bench, report, &sides)
}

impl Side {
    fn seeded(
        bench: &Bench,
        postgres: &Postgres,
        registry: &Registry,
        database: &str,
        names: u32,
    ) -> Result<Self> {
        let state = postgres.create(database)?;
        let sockerless = bench.sockerless.clone().state(&state);
        let sockerless = sockerless.staging(&format!("{}/staging", registry.host()));
        let folder = bench.folder()?;
        let daemon = sockerless.start(folder.path())?;
        fill(&daemon, TEMPLATE)?;
        let images = names.div_ceil(NAMES);
        say(&format!("writing {} into a database", named(names)))?;
        let begun = Instant::now();
        postgres.script(database, SEED, &[("images", images), ("names", NAMES)])?;
        let side = Self {
            names: named(names),
            images,
            sockerless,
            daemon,
            turns: AtomicU64::new(0),
            _folder: folder,
            seeded_in: begun.elapsed(),
        };
        side.check(&side.daemon)?;
        Ok(side)
    }

    /// Checks that its last image is as if it had been loaded.
    fn check(&self, daemon: &Daemon) -> Result<()> {
        let name = self.name(self.images, 0);
        let image = daemon.inspect(&name)?;
        let tags = image["RepoTags"].as_array().map_or(0, Vec::len);
        ensure!(tags == NAMES as usize, "{tags} names: {image}");
        let label = &image["Config"]["Labels"]["org.example.seed"];
        let wanted = format!("template-{:07} 0", self.images);
        ensure!(label.as_str() == Some(&*wanted), "{image}");
        Ok(())
    }

    /// A name of the image with this number, the first of which is 1.
    fn name(&self, image: u32, name: u32) -> String {
        format!("bench.example/template-{image:07}/0:t{name}")
    }

    fn any_name(&self, at: u64) -> String {
        let (image, name) = (scattered(at), scattered(at ^ u64::MAX));
        // Both are smaller than a divisor of 32 bits.
        let image = (image % u64::from(self.images)) as u32 + 1;
        self.name(image, (name % u64::from(NAMES)) as u32)
    }
}

/// `10 million names`.
fn named(names: u32) -> String {
    match names {
        millions if millions % 1_000_000 == 0 => format!("{} million names", millions / 1_000_000),
        thousands if thousands % 1000 == 0 => format!("{} thousand names", thousands / 1000),
        others => format!("{others} names"),
    }
}

/// Scattered numbers, the same in every run.
fn scattered(at: u64) -> u64 {
    let mixed = (at ^ (at >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 16
}

/// How long one request takes, on one connection.
fn requests(
    bench: &Bench,
    title: &str,
    sides: &[Side; 2],
    act: impl Fn(&Bench, &Side) -> Result<Sample> + Copy,
) -> Result<Row> {
    let row = Row::new(title, Unit::Milliseconds, contest(bench, sides, act)?);
    let [few, many] = sides;
    let slower = row.median(&many.names) / row.median(&few.names);
    let says = format!("times as long as among {}", few.names);
    Ok(row.goal(Goal::at_most(LIMIT, says, slower)))
}

fn contest(
    bench: &Bench,
    sides: &[Side; 2],
    act: impl Fn(&Bench, &Side) -> Result<Sample> + Copy,
) -> Result<Vec<Entry>> {
    let contest = sides.iter().fold(Contest::default(), |contest, side| {
        contest.with(&*side.names, move |_: &Path| act(bench, side))
    });
    contest.run(bench)
}

/// Another image each time, scattered over the database.
fn inspect(bench: &Bench, side: &Side) -> Result<Sample> {
    ask(bench, side, 200, &|number, request| {
        let name = side.any_name(number);
        // Writing to a vector never fails.
        let _never_fails = write!(
            request,
            "GET /images/{name}/json HTTP/1.1\r\nHost: bench\r\n\r\n"
        );
    })
}

/// Images that are tagged repeatedly are as far from each other as possible.
fn tag_some(bench: &Bench, side: &Side) -> Result<Sample> {
    tag(bench, side, &|number| {
        // The remainder is smaller than a hundred.
        let at = (scattered(number) % u64::from(SOME_IMAGES)) as u32;
        side.name(at * (side.images / SOME_IMAGES) + 1, 0)
    })
}

/// Another image each time.
fn tag_any(bench: &Bench, side: &Side) -> Result<Sample> {
    tag(bench, side, &|number| side.any_name(number))
}

/// Gives one name, like `latest`, to one image after the other, so that the number of names is
/// constant.
fn tag(bench: &Bench, side: &Side, source: &(dyn Fn(u64) -> String + Sync)) -> Result<Sample> {
    ask(bench, side, 201, &|number, request| {
        let name = source(number);
        // Writing to a vector never fails.
        let _never_fails = write!(
            request,
            "POST /images/{name}/tag?repo=bench.example/moved&tag=latest HTTP/1.1\r\n\
             Host: bench\r\nContent-Length: 0\r\n\r\n"
        );
    })
}

fn list(bench: &Bench, side: &Side, pattern: &str, wanted: usize) -> Result<Sample> {
    let target = format!("/images/json?filters=%7B%22reference%22%3A%5B%22{pattern}%22%5D%7D");
    let listed = side.daemon.connect()?.get(&target)?;
    let found = images_in(&listed.body)?;
    ensure!(found == wanted, "{found} images fit {pattern}");
    ask(bench, side, 200, &|_, request| {
        // Writing to a vector never fails.
        let _never_fails = write!(request, "GET {target} HTTP/1.1\r\nHost: bench\r\n\r\n");
    })
}

/// Milliseconds of one request.
fn ask(
    bench: &Bench,
    side: &Side,
    status: u16,
    request: &(dyn Fn(u64, &mut Vec<u8>) + Sync),
) -> Result<Sample> {
    let turn = side.turns.fetch_add(1, Ordering::Relaxed) << 32;
    let rate = Rate {
        connections: 1,
        time: bench.spell,
        status,
        request: &|_, number, bytes| request(turn + number, bytes),
    };
    let sample = rate.measure(&side.daemon)?;
    Ok(sample.with_result(1000.0 / sample.figure()))
}

/// Bytes that one tag adds to PostgreSQL's log.
fn log(bench: &Bench, report: &mut Report, postgres: &Postgres, sides: &[Side; 2]) -> Result<()> {
    for (title, tag) in [
        ("among 100 images", tag_some as fn(&Bench, &Side) -> _),
        ("to an image anywhere in the database", tag_any),
    ] {
        let entries = contest(bench, sides, |bench, side| {
            let before = postgres.wal()?;
            let milliseconds = tag(bench, side)?.figure();
            let bytes = postgres.wal()?.saturating_sub(before);
            let times = bench.spell.as_secs_f64() * 1000.0 / milliseconds;
            Ok(Sample::of(bytes as f64 / times))
        })?;
        let title = format!("log of PostgreSQL: move a name {title}");
        report.add(Row::new(title, Unit::Bytes, entries))?;
    }
    Ok(())
}

/// The most memory of a daemon while it lists all images.
fn everything(bench: &Bench, report: &mut Report, sides: &[Side; 2]) -> Result<()> {
    let contest = contest(bench, sides, |_, side| {
        let connection = side.daemon.connect()?;
        let (listed, sample) = measure(side.daemon.tree(), || connection.get("/images/json"))?;
        let found = images_in(&listed.body)?;
        // The template is one more.
        let wanted = side.images as usize + 1;
        ensure!(found == wanted, "{found} images are listed, not {wanted}");
        Ok(sample)
    })?;
    let memory = contest.iter().map(|entry| Entry {
        name: entry.name.clone(),
        samples: vec![Sample::of(entry.peak_memory() as f64 / f64::from(1 << 20))],
    });
    let memory = memory.collect();
    let [few, many] = sides;
    let title = format!("list of {} and of {} images", few.images, many.images);
    report.add(Row::new(format!("{title}: time"), Unit::Seconds, contest))?;
    let title = format!("{title}: most memory of the daemon");
    report.add(
        Row::new(title, Unit::Mebibytes, memory)
            .note("The client reads as fast as it can, and keeps everything."),
    )
}

/// How long a further daemon takes from its start to its first response.
fn start(bench: &Bench, report: &mut Report, sides: &[Side; 2]) -> Result<()> {
    let contest = contest(bench, sides, |bench, side| {
        let folder = bench.folder()?;
        let daemon = side.sockerless.start(folder.path())?;
        let milliseconds = daemon.started_in().as_secs_f64() * 1000.0;
        side.check(&daemon)?;
        daemon.finish()?;
        Ok(Sample::of(milliseconds))
    })?;
    let row = Row::new(
        "start of a further daemon: first answer",
        Unit::Milliseconds,
        contest,
    );
    let note = "From the start of the process to the answer to `GET /_ping`; asked every half \
                millisecond.";
    report.add(row.note(note))
}

/// How many images a list has. It may be too long to be read into values.
fn images_in(body: &[u8]) -> Result<usize> {
    const ID: &[u8] = b"\"Id\":\"sha256:";
    ensure!(
        body.starts_with(b"[") && body.trim_ascii_end().ends_with(b"]"),
        "no list: {}",
        String::from_utf8_lossy(body.get(..1000).unwrap_or(body))
    );
    let ids = body.windows(ID.len()).filter(|window| *window == ID);
    Ok(ids.count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_of_a_list_are_counted_and_a_part_of_one_is_none() {
        let two = br#"[{"Id":"sha256:01","ParentId":""},{"Id":"sha256:02"}]"#;
        assert_eq!(images_in(two).unwrap(), 2);
        assert_eq!(images_in(b"[]\n").unwrap(), 0);
        assert!(images_in(br#"[{"Id":"sha256:01"}"#).is_err());
    }

    #[test]
    fn numbers_are_spoken_and_scattered() {
        assert_eq!(named(FEW), "10 thousand names");
        assert_eq!(named(10_000_000), "10 million names");
        assert_eq!(named(10_001), "10001 names");
        let different: std::collections::BTreeSet<u64> = (0..1000).map(scattered).collect();
        assert_eq!(different.len(), 1000);
    }
}
