use std::collections::VecDeque;

use serde_json::{Value, json};
use sockerless_testkit::http::{Request, Response, escaped};
use sockerless_testkit::image::Image;

use crate::answer::{Failure, Heard};
use crate::design::{Designs, Form, archive};
use crate::finding::Sort;
use crate::random::Random;
use crate::run::{Arena, LOAD};
use crate::saved;
use crate::settling::Mark;
use crate::shown::{self, sorted, strings, text};
use crate::slot::{CONTAINERS, Change, IMAGES, Meaning, NAMES, Presence, Shown, State, Word};

/// Lines of a slot's history that are kept.
const HISTORY: usize = 60;

/// Somebody who does everything at random, one request after the other.
#[derive(Debug)]
pub(crate) struct Client<'a> {
    arena: &'a Arena<'a>,
    random: Random,
    slots: Vec<Slot>,
}

/// Names, images and containers that nobody else has.
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) label: String,
    pub(crate) images: Vec<Image>,
    pub(crate) known: Known,
    form: Form,
    history: VecDeque<String>,
}

/// What is known of a slot.
#[derive(Debug)]
pub(crate) enum Known {
    Surely(State),
    /// One of these, once the mark has passed.
    OneOf(Vec<State>, Mark),
    /// Something was found in it.
    Spoiled,
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
            Slot {
                label,
                images,
                known: Known::Surely(State::empty()),
                form,
                history: VecDeque::new(),
            }
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

    /// Does one thing.
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

    /// Takes away what has no name, of all clients.
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

    /// Reads what has happened until now.
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
    /// The answer, when it has one of these statuses. Others are found, and so is a failure that
    /// nothing explains.
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

impl Slot {
    pub(crate) fn name(&self, name: usize) -> String {
        format!("torture/{}:t{name}", self.label)
    }

    fn container(&self, container: usize) -> String {
        format!("{}-{container}", self.label)
    }

