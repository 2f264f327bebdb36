use std::io::Write as _;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};

use super::fill::fill;
use super::rate::{Rate, named};
use crate::archives::{Fresh, MB, Seeds};
use crate::bench::Bench;
use crate::client::Body;
use crate::measure::{Sample, appends_per_second, settle};
use crate::peers::{Cost, Daemon, Fleet};
use crate::report::{Entry, Report, Row, Unit};

/// Clients at a time.
const CONNECTIONS: [usize; 3] = [1, 8, 32];

/// The number of clients for which costs are reported.
const USUAL: usize = 8;

/// One image for each connection.
const IMAGES: Seeds = Seeds::new("shared", 32, 1);

const SHARED: &str = "Clients, daemons, PostgreSQL and the registry share the processors: where those are \
                      busy, further daemons on this machine can only cost.";

/// So many daemons on one database.
struct Contestant {
    name: &'static str,
    fleet: Fleet,
}

/// The measurements of one contestant.
struct Measured {
    contestant: &'static str,
    connections: usize,
    rates: Vec<Sample>,
    /// Of the last round.
    costs: Option<(Cost, f64)>,
}

/// One turn of one contestant.
struct Turn {
    /// Operations per second.
    rate: f64,
    /// Operations in total.
    times: f64,
    /// Images that the first daemon knows now.
    names: Vec<String>,
}

impl Turn {
    /// A turn of the usual duration.
    fn of(rate: f64, bench: &Bench, names: Vec<String>) -> Self {
        let times = rate * bench.spell.as_secs_f64();
        Self { rate, times, names }
    }
}

/// One daemon and three, each with a database and a registry of their own, in turn.
pub(super) fn run(bench: &Bench, report: &mut Report) -> Result<()> {
    let folders = [bench.folder()?, bench.folder()?];
    let mut contestants = Vec::new();
    for ((name, daemons), folder) in [("one daemon", 1), ("three daemons", 3)]
        .into_iter()
        .zip(&folders)
    {
        let fleet = Fleet::start(&bench.sockerless, folder.path(), daemons)?;
        fill(first(&fleet)?, IMAGES)?;
        contestants.push(Contestant { name, fleet });
    }
    let inspected = each(bench, &contestants, inspect)?;
    add(report, "inspect an image", None, &inspected)?;
    let mut turns = 0_u32;
    let tagged = each(bench, &contestants, |bench, fleet, connections| {
        turns += 1;
        tag(bench, fleet, connections, turns)
    })?;
    add(report, "tag an image", None, &tagged)?;
    for (kind, mut fresh, loads) in [
        ("small", Fresh::small()?, 256),
        ("middle-sized", bench.archives.fresh(8 * MB)?, 32),
    ] {
        let title = format!("load and stage a {kind} image");
        let layer = fresh.size() as f64 / 1e3;
        let layer = format!("It has one layer, which is new, of {layer:.0} kB.");
        let measured = each(bench, &contestants, |_, fleet, connections| {
            load(fleet, connections, &mut fresh, loads)
        })?;
        add(report, &title, Some(layer), &measured)?;
    }
    connections(report, &contestants)?;
    let [folder, _] = &folders;
    let appends = appends_per_second(folder.path(), Duration::from_secs(2))?;
    let entries = vec![entry("appends of 4 KiB", Sample::of(appends))];
    report.add(
        Row::new("what the disk syncs", Unit::PerSecond, entries)
            .note("One writer, one append after the other, each with an `fdatasync`."),
    )
}

/// All in turn, once for each round.
fn each(
    bench: &Bench,
    contestants: &[Contestant],
    mut act: impl FnMut(&Bench, &Fleet, usize) -> Result<Turn>,
) -> Result<Vec<Measured>> {
    let mut measured: Vec<Measured> = CONNECTIONS
        .into_iter()
        .flat_map(|connections| contestants.iter().map(move |it| (it.name, connections)))
        .map(|(contestant, connections)| Measured {
            contestant,
            connections,
            rates: Vec::new(),
            costs: None,
        })
        .collect();
    for _ in 0..bench.rounds {
        let turns = measured.iter_mut().zip(contestants.iter().cycle());
        for (measured, Contestant { name, fleet }) in turns {
            settle();
            let done = fleet.cost(|| act(bench, fleet, measured.connections));
            let (turn, cost) = done.context(*name)?;
            for image in &turn.names {
                first(fleet)?.inspect(image)?;
            }
            measured.rates.push(Sample::of(turn.rate));
            measured.costs = Some((cost, turn.times));
        }
    }
    Ok(measured)
}

fn inspect(bench: &Bench, fleet: &Fleet, connections: usize) -> Result<Turn> {
    let rate = Rate {
        connections,
        time: bench.spell,
        status: 200,
        request: &|connection, _, request| {
            let name = image(connection);
            // Writing to a vector never fails.
            let _never_fails = write!(
                request,
                "GET /images/{name}/json HTTP/1.1\r\nHost: bench\r\n\r\n"
            );
        },
    };
    Ok(Turn::of(rate.run(&fleet.daemons)?, bench, Vec::new()))
}

