mod change;
mod look;

use std::collections::{BTreeMap, VecDeque};

use sockerless_testkit::image::Image;

use crate::design::Form;
use crate::finding::Sort;
use crate::run::Arena;
use crate::settling::Mark;
use crate::shown;
use crate::slot::{CONTAINERS, IMAGES, NAMES, Presence, Shown, State, Word};

/// Lines of a slot's history that are kept.
const HISTORY: usize = 60;

/// Names, images and containers that only one client has.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) label: String,
    pub(crate) images: Vec<Image>,
    pub(crate) known: Known,
    pub(super) form: Form,
    history: VecDeque<String>,
}

/// What is known of a slot.
#[derive(Debug)]
pub(crate) enum Known {
    Surely(State),
    /// One of these, once the mark has passed.
    OneOf(Vec<State>, Mark),
    /// A finding has spoiled it.
    Spoiled,
}

impl Slot {
    pub(crate) fn new(label: String, images: Vec<Image>, form: Form) -> Self {
        Self {
            label,
            images,
            known: Known::Surely(State::empty()),
            form,
            history: VecDeque::new(),
        }
    }

    pub(crate) fn name(&self, name: usize) -> String {
        format!("torture/{}:t{name}", self.label)
    }

    pub(super) fn container(&self, container: usize) -> String {
        format!("{}-{container}", self.label)
    }

    pub(super) fn word(&self, word: Word) -> String {
        match word {
            Word::Name(name) => self.name(name),
            Word::Id(image) => self.images[image].id(),
        }
    }

    fn index(&self, id: &str) -> Option<usize> {
        self.images.iter().position(|image| image.id() == id)
    }

    /// The names of an image, in order.
    pub(crate) fn names_of(&self, state: &State, image: usize) -> Vec<String> {
        let names = state.names_of(image).into_iter();
        names.map(|name| self.name(name)).collect()
    }

    pub(crate) fn history(&self) -> Vec<String> {
        self.history.iter().cloned().collect()
    }

    pub(super) fn note(&mut self, line: String) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(line);
    }

    /// Records a finding; the slot is not used afterwards.
    pub(crate) fn spoil(&mut self, arena: &Arena<'_>, sort: Sort, what: String) {
        arena.find(sort, format!("{}: {what}", self.label), self.history());
        self.known = Known::Spoiled;
    }

    /// The part of a daemon's lists that belongs to this slot.
    pub(crate) fn shown(
        &self,
        images: &shown::Images,
        containers: &BTreeMap<String, String>,
    ) -> Shown {
        let mut shown = Shown {
            names: [None; NAMES],
            containers: [None; CONTAINERS],
            images: [false; IMAGES],
        };
        for (at, image) in self.images.iter().enumerate() {
            let names = images.get(&image.id());
            shown.images[at] = names.is_some();
            for name in 0..NAMES {
                if names.is_some_and(|names| names.contains(&self.name(name))) {
                    shown.names[name] = Some(at);
                }
            }
        }
        for container in 0..CONTAINERS {
            let image = containers.get(&self.container(container));
            shown.containers[container] = image.and_then(|id| self.index(id));
        }
        shown
    }

    /// Adopts the shown state if it is one of the possible states.
    pub(crate) fn compare(
        &mut self,
        arena: &Arena<'_>,
        possible: &[State],
        shown: &Shown,
        daemon: usize,
    ) {
        let mut seen = possible.iter().filter_map(|state| state.seen(shown));
        match seen.next() {
            Some(state) => self.known = Known::Surely(state),
            None => {
                let sort = sort_of(possible, shown);
                let what = format!("daemon {daemon} shows {shown:?}, not one of {possible:?}");
                self.spoil(arena, sort, what);
            }
        }
    }
}

/// Whether something is missing or too much.
fn sort_of(possible: &[State], shown: &Shown) -> Sort {
    let count = |shown: &Shown| {
        let names = shown.names.iter().flatten().count();
        let containers = shown.containers.iter().flatten().count();
        names + containers + shown.images.iter().filter(|is_here| **is_here).count()
    };
    let counts = possible.iter().map(|state| {
        let images = state.images.map(|image| image == Presence::Present);
        let (names, containers) = (state.names, state.containers);
        count(&Shown {
            names,
            containers,
            images,
        })
    });
    match (counts.clone().min(), counts.max()) {
        (Some(least), _) if count(shown) < least => Sort::Lost,
        (_, Some(most)) if count(shown) > most => Sort::Invented,
        _ => Sort::Contradiction,
    }
}
