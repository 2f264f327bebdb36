//! The checks after all faults: the responses of every daemon, compared with the others and the
//! model.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use sockerless_testkit::http::{Connection, Request, escaped};

use crate::finding::Sort;
use crate::own::{Known, Slot};
use crate::run::Arena;
use crate::shown::{self, text};
use crate::slot::{NAMES, State};

/// How long the daemons may take to recover.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long an event may be delayed that a daemon could not publish at once.
const LATE: Duration = Duration::from_secs(30);

/// Threads that save at the same time.
const SAVERS: usize = 8;

/// The numbers of checked objects.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Checked {
    pub(crate) images: usize,
    pub(crate) names: usize,
    pub(crate) containers: usize,
    pub(crate) saved: usize,
    pub(crate) events: usize,
}

/// Everything that a daemon lists.
#[derive(Debug, PartialEq, Eq)]
struct Lists {
    images: shown::Images,
    containers: BTreeMap<String, String>,
}

pub(crate) fn check(arena: &Arena<'_>, mut slots: Vec<Slot>) -> Checked {
    arena.fleet.settle();
    let count = arena.fleet.replicas.len();
    for daemon in 0..count {
        wait_until_well(arena, daemon);
    }
    let lists: Vec<_> = (0..count).map(|daemon| lists(arena, daemon)).collect();
    for (daemon, other) in lists.iter().enumerate().skip(1) {
        if *other != lists[0] {
            let what = difference(&lists[0], other);
            let what = format!("daemon 0 and daemon {daemon} list other things: {what}");
            arena.find(Sort::Contradiction, what, Vec::new());
        }
    }
    for slot in &mut slots {
        let possible = match &slot.known {
            Known::Spoiled => continue,
            Known::Surely(state) => vec![state.clone()],
            Known::OneOf(possible, _) => possible.clone(),
        };
        let shown = slot.shown(&lists[0].images, &lists[0].containers);
        slot.compare(arena, &possible, &shown, 0);
    }
    strangers(arena, &slots, &lists[0]);
    let mut checked = Checked {
        images: lists[0].images.len(),
        names: lists[0].images.values().map(Vec::len).sum(),
        containers: lists[0].containers.len(),
        saved: 0,
        events: events(arena),
    };
    checked.saved = thread::scope(|scope| {
        let (slots, lists) = (&mut slots, &lists[0]);
        let common = scope.spawn(|| save_common(arena, lists));
        let share = slots.len().div_ceil(SAVERS).max(1);
        let own = slots.chunks_mut(share).map(|slots| {
            scope.spawn(|| {
                slots
                    .iter_mut()
                    .map(|slot| save_own(arena, slot))
                    .sum::<usize>()
            })
        });
        let all: Vec<_> = own.chain([common]).collect();
        let all = all.into_iter().map(|saver| saver.join());
        all.map(|saved| saved.expect("saving does not panic")).sum()
    });
    checked
}