/// Gives new names.
fn tag(bench: &Bench, fleet: &Fleet, connections: usize, turn: u32) -> Result<Turn> {
    let rate = Rate {
        connections,
        time: bench.spell,
        status: 201,
        request: &|connection, number, request| {
            let name = image(connection);
            // Writing to a vector never fails.
            let _never_fails = write!(
                request,
                "POST /images/{name}/tag?repo=bench.example/new&tag=t{turn}c{connection}n{number} \
                 HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n"
            );
        },
    };
    let rate = rate.run(&fleet.daemons)?;
    let names = (0..connections).map(|it| format!("bench.example/new:t{turn}c{it}n0"));
    Ok(Turn::of(rate, bench, names.collect()))
}

/// Loads so many images over so many connections at a time.
fn load(fleet: &Fleet, connections: usize, fresh: &mut Fresh, loads: u32) -> Result<Turn> {
    let archives = (0..loads).map(|_| fresh.archive());
    let archives = archives.collect::<Result<Vec<_>>>()?;
    let names: Vec<String> = archives.iter().map(|(name, _)| name.clone()).collect();
    let archives = Mutex::new(archives);
    let next = &|| {
        archives
            .lock()
            .map_err(|_| anyhow!("a client panicked"))
            .map(|mut archives| archives.pop())
    };
    let begun = Instant::now();
    thread::scope(|scope| {
        let daemons = fleet.daemons.iter().cycle().take(connections);
        let clients: Vec<_> = daemons
            .map(|daemon| {
                scope.spawn(move || {
                    while let Some((_, archive)) = next()? {
                        daemon.load(&mut Body::Bytes(archive))?;
                    }
                    anyhow::Ok(())
                })
            })
            .collect();
        for client in clients {
            client.join().map_err(|_| anyhow!("a client panicked"))??;
        }
        anyhow::Ok(())
    })?;
    let times = f64::from(loads);
    Ok(Turn {
        rate: times / begun.elapsed().as_secs_f64(),
        times,
        names,
    })
}

/// Adds the rate, and the cost of one operation for each part.
fn add(
    report: &mut Report,
    title: &str,
    note: Option<String>,
    measured: &[Measured],
) -> Result<()> {
    let rates = measured.iter().map(|it| Entry {
        name: format!("{}, {}", it.contestant, named(it.connections)),
        samples: it.rates.clone(),
    });
    let row = Row::new(title, Unit::PerSecond, rates.collect());
    report.add(note.into_iter().fold(row, Row::note).note(SHARED))?;
    let usual = measured.iter().filter(|it| it.connections == USUAL);
    let costs: Vec<_> = usual
        .filter_map(|it| it.costs.map(|(cost, times)| (it.contestant, cost, times)))
        .collect();
    let mut entries = Vec::new();
    for &(contestant, cost, times) in &costs {
        for (part, usage) in [
            ("", cost.daemons),
            (": PostgreSQL", cost.postgres),
            (": registry", cost.registry),
        ] {
            let microseconds = usage.cpu.as_secs_f64() / times * 1e6;
            entries.push(entry(
                format!("{contestant}{part}"),
                Sample::of(microseconds),
            ));
        }
    }
    let cpu = format!("processor time: {title}, {}", named(USUAL));
    let row = Row::new(cpu, Unit::Microseconds, entries);
    let notes = costs.iter().map(|(contestant, cost, times)| {
        format!(
            "With {contestant}, a processor that does nothing else is enough for {:.0} a second in \
             PostgreSQL, and for {:.0} in a daemon.",
            times / cost.postgres.cpu.as_secs_f64(),
            times / cost.daemons.cpu.as_secs_f64()
        )
    });
    report.add(notes.fold(row, Row::note))?;
    let wal = costs
        .iter()
        .map(|&(contestant, cost, times)| entry(contestant, Sample::of(cost.wal as f64 / times)));
    let title = format!("log of PostgreSQL: {title}, {}", named(USUAL));
    report.add(Row::new(title, Unit::Bytes, wal.collect()))
}

/// The connections of the daemons to PostgreSQL after 32 clients at a time.
fn connections(report: &mut Report, contestants: &[Contestant]) -> Result<()> {
    let (mut numbers, mut sizes) = (Vec::new(), Vec::new());
    for Contestant { name, fleet } in contestants {
        let (number, memory) = fleet.connections()?;
        ensure!(number > 0, "{name} has no connection to PostgreSQL");
        let number = u32::try_from(number)?;
        numbers.push(entry(*name, Sample::of(f64::from(number))));
        let mebibytes = memory as f64 / f64::from(1 << 20);
        sizes.push(entry(*name, Sample::of(mebibytes)));
    }
    let title = "connections to PostgreSQL, together, after 32 clients";
    report.add(Row::new(title, Unit::Count, numbers))?;
    let title = "memory of PostgreSQL for one of these connections";
    report.add(
        Row::new(title, Unit::Mebibytes, sizes)
            .note("What the process shares with no other (`RssAnon`), on average."),
    )
}

fn entry(name: impl Into<String>, sample: Sample) -> Entry {
    Entry {
        name: name.into(),
        samples: vec![sample],
    }
}

/// The image of this connection.
fn image(connection: usize) -> String {
    let number = u32::try_from(connection % 32).unwrap_or_default();
    IMAGES.name(number, 0)
}

fn first(fleet: &Fleet) -> Result<&Daemon> {
    fleet.daemons.first().context("a fleet has daemons")
}