    fn word(&self, word: Word) -> String {
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

    fn note(&mut self, line: String) {
        if self.history.len() == HISTORY {
            self.history.pop_front();
        }
        self.history.push_back(line);
    }

    /// Notes something that must not be; nothing more is done here afterwards.
    pub(crate) fn spoil(&mut self, arena: &Arena<'_>, sort: Sort, what: String) {
        arena.find(sort, format!("{}: {what}", self.label), self.history());
        self.known = Known::Spoiled;
    }

    fn change(&mut self, arena: &Arena<'_>, daemon: usize, state: &State, random: &mut Random) {
        let change = self.choose(state, random);
        let (kind, request) = self.request(&change, state, random);
        let heard = arena.call(kind, daemon, &request);
        let at = arena.progress.operations();
        let line = format!("{at}: daemon {daemon}: {change:?}");
        match heard {
            Heard::NotSent => {}
            Heard::Failed(failure) => {
                self.note(format!("{line}: {}", failure.why));
                self.failed(arena, daemon, kind, state.possible_after(&change), &failure);
            }
            Heard::Answer(response) => {
                self.note(format!("{line}: {}", response.status));
                self.answered(arena, daemon, state, &change, &response);
            }
        }
    }

    fn failed(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        kind: &str,
        possible: Vec<State>,
        failure: &Failure,
    ) {
        if !failure.is_explained {
            let what = format!("{}: daemon {daemon}: {kind}: {}", self.label, failure.why);
            arena.find(Sort::Unexplained, what, self.history());
        }
        self.known = Known::OneOf(possible, failure.mark);
    }

    fn answered(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        state: &State,
        change: &Change,
        response: &Response,
    ) {
        let outcomes = state.outcomes(change);
        let outcome = outcomes.iter().find(|it| it.status == response.status);
        let Some(outcome) = outcome else {
            let sort = match response.status {
                404 => Sort::Lost,
                _ => Sort::Contradiction,
            };
            let allowed: Vec<_> = outcomes.iter().map(|outcome| outcome.status).collect();
            let (status, text) = (response.status, response.text());
            let text = text.trim_end();
            let what = format!(
                "daemon {daemon}: {change:?}: {status} {text}, not {allowed:?} in {state:?}"
            );
            return self.spoil(arena, sort, what);
        };
        if let Change::Load(images) = change {
            let text = response.text();
            let missing = images.iter().find(|(image, _)| {
                let id = self.images[*image].id();
                !text.contains(&format!("Loaded image ID: {id}"))
            });
            if missing.is_some() {
                let what = format!("daemon {daemon}: {change:?} says only {text}");
                return self.spoil(arena, Sort::Contradiction, what);
            }
        }
        self.known = Known::Surely(outcome.state.clone());
    }

    fn choose(&self, state: &State, random: &mut Random) -> Change {
        let name = random.below(NAMES);
        let container = random.below(CONTAINERS);
        let word = match random.chance(50) {
            true => Word::Name(random.below(NAMES)),
            false => Word::Id(random.below(IMAGES)),
        };
        let is_empty = state.images.iter().all(|image| *image == Presence::Absent);
        match random.below(100) {
            roll if roll < 35 || is_empty => {
                let image = random.below(IMAGES);
                let mut images = vec![(image, Vec::new())];
                let mut free: Vec<_> = (0..NAMES).collect();
                random.shuffle(&mut free);
                for _ in 0..random.below(3) {
                    images[0].1.extend(free.pop());
                }
                if random.chance(20) {
                    let other = (image + 1 + random.below(IMAGES - 1)) % IMAGES;
                    images.push((other, free.pop().into_iter().collect()));
                }
                Change::Load(images)
            }
            35..60 => Change::Tag { source: word, name },
            60..80 => Change::Remove {
                word,
                force: random.chance(40),
            },
            80..83 => Change::Prune,
            83..93 => Change::Create {
                container,
                source: word,
            },
            _ => Change::Destroy { container },
        }
    }

    fn request(
        &self,
        change: &Change,
        state: &State,
        random: &mut Random,
    ) -> (&'static str, Request) {
        match change {
            Change::Load(images) => {
                let body = self.archive(images, state, random);
                (LOAD, Request::post("/images/load?quiet=1").body(body))
            }
            Change::Tag { source, name } => {
                let (source, tag) = (self.word(*source), self.name(*name));
                let (repository, tag) = tag.split_once(':').unwrap_or_default();
                let target = format!(
                    "/images/{}/tag?repo={}&tag={tag}",
                    escaped(&source),
                    escaped(repository)
                );
                ("tag", Request::post(&target))
            }
            Change::Remove { word, force } => {
                let word = escaped(&self.word(*word));
                let target = format!("/images/{word}?force={}", u8::from(*force));
                ("remove", Request::new("DELETE", &target))
            }
            Change::Prune => {
                let filters = json!({
                    "dangling": ["false"], "label": [format!("torture={}", self.label)],
                });
                let target = format!("/images/prune?filters={}", escaped(&filters.to_string()));
                ("prune", Request::post(&target))
            }
            Change::Create { container, source } => {
                let target = format!("/containers/create?name={}", self.container(*container));
                let body = json!({"Image": self.word(*source)}).to_string();
                let request = Request::post(&target).header("Content-Type", "application/json");
                ("create container", request.body(body))
            }
            Change::Destroy { container } => {
                let target = format!("/containers/{}", self.container(*container));
                ("remove container", Request::new("DELETE", &target))
            }
        }
    }

    /// The archive of a load, sometimes without layers that are there for certain.
    fn archive(
        &self,
        images: &[(usize, Vec<usize>)],
        state: &State,
        random: &mut Random,
    ) -> Vec<u8> {
        let here = (0..IMAGES).filter(|image| state.images[*image] == Presence::Present);
        let here: Vec<_> = here.flat_map(|image| &self.images[image].layers).collect();
        let leaves_out = random.chance(50);
        let named = images.iter().map(|(image, names)| {
            let names = names.iter().map(|name| self.name(*name)).collect();
            (&self.images[*image], names)
        });
        let named: Vec<_> = named.collect();
        archive(self.form, &named, |layer| {
            leaves_out && here.contains(&layer)
        })
    }

    fn inspect(&mut self, arena: &Arena<'_>, daemon: usize, state: &State, random: &mut Random) {
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

    /// Whether an inspection shows an image as it is.
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

    fn save(&mut self, arena: &Arena<'_>, daemon: usize, state: &State, random: &mut Random) {
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

    /// Saves an image that is there for certain, and looks at every byte. False when a fault was in
    /// the way.
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
    fn list(&mut self, arena: &Arena<'_>, daemon: usize, state: &State) {
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
    fn resolve(&mut self, arena: &Arena<'_>, daemon: usize) {
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

    /// What a daemon's lists show of this slot.
    pub(crate) fn shown(
        &self,
        images: &shown::Images,
        containers: &std::collections::BTreeMap<String, String>,
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

    /// Takes over what is shown if it is one of the possible states.
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