/// Waits until a daemon lists images again. It may just have lost its connections.
fn wait_until_well(arena: &Arena<'_>, daemon: usize) {
    let address = arena.fleet.replicas[daemon].address();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let request = Request::get("/images/json?limit=1");
        let answer = Connection::open(address).and_then(|mut it| it.exchange(&request));
        match answer {
            Ok(response) if response.status == 200 => return,
            other => assert!(
                Instant::now() < deadline,
                "daemon {daemon} stays ill: {other:?}"
            ),
        }
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// The response of a daemon without faults.
fn get(arena: &Arena<'_>, kind: &'static str, daemon: usize, target: &str) -> Option<Vec<u8>> {
    let heard = arena.call(kind, daemon, &Request::get(target));
    let response = arena.expect(&format!("at the end: {target}"), daemon, heard, &[200]);
    if response.is_none() {
        let what = format!("daemon {daemon} does not answer GET {target} at the end");
        arena.find(Sort::Contradiction, what, Vec::new());
    }
    response.map(|response| response.body)
}

fn json(bytes: Option<Vec<u8>>) -> Value {
    let bytes = bytes.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}

fn lists(arena: &Arena<'_>, daemon: usize) -> Lists {
    let images = shown::images(&json(get(arena, "list", daemon, "/images/json?all=1")));
    let containers = json(get(arena, "list", daemon, "/containers/json?all=1"));
    Lists {
        images: images.unwrap_or_else(|fault| {
            arena.find(
                Sort::Contradiction,
                format!("daemon {daemon}: {fault}"),
                Vec::new(),
            );
            shown::Images::new()
        }),
        containers: shown::containers(&containers),
    }
}

fn difference(one: &Lists, other: &Lists) -> String {
    let only = |one: &Lists, other: &Lists| {
        let images = one.images.iter();
        let images = images.filter(|(id, names)| other.images.get(*id) != Some(*names));
        let containers = one.containers.iter();
        let containers = containers.filter(|(name, id)| other.containers.get(*name) != Some(*id));
        format!(
            "{:?} {:?}",
            images.collect::<Vec<_>>(),
            containers.collect::<Vec<_>>()
        )
    };
    format!("{} against {}", only(one, other), only(other, one))
}

/// Looks for objects that no client can have made.
fn strangers(arena: &Arena<'_>, slots: &[Slot], lists: &Lists) {
    let mut owners = BTreeMap::new();
    for slot in slots {
        owners.extend(slot.images.iter().map(|image| (image.id(), Some(slot))));
    }
    for (id, names) in &lists.images {
        let known: Vec<String> = match owners.get(id) {
            Some(Some(slot)) => (0..NAMES).map(|name| slot.name(name)).collect(),
            _ if arena.common.image(id).is_some() => arena.common.names(),
            _ => {
                arena.find(Sort::Invented, format!("nobody loaded {id}"), Vec::new());
                continue;
            }
        };
        for name in names.iter().filter(|name| !known.contains(name)) {
            let what = format!("nobody called {id} {name}");
            arena.find(Sort::Invented, what, Vec::new());
        }
    }
}

/// Inspects and saves every named image of a slot from every daemon.
fn save_own(arena: &Arena<'_>, slot: &mut Slot) -> usize {
    let mut count = 0;
    for daemon in 0..arena.fleet.replicas.len() {
        for name in 0..NAMES {
            let Known::Surely(state) = &slot.known else {
                return count;
            };
            let state: State = state.clone();
            let Some(image) = state.names[name] else {
                continue;
            };
            let asked = slot.name(name);
            let target = format!("/images/{}/json", escaped(&asked));
            let shown = json(get(arena, "inspect", daemon, &target));
            if let Err(fault) = slot.is_shown(&shown, &state, image) {
                let what = format!("daemon {daemon} at the end: {asked}: {fault}");
                slot.spoil(arena, Sort::Contradiction, what);
            } else if slot.save_as(arena, daemon, &asked, image, std::slice::from_ref(&asked)) {
                count += 1;
            } else {
                let what = format!("daemon {daemon} does not save {asked} at the end");
                slot.spoil(arena, Sort::Lost, what);
            }
        }
    }
    count
}

fn save_common(arena: &Arena<'_>, lists: &Lists) -> usize {
    let mut count = 0;
    let listed: BTreeMap<_, _> = lists
        .images
        .iter()
        .flat_map(|(id, names)| names.iter().map(move |name| (name, id)))
        .collect();
    for daemon in 0..arena.fleet.replicas.len() {
        for name in &arena.common.names() {
            let Some(id) = listed.get(name) else { continue };
            let target = format!("/images/{}/json", escaped(name));
            let shown = json(get(arena, "inspect", daemon, &target));
            if text(&shown["Id"]) != **id {
                let what = format!("daemon {daemon}: {name} is {} and not {id}", shown["Id"]);
                arena.find(Sort::Contradiction, what, Vec::new());
            }
            let target = format!("/images/{}/get", escaped(name));
            if let Some(archive) = get(arena, "save", daemon, &target) {
                match arena.common.verify(&archive, name) {
                    Ok(()) => count += 1,
                    Err(fault) => {
                        let what = format!("daemon {daemon}: saved {name} at the end: {fault}");
                        arena.find(Sort::Contradiction, what, Vec::new());
                    }
                }
            }
        }
    }
    count
}

/// Compares the events of the daemons; returns their number. An event that could not be published
/// while the database was down may still arrive.
fn events(arena: &Arena<'_>) -> usize {
    let deadline = Instant::now() + LATE;
    let told = || (0..arena.fleet.replicas.len()).map(|daemon| told(arena, daemon));
    let mut all: Vec<_> = told().collect();
    while all.iter().any(|other| *other != all[0]) && Instant::now() < deadline {
        thread::park_timeout(Duration::from_millis(100));
        all = told().collect();
    }
    for (daemon, other) in all.iter().enumerate().skip(1) {
        if *other != all[0] {
            let at = other
                .iter()
                .zip(&all[0])
                .take_while(|(one, other)| one == other);
            let at = at.count();
            let what = format!(
                "daemon 0 tells {} events and daemon {daemon} {}; the first that differs is {at}: \
                 {:?} and {:?}",
                all[0].len(),
                other.len(),
                all[0].get(at),
                other.get(at),
            );
            arena.find(Sort::Contradiction, what, Vec::new());
        }
    }
    all[0].len()
}

/// The events of a daemon, each as its line.
fn told(arena: &Arena<'_>, daemon: usize) -> Vec<String> {
    let body = get(arena, "events", daemon, "/events?since=1&until=0s").unwrap_or_default();
    let text = String::from_utf8_lossy(&body).into_owned();
    if let Err(fault) = shown::check_events(&text) {
        let what = format!("daemon {daemon} at the end: {fault}");
        arena.find(Sort::Contradiction, what, Vec::new());
    }
    text.lines().map(str::to_owned).collect()
}
