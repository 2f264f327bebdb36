//! The model of a few names, images and containers that belong to one client.
//!
//! Nothing here sends requests: a [`State`] and a [`Change`] give the allowed responses and the
//! state after each of them.

/// Names of a slot.
pub(crate) const NAMES: usize = 3;
/// Images of a slot.
pub(crate) const IMAGES: usize = 4;
/// Containers of a slot.
pub(crate) const CONTAINERS: usize = 2;

/// Whether an image exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Absent,
    /// It has no name and no container: it exists until some client prunes.
    Fading,
    Present,
}

/// The state of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct State {
    /// Which image each name means.
    pub(crate) names: [Option<usize>; NAMES],
    /// Which image each container was created from, whether that still exists or not.
    pub(crate) containers: [Option<usize>; CONTAINERS],
    pub(crate) images: [Presence; IMAGES],
}

/// How a client names an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Word {
    Name(usize),
    Id(usize),
}

/// A change that a client requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// Loads images, each with the names that it gets.
    Load(Vec<(usize, Vec<usize>)>),
    Tag {
        source: Word,
        name: usize,
    },
    Remove {
        word: Word,
        force: bool,
    },
    /// Removes every image of the slot that no container uses.
    Prune,
    Create {
        container: usize,
        source: Word,
    },
    Destroy {
        container: usize,
    },
}

/// An allowed response, and the state after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) status: u16,
    pub(crate) state: State,
}

/// What a word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    Nothing,
    /// That image, if no client has pruned it.
    Perhaps(usize),
    Surely(usize),
}

/// The content of a slot as a daemon shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) names: [Option<usize>; NAMES],
    pub(crate) containers: [Option<usize>; CONTAINERS],
    pub(crate) images: [bool; IMAGES],
}

impl State {
    pub(crate) fn empty() -> Self {
        Self {
            names: [None; NAMES],
            containers: [None; CONTAINERS],
            images: [Presence::Absent; IMAGES],
        }
    }

    /// The names of an image.
    pub(crate) fn names_of(&self, image: usize) -> Vec<usize> {
        (0..NAMES)
            .filter(|name| self.names[*name] == Some(image))
            .collect()
    }

    pub(crate) fn meaning(&self, word: Word) -> Meaning {
        let image = match word {
            Word::Name(name) => self.names[name],
            Word::Id(image) => Some(image),
        };
        match image.map(|image| (image, self.images[image])) {
            None | Some((_, Presence::Absent)) => Meaning::Nothing,
            Some((image, Presence::Fading)) => Meaning::Perhaps(image),
            Some((image, Presence::Present)) => Meaning::Surely(image),
        }
    }

    /// The allowed responses.
    pub(crate) fn outcomes(&self, change: &Change) -> Vec<Outcome> {
        match change {
            Change::Load(images) => {
                let loaded = self.with(|state| {
                    for (image, names) in images {
                        state.images[*image] = Presence::Present;
                        for name in names {
                            state.names[*name] = Some(*image);
                        }
                    }
                });
                vec![loaded.answered(200)]
            }
            Change::Tag { source, name } => self.of(*source, |state, image| {
                let tagged = state.with(|state| {
                    state.images[image] = Presence::Present;
                    state.names[*name] = Some(image);
                });
                vec![tagged.answered(201)]
            }),
            Change::Remove { word, force } => self.of(*word, |state, image| {
                vec![state.removed(*word, image, *force)]
            }),
            Change::Prune => {
                let pruned = self.with(|state| {
                    for image in self.prunable() {
                        state.lose(image);
                    }
                });
                // 409 while another client prunes.
                vec![pruned.answered(200), self.answered(409)]
            }
            Change::Create { container, source } => self.of(*source, |state, image| {
                if state.containers[*container].is_some() {
                    return vec![state.answered(409)];
                }
                let created = state.with(|state| {
                    state.images[image] = Presence::Present;
                    state.containers[*container] = Some(image);
                });
                vec![created.answered(201)]
            }),
            Change::Destroy { container } => {
                let status = match self.containers[*container] {
                    Some(_) => 204,
                    None => 404,
                };
                let destroyed = self.with(|state| state.containers[*container] = None);
                vec![destroyed.answered(status)]
            }
        }
    }

    /// The possible states when the outcome of a change is not known, this one first.
    pub(crate) fn possible_after(&self, change: &Change) -> Vec<Self> {
        let mut possible = vec![self.clone()];
        if *change == Change::Prune {
            // It removes one image after the other.
            for image in self.prunable() {
                for state in possible.clone() {
                    possible.push(state.with(|state| state.lose(image)));
                }
            }
        } else {
            let outcomes = self.outcomes(change);
            possible.extend(outcomes.into_iter().map(|outcome| outcome.state));
        }
        possible.dedup();
        possible
    }

    /// The state when a daemon shows this; `None` when it contradicts this state.
    pub(crate) fn seen(&self, shown: &Shown) -> Option<Self> {
        let mut state = self.clone();
        for (presence, shown) in state.images.iter_mut().zip(shown.images) {
            match (*presence, shown) {
                (Presence::Absent, true) | (Presence::Present, false) => return None,
                (Presence::Fading, false) => *presence = Presence::Absent,
                _ => {}
            }
        }
        (self.names == shown.names && self.containers == shown.containers).then_some(state)
    }

    /// The state when an image turned out to be removed.
    pub(crate) fn without(&self, image: usize) -> Self {
        self.with(|state| state.lose(image))
    }

