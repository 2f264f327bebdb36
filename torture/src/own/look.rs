//! Look-ups by a slot's client.

use serde_json::{Value, json};
use sockerless_testkit::http::{Request, escaped};

use super::{Known, Slot};
use crate::finding::Sort;
use crate::random::Random;
use crate::run::Arena;
use crate::saved;
use crate::shown::{self, sorted, strings, text};
use crate::slot::{IMAGES, Meaning, NAMES, State, Word};

impl Slot {
    pub(crate) fn inspect(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        state: &State,
        random: &mut Random,
    ) {
        let word = match random.chance(60) {
            true => Word::Name(random.below(NAMES)),
            false => Word::Id(random.below(IMAGES)),
        };
        let asked = self.word(word);
        let request = Request::get(&format!("/images/{}/json", escaped(&asked)));
        let heard = arena.call("inspect", daemon, &request);
        let meaning = state.meaning(word);
        let what = format!("{}: inspect {asked}, which is {meaning:?}", self.label);
        let Some(response) = arena.expect(&what, daemon, heard, &[200, 404]) else {
            return;
        };
        let at = arena.progress.operations();
        self.note(format!(
            "{at}: daemon {daemon}: inspect {word:?}: {}",
            response.status
        ));
        match (meaning, response.status) {
            (Meaning::Nothing, 404) => {}
            (Meaning::Perhaps(image), 404) => self.known = Known::Surely(state.without(image)),
            (Meaning::Surely(_), 404) => {
                self.spoil(arena, Sort::Lost, format!("daemon {daemon} has no {asked}"));
            }
            (Meaning::Nothing, _) => {
                self.spoil(
                    arena,
                    Sort::Invented,
                    format!("daemon {daemon} has {asked}"),
                );
            }
            (Meaning::Surely(image) | Meaning::Perhaps(image), _) => {
                if let Err(fault) = self.is_shown(&response.json(), state, image) {
                    let what = format!("daemon {daemon}: {asked}: {fault}");
                    self.spoil(arena, Sort::Contradiction, what);
                }
            }
        }
    }

    /// Whether an inspection shows an image correctly.
    pub(crate) fn is_shown(
        &self,
        shown: &Value,
        state: &State,
        image: usize,
    ) -> Result<(), String> {
        let expected = &self.images[image];
        let names = self.names_of(state, image);
        let (id, tags) = (text(&shown["Id"]), sorted(&shown["RepoTags"]));
        if id != expected.id() || tags != names {
            return Err(format!(
                "it is {id} with {tags:?}, not {} with {names:?}",
                expected.id()
            ));
        }
        if strings(&shown["RootFS"]["Layers"]) != expected.diff_ids() {
            return Err(format!("the layers are {}", shown["RootFS"]["Layers"]));
        }
        Ok(())
    }

    pub(crate) fn save(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        state: &State,
        random: &mut Random,
    ) {
        let named = (0..NAMES).filter_map(|name| Some((name, state.names[name]?)));
        let named: Vec<_> = named.collect();
        if named.is_empty() {
            return;
        }
        let (name, image) = named[random.below(named.len())];
        let (asked, names) = match random.chance(70) {
            true => (self.name(name), vec![self.name(name)]),
            false => (self.images[image].id(), Vec::new()),
        };
        self.save_as(arena, daemon, &asked, image, &names);
    }

    /// Saves an image that is there for certain, and checks every byte. False when a fault
    /// prevented it.
    pub(crate) fn save_as(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        asked: &str,
        image: usize,
        names: &[String],
    ) -> bool {
        let request = Request::get(&format!("/images/{}/get", escaped(asked)));
        let heard = arena.call("save", daemon, &request);
        let what = format!("{}: save {asked}", self.label);
        let Some(response) = arena.expect(&what, daemon, heard, &[200, 404]) else {
            return false;
        };
        let at = arena.progress.operations();
        self.note(format!(
            "{at}: daemon {daemon}: save {asked}: {}",
            response.status
        ));
        if response.status == 404 {
            self.spoil(
                arena,
                Sort::Lost,
                format!("daemon {daemon} has no {asked} to save"),
            );
        } else if let Err(fault) = saved::verify(&response.body, &self.images[image], names) {
            let what = format!("daemon {daemon}: saved {asked}: {fault}");
            self.spoil(arena, Sort::Contradiction, what);
        }
        true
    }

    /// Lists the images of the slot's repository.
    pub(crate) fn list(&mut self, arena: &Arena<'_>, daemon: usize, state: &State) {
        let filters = json!({"reference": [format!("torture/{}:*", self.label)]}).to_string();
        let request = Request::get(&format!("/images/json?filters={}", escaped(&filters)));
        let heard = arena.call("list", daemon, &request);
        let what = format!("{}: list", self.label);
        let Some(response) = arena.expect(&what, daemon, heard, &[200]) else {
            return;
        };
        let at = arena.progress.operations();
        self.note(format!("{at}: daemon {daemon}: list"));
        let expected = (0..IMAGES).filter(|image| !state.names_of(*image).is_empty());
        let expected = expected.map(|image| (self.images[image].id(), self.names_of(state, image)));
        let expected: shown::Images = expected.collect();
        match shown::images(&response.json()) {
            Ok(images) if images == expected => {}
            Ok(images) => {
                let sort = match images.len() < expected.len() {
                    true => Sort::Lost,
                    false => Sort::Contradiction,
                };
                let what = format!("daemon {daemon} lists {images:?}, not {expected:?}");
                self.spoil(arena, sort, what);
            }
            Err(fault) => self.spoil(arena, Sort::Contradiction, fault),
        }
    }

    /// Finds out which of several states is true.
    pub(crate) fn resolve(&mut self, arena: &Arena<'_>, daemon: usize) {
        let list = arena.call("list", daemon, &Request::get("/images/json?all=1"));
        let images = arena.expect("list", daemon, list, &[200]);
        let list = arena.call("list", daemon, &Request::get("/containers/json?all=1"));
        let containers = arena.expect("list containers", daemon, list, &[200]);
        let (Some(images), Some(containers)) = (images, containers) else {
            return;
        };
        let Known::OneOf(possible, _) = &self.known else {
            return;
        };
        let possible = possible.clone();
        match shown::images(&images.json()) {
            Ok(images) => {
                let shown = self.shown(&images, &shown::containers(&containers.json()));
                let at = arena.progress.operations();
                self.note(format!("{at}: daemon {daemon}: it is {shown:?}"));
                self.compare(arena, &possible, &shown, daemon);
            }
            Err(fault) => self.spoil(arena, Sort::Contradiction, fault),
        }
    }
}
