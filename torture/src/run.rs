use std::io::ErrorKind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sockerless_testkit::http::{Connection, Request};

use crate::answer::{Failure, Heard};
use crate::client::Client;
use crate::common::Common;
use crate::design::Designs;
use crate::finding::{Finding, Findings, Sort};
use crate::fleet::Fleet;
use crate::progress::Progress;
use crate::tally::{Class, Tally};
use crate::weather::Weather;
use crate::{Plan, Report, ending, faults};

/// The state that all clients and the faults share.
#[derive(Debug)]
pub(crate) struct Arena<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) fleet: Fleet,
    pub(crate) progress: Progress,
    pub(crate) weather: Weather,
    pub(crate) tally: Tally,
    pub(crate) findings: Findings,
    pub(crate) common: Common,
}

/// Runs the plan.
///
/// # Panics
/// When the environment fails: a program is missing, a daemon does not start.
#[must_use]
pub fn run(plan: &Plan) -> Report {
    let begun = Instant::now();
    let designs = Designs::new(plan.seed);
    let arena = Arena {
        plan,
        fleet: Fleet::start(plan),
        progress: Progress::new(plan.end),
        weather: Weather::default(),
        tally: Tally::default(),
        findings: Findings::default(),
        common: Common::new(&designs),
    };
    let clients: Vec<_> = (0..plan.clients)
        .map(|number| Client::new(&arena, &designs, number))
        .collect();
    let clients = thread::scope(|scope| {
        let injector = scope.spawn(|| faults::inject(&arena, plan.seed));
        let run = |mut client| {
            let arena = &arena;
            scope.spawn(move || {
                let _stopped = Stopped(&arena.progress);
                while !arena.progress.is_over() {
                    Client::step(&mut client);
                }
                client
            })
        };
        let clients: Vec<_> = clients.into_iter().map(run).collect();
        let clients: Vec<_> = clients.into_iter().map(|client| client.join()).collect();
        let injected = injector.join();
        assert!(injected.is_ok(), "what has to be there for a fault failed");
        let clients: Result<Vec<_>, _> = clients.into_iter().collect();
        clients.unwrap_or_else(|_| panic!("a client panicked (seed {})", plan.seed))
    });
    let (operations, operated) = (arena.progress.operations(), arena.progress.elapsed());
    let slots = clients.into_iter().flat_map(Client::into_slots).collect();
    let checked = ending::check(&arena, slots);
    let (findings, counts) = arena.findings.take();
    Report {
        seed: plan.seed,
        daemons: plan.daemons,
        clients: plan.clients,
        operations,
        operated,
        took: begun.elapsed(),
        tally: arena.tally.counts(),
        checked,
        findings,
        counts,
    }
}

/// Records that a client has stopped, even by a panic, so that waits for its operations end.
struct Stopped<'a>(&'a Progress);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.stopped();
    }
}

impl Arena<'_> {
    /// Sends a request to one of the daemons, on a connection of its own.
    pub(crate) fn call(&self, kind: &'static str, daemon: usize, request: &Request) -> Heard {
        let replica = &self.fleet.replicas[daemon];
        let begun = Instant::now();
        let Ok(mut connection) = Connection::open(replica.address()) else {
            return Heard::NotSent;
        };
        let answer = connection.exchange(request);
        let took = begun.elapsed();
        let failed = |class, why: String, mark, is_explained| {
            self.tally.request(kind, class, took);
            self.tally.error(kind, &why);
            thread::park_timeout(AFTER_A_FAILURE);
            Heard::Failed(Failure {
                why,
                mark,
                is_explained,
            })
        };
        let heard = match answer {
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                let mark = replica.barriers.after_an_error(daemon);
                failed(
                    Class::Broken,
                    format!("no answer in {took:.0?}"),
                    mark,
                    false,
                )
            }
            Err(error) => {
                let mark = replica.barriers.after_an_end(daemon);
                let is_explained = self.weather.explains(begun);
                failed(
                    Class::Broken,
                    format!("connection broken: {error}"),
                    mark,
                    is_explained,
                )
            }
            Ok(response) => {
                let text = || response.text().trim_end().to_owned();
                let is_broken_off = kind == LOAD && text().contains("\"errorDetail\"");
                if response.status < 500 && !is_broken_off {
                    let class = match response.status {
                        ..400 => Class::Done,
                        400.. => Class::Refused,
                    };
                    self.tally.request(kind, class, took);
                    Heard::Answer(response)
                } else {
                    let class = match response.status {
                        503 => Class::Unavailable,
                        _ => Class::Failed,
                    };
                    let mark = replica.barriers.after_an_error(daemon);
                    let why = format!("{} {}", response.status, text());
                    // An unreachable database is not a failure of the daemon, and the error names
                    // it.
                    let is_known = class == Class::Unavailable || !why.contains(STATE_FAILED);
                    failed(class, why, mark, is_known && self.weather.explains(begun))
                }
            }
        };
        self.progress.operation();
        heard
    }

    /// The number of a daemon that accepts connections now, beginning with `first`; waits for one.
    pub(crate) fn reach(&self, first: usize) -> usize {
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let count = self.fleet.replicas.len();
        let mut daemon = first;
        while Connection::open(self.fleet.replicas[daemon].address()).is_err() {
            thread::park_timeout(Duration::from_millis(1));
            daemon = TURN.fetch_add(1, Ordering::Relaxed) % count;
        }
        daemon
    }

    pub(crate) fn find(&self, sort: Sort, what: String, history: Vec<String>) {
        self.findings.add(Finding {
            sort,
            what,
            history,
        });
    }
}

/// The message of a daemon whose state failed.
const STATE_FAILED: &str = "the image state failed";

/// How long a client waits after a failure: otherwise it would do little else while the database is
/// down.
const AFTER_A_FAILURE: Duration = Duration::from_millis(100);

/// The kind of request whose response may end in an error.
pub(crate) const LOAD: &str = "load";
