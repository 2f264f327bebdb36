//! Goes through images in order, a page at a time, and looks up the next page meanwhile.

use std::collections::VecDeque;
use std::sync::Arc;

use sockerless_reference::Digest;
use sockerless_state::{Found, ListPosition};
use tokio::task::JoinHandle;

use crate::{Error, Images};

/// Places that are fetched at a time.
const PLACES: usize = 1024;

/// Images that one look-up asks for.
const PAGE: usize = 64;

/// Look-ups that run while the images of the previous one are processed.
const AHEAD: usize = 2;

/// Bytes of configs in a page after which the next ones are looked up only when they are asked
/// for: what waits takes memory.
const LARGE: usize = 256 << 10;

/// All images, or some, one after the other in the order of their places. An image that is removed
/// meanwhile is left out; one that is added may be.
#[derive(Debug)]
pub(crate) struct Walk {
    images: Images,
    /// Places whose images were not requested yet.
    places: VecDeque<ListPosition>,
    /// The place after which there may be more; `None` when all are known.
    beyond: Option<Option<ListPosition>>,
    /// Running look-ups, in order.
    asked: VecDeque<LookUp>,
    /// What is left of a page that ended early, because its configs are large. It comes before
    /// `asked`.
    rest: Vec<Digest>,
    /// How many look-ups may run at once.
    ahead: usize,
}

/// A look-up in a task of its own: a store may work on the thread of its caller.
#[derive(Debug)]
struct LookUp {
    ids: Vec<Digest>,
    found: JoinHandle<Result<Vec<Found>, sockerless_state::Error>>,
}

impl Images {
    /// All images, the newest first.
    pub(crate) fn walk(&self) -> Walk {
        Walk {
            images: self.clone(),
            places: VecDeque::new(),
            beyond: Some(None),
            asked: VecDeque::new(),
            rest: Vec::new(),
            ahead: 1,
        }
    }

    /// The images with these places.
    pub(crate) fn walk_through(&self, places: Vec<ListPosition>) -> Walk {
        Walk {
            images: self.clone(),
            places: places.into(),
            beyond: None,
            asked: VecDeque::new(),
            rest: Vec::new(),
            ahead: 1,
        }
    }
}

impl Walk {
    /// Returns the next images. Empty only at the end.
    ///
    /// # Errors
    /// Those of the state.
    pub(crate) async fn next_page(&mut self) -> Result<Vec<Found>, Error> {
        loop {
            if !self.rest.is_empty() {
                let rest = std::mem::take(&mut self.rest);
                let rest = self.look_up(rest);
                self.asked.push_front(rest);
            }
            self.ask_ahead(self.ahead.max(1)).await?;
            let Some(LookUp { ids, found }) = self.asked.pop_front() else {
                return Ok(Vec::new());
            };
            let found = found.await.map_err(|error| {
                Error::internal("the task that looks up images has panicked").with_source(error)
            })??;
            let rest = ids.get(seen(&ids, &found)..).unwrap_or_default();
            self.rest = rest.to_vec();
            if !found.is_empty() {
                let configs = found.iter().map(|found| found.config.len());
                self.ahead = match configs.sum::<usize>() > LARGE {
                    true => 0,
                    false => AHEAD,
                };
                self.ask_ahead(self.ahead).await?;
                return Ok(found);
            }
        }
    }

    async fn ask_ahead(&mut self, ahead: usize) -> Result<(), Error> {
        while self.asked.len() < ahead {
            if self.places.is_empty() && !self.look_beyond().await? {
                break;
            }
            let next = self.places.len().min(PAGE);
            let ids = self.places.drain(..next).map(ListPosition::id).collect();
            self.asked.push_back(self.look_up(ids));
        }
        Ok(())
    }

    fn look_up(&self, ids: Vec<Digest>) -> LookUp {
        let (state, wanted) = (Arc::clone(&self.images.state), ids.clone());
        LookUp {
            ids,
            found: tokio::spawn(async move { state.with_ids(&wanted).await }),
        }
    }

    async fn look_beyond(&mut self) -> Result<bool, Error> {
        let Some(after) = self.beyond else {
            return Ok(false);
        };
        let places = self.images.state.places(after, PLACES).await?;
        self.beyond = places.last().map(|last| Some(*last));
        self.places = places.into();
        Ok(!self.places.is_empty())
    }
}

/// How many of `ids` a result covers: all when it is empty, because then none of them exists.
fn seen(ids: &[Digest], found: &[Found]) -> usize {
    let last = found.last().map(|found| found.image.id);
    let last = ids.iter().position(|id| Some(*id) == last);
    last.map_or(ids.len(), |index| index + 1)
}
