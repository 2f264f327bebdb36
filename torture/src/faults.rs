use std::time::Duration;

use crate::random::Random;
use crate::run::Arena;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A daemon is killed, and started again later.
    Kill,
    /// The database is killed, and started again later.
    Crash,
    /// A daemon's connections to the database are cut.
    Cut,
    /// All connections to the database are slow for a while.
    Delay,
    /// The registry is down for a while.
    Registry,
    /// A daemon is killed while the registry is down.
    KillWithoutRegistry,
}

const ALL: [Fault; 6] = [
    Fault::Kill,
    Fault::Crash,
    Fault::Cut,
    Fault::Delay,
    Fault::Registry,
    Fault::KillWithoutRegistry,
];

/// Operations between one fault and the next.
const CALM: (usize, usize) = (40, 160);

/// Operations while a fault lasts.
const LASTS: (usize, usize) = (20, 60);

/// Connections to the registry that are refused while it is down. Loads and saves wait for it, so
/// that soon there are no other operations to count.
const REFUSED: (usize, usize) = (8, 48);

/// Injects one fault after the other, each kind equally often, until the clients stop. Then all
/// faults are over.
pub(crate) fn inject(arena: &Arena<'_>, seed: u64) {
    let mut random = Random::branch(seed, usize::MAX);
    loop {
        let mut round = ALL;
        random.shuffle(&mut round);
        for fault in round {
            if !arena.progress.wait(between(&mut random, CALM)) {
                return;
            }
            arena.weather.begins();
            happen(arena, fault, &mut random);
            arena.weather.ends();
        }
        arena.progress.all_faults();
    }
}

fn happen(arena: &Arena<'_>, fault: Fault, random: &mut Random) {
    let fleet = &arena.fleet;
    let replica = &fleet.replicas[random.below(fleet.replicas.len())];
    let lasts = between(random, LASTS);
    arena.tally.fault(fault.name());
    match fault {
        Fault::Kill => {
            replica.kill();
            arena.progress.wait(lasts);
            replica.start();
        }
        Fault::Crash => {
            fleet.crash_postgres();
            arena.progress.wait(lasts);
            fleet.restart_postgres();
        }
        Fault::Cut => {
            for _ in 0..5 {
                replica.cut();
                arena.progress.wait(lasts / 4);
            }
        }
        Fault::Delay => {
            fleet.delay_postgres(Duration::from_millis(5 + random.below(40) as u64));
            arena.progress.wait(lasts);
            fleet.delay_postgres(Duration::ZERO);
        }
        Fault::Registry => {
            fleet.stop_registry();
            miss_registry(arena, random);
            fleet.restart_registry();
        }
        Fault::KillWithoutRegistry => {
            fleet.stop_registry();
            miss_registry(arena, random);
            replica.kill();
            replica.start();
            fleet.restart_registry();
        }
    }
}

/// Waits until connections to the registry were refused.
fn miss_registry(arena: &Arena<'_>, random: &mut Random) {
    let fleet = &arena.fleet;
    let enough = fleet.registry_refused() + between(random, REFUSED);
    arena
        .progress
        .wait_for(|| fleet.registry_refused() >= enough);
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Kill => "daemon killed",
            Self::Crash => "database crashed",
            Self::Cut => "database connections of a daemon cut, five times",
            Self::Delay => "database connections slow",
            Self::Registry => "registry away",
            Self::KillWithoutRegistry => "registry away and daemon killed",
        }
    }
}

fn between(random: &mut Random, (least, most): (usize, usize)) -> u64 {
    (least + random.below(most - least)) as u64
}
