//! Changes by a slot's client.

use serde_json::json;
use sockerless_testkit::http::{Request, Response, escaped};

use super::{Known, Slot};
use crate::answer::{Failure, Heard};
use crate::design::archive;
use crate::finding::Sort;
use crate::random::Random;
use crate::run::{Arena, LOAD};
use crate::slot::{CONTAINERS, Change, IMAGES, NAMES, Presence, State, Word};

impl Slot {
    pub(crate) fn change(
        &mut self,
        arena: &Arena<'_>,
        daemon: usize,
        state: &State,
        random: &mut Random,
    ) {
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
}
