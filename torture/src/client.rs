use sockerless_testkit::http::{Request, Response};

use crate::answer::Heard;
use crate::design::{Designs, Form};
use crate::finding::Sort;
use crate::own::{Known, Slot};
use crate::random::Random;
use crate::run::Arena;
use crate::shown;
use crate::slot::IMAGES;

/// A client that does random operations, one request after the other.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    arena: &'a Arena<'a>,
    random: Random,
    slots: Vec<Slot>,
}

impl<'a> Client<'a> {
    pub(crate) fn new(arena: &'a Arena<'a>, designs: &Designs, number: usize) -> Self {
        let slot = |at: usize| {
            let label = format!("c{number:02}-s{at}");
            let images = designs.images(&label, number * arena.plan.slots + at, IMAGES);
            let form = if at.is_multiple_of(2) {
                Form::Docker
            } else {
                Form::Oci
            };
            Slot::new(label, images, form)
        };
        Self {
            arena,
            random: Random::branch(arena.plan.seed, number),
            slots: (0..arena.plan.slots).map(slot).collect(),
        }
    }

    pub(crate) fn into_slots(self) -> Vec<Slot> {
        self.slots
    }

    /// Does one operation.
    pub(crate) fn step(&mut self) {
        let daemon = self.random.below(self.arena.fleet.replicas.len());
        let daemon = self.arena.reach(daemon);
        match self.random.below(100) {
            0..15 => self.arena.common.step(self.arena, daemon, &mut self.random),
            15..18 => self.prune_all(daemon),
            18..21 => self.list_all(daemon),
            21..23 => self.events(daemon),
            _ => self.own(daemon),
        }
    }

    fn own(&mut self, daemon: usize) {
        let at = self.random.below(self.slots.len());
        let (arena, random) = (self.arena, &mut self.random);
        let slot = &mut self.slots[at];
        match &slot.known {
            Known::Spoiled => {}
            Known::OneOf(_, mark) => {
                if arena.fleet.replicas[mark.daemon].barriers.has_passed(*mark) {
                    slot.resolve(arena, daemon);
                }
            }
            Known::Surely(state) => {
                let state = state.clone();
                match random.below(10) {
                    0..2 => slot.inspect(arena, daemon, &state, random),
                    2 => slot.save(arena, daemon, &state, random),
                    3 => slot.list(arena, daemon, &state),
                    _ => slot.change(arena, daemon, &state, random),
                }
            }
        }
    }

    /// Removes images without a name, of all clients.
    fn prune_all(&mut self, daemon: usize) {
        let heard = self
            .arena
            .call("prune", daemon, &Request::post("/images/prune"));
        self.arena.expect("prune", daemon, heard, &[200, 409]);
    }

    /// Looks for everything of this client in the list of all.
    fn list_all(&mut self, daemon: usize) {
        let heard = self
            .arena
            .call("list", daemon, &Request::get("/images/json?all=1"));
        let list = self.arena.expect("list", daemon, heard, &[200]);
        let heard = self
            .arena
            .call("list", daemon, &Request::get("/containers/json?all=1"));
        let containers = self.arena.expect("list containers", daemon, heard, &[200]);
        let (Some(list), Some(containers)) = (list, containers) else {
            return;
        };
        let images = match shown::images(&list.json()) {
            Ok(images) => images,
            Err(fault) => {
                return self.arena.find(Sort::Contradiction, fault, Vec::new());
            }
        };
        let containers = shown::containers(&containers.json());
        for slot in &mut self.slots {
            if let Known::Surely(state) = &slot.known {
                let state = state.clone();
                let seen = slot.shown(&images, &containers);
                slot.note(format!("daemon {daemon}: list of all"));
                slot.compare(self.arena, &[state], &seen, daemon);
            }
        }
    }

    /// Reads all events until now.
    fn events(&mut self, daemon: usize) {
        let since_ever = Request::get("/events?since=1&until=0s");
        let heard = self.arena.call("events", daemon, &since_ever);
        if let Some(response) = self.arena.expect("events", daemon, heard, &[200])
            && let Err(fault) = shown::check_events(&response.text())
        {
            let what = format!("daemon {daemon}: {fault}");
            self.arena.find(Sort::Contradiction, what, Vec::new());
        }
    }
}

impl Arena<'_> {
    /// The response, when it has one of these statuses. Other statuses are findings, and so is a
    /// failure without an explanation.
    pub(crate) fn expect(
        &self,
        what: &str,
        daemon: usize,
        heard: Heard,
        statuses: &[u16],
    ) -> Option<Response> {
        match heard {
            Heard::Answer(response) if statuses.contains(&response.status) => Some(response),
            Heard::Answer(response) => {
                let (status, text) = (response.status, response.text());
                let what = format!("daemon {daemon}: {what}: {status} {}", text.trim_end());
                self.find(Sort::Contradiction, what, Vec::new());
                None
            }
            Heard::Failed(failure) => {
                if !failure.is_explained {
                    let what = format!("daemon {daemon}: {what}: {}", failure.why);
                    self.find(Sort::Unexplained, what, Vec::new());
                }
                None
            }
            Heard::NotSent => None,
        }
    }
}