    /// A change of the image that a word means: 404 when there is none.
    fn of(&self, word: Word, change: impl Fn(&Self, usize) -> Vec<Outcome>) -> Vec<Outcome> {
        match self.meaning(word) {
            Meaning::Nothing => vec![self.answered(404)],
            Meaning::Surely(image) => change(self, image),
            Meaning::Perhaps(image) => {
                let mut outcomes = change(self, image);
                outcomes.push(self.without(image).answered(404));
                outcomes
            }
        }
    }

    fn removed(&self, word: Word, image: usize, force: bool) -> Outcome {
        let names = self.names_of(image);
        match word {
            Word::Name(name) => {
                let is_last = names.len() == 1;
                if is_last && !force && self.is_held(image) {
                    return self.answered(409);
                }
                let untagged = self.with(|state| {
                    state.names[name] = None;
                    if is_last {
                        state.lose(image);
                    }
                });
                untagged.answered(200)
            }
            Word::Id(_) => {
                if !force && (names.len() > 1 || self.is_held(image)) {
                    return self.answered(409);
                }
                self.without(image).answered(200)
            }
        }
    }

    fn prunable(&self) -> Vec<usize> {
        let is_here = |image: &usize| self.images[*image] != Presence::Absent;
        let free = (0..IMAGES).filter(|image| !self.is_held(*image));
        free.filter(is_here).collect()
    }

    fn is_held(&self, image: usize) -> bool {
        self.containers.contains(&Some(image))
    }

    fn lose(&mut self, image: usize) {
        self.images[image] = Presence::Absent;
        for name in &mut self.names {
            if *name == Some(image) {
                *name = None;
            }
        }
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut state = self.clone();
        change(&mut state);
        for image in 0..IMAGES {
            if state.images[image] != Presence::Absent {
                let stays = state.names.contains(&Some(image)) || state.is_held(image);
                state.images[image] = if stays {
                    Presence::Present
                } else {
                    Presence::Fading
                };
            }
        }
        state
    }

    fn answered(&self, status: u16) -> Outcome {
        Outcome {
            status,
            state: self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(state: &State, change: &Change, status: u16) -> State {
        let outcomes = state.outcomes(change);
        let outcome = outcomes.iter().find(|outcome| outcome.status == status);
        let outcome = outcome.unwrap_or_else(|| panic!("no {status} in {outcomes:?}"));
        outcome.state.clone()
    }

    fn statuses(state: &State, change: &Change) -> Vec<u16> {
        state
            .outcomes(change)
            .iter()
            .map(|outcome| outcome.status)
            .collect()
    }

    fn remove(word: Word, force: bool) -> Change {
        Change::Remove { word, force }
    }

    #[test]
    fn a_name_that_moves_leaves_an_image_that_fades() {
        let one = after(&State::empty(), &Change::Load(vec![(0, vec![0])]), 200);
        assert_eq!(one.images[0], Presence::Present);
        let two = after(&one, &Change::Load(vec![(1, vec![0])]), 200);
        assert_eq!(two.images[..2], [Presence::Fading, Presence::Present]);
        let source = Word::Id(0);
        assert_eq!(statuses(&two, &Change::Tag { source, name: 1 }), [201, 404]);
        let gone = after(&two, &Change::Tag { source, name: 1 }, 404);
        assert_eq!(gone.images[0], Presence::Absent);
    }

    #[test]
    fn removing() {
        let load = Change::Load(vec![(0, vec![0, 1])]);
        let state = after(&State::empty(), &load, 200);
        assert_eq!(statuses(&state, &remove(Word::Id(0), false)), [409]);
        assert_eq!(
            after(&state, &remove(Word::Id(0), true), 200),
            State::empty()
        );
        let one = after(&state, &remove(Word::Name(0), false), 200);
        assert_eq!(one.images[0], Presence::Present);
        let create = Change::Create {
            container: 0,
            source: Word::Name(1),
        };
        let held = after(&one, &create, 201);
        assert_eq!(statuses(&held, &create), [409]);
        assert_eq!(statuses(&held, &remove(Word::Name(1), false)), [409]);
        assert_eq!(after(&held, &Change::Prune, 200), held);
        let forced = after(&held, &remove(Word::Name(1), true), 200);
        assert_eq!(forced.images[0], Presence::Absent);
        assert_eq!(forced.containers[0], Some(0));
        let back = after(&forced, &Change::Load(vec![(0, vec![])]), 200);
        assert_eq!(back.images[0], Presence::Present, "its container holds it");
    }

    #[test]
    fn a_pruning_that_broke_off_has_removed_any_of_them() {
        let load = Change::Load(vec![(0, vec![0]), (1, vec![1])]);
        let state = after(&State::empty(), &load, 200);
        assert_eq!(state.possible_after(&Change::Prune).len(), 4);
        assert_eq!(state.possible_after(&load).len(), 1);
    }

    #[test]
    fn what_is_shown_says_what_is_true() {
        let state = after(&State::empty(), &Change::Load(vec![(0, vec![])]), 200);
        let mut shown = Shown {
            names: [None; NAMES],
            containers: [None; CONTAINERS],
            images: [true, false, false, false],
        };
        assert_eq!(state.seen(&shown), Some(state.clone()));
        assert_eq!(State::empty().seen(&shown), None);
        shown.images[0] = false;
        assert_eq!(state.seen(&shown), Some(State::empty()));
        shown.names[0] = Some(0);
        assert_eq!(state.seen(&shown), None);
    }
}
