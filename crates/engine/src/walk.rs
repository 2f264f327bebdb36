use std::collections::VecDeque;
use std::sync::Arc;

use futures_util::future::try_join;
use sockerless_reference::Digest;
use sockerless_state::{Found, Place};

use crate::{Engine, Error, Kind};

/// Places that are fetched at a time.
const PLACES: usize = 1024;

/// Images that one look-up asks for. Two run at once.
const HALF: usize = 64;

/// All images, or some, one after the other in the order of their places. An image that goes
/// meanwhile is left out, and one that comes may be.
#[derive(Debug)]
pub(crate) struct Walk {
    engine: Engine,
    /// Not looked at yet.
    places: VecDeque<Place>,
    /// After which place there may be more; nothing when all are known.
    beyond: Option<Option<Place>>,
}

impl Engine {
    /// All images, the newest first.
    pub(crate) fn walk(&self) -> Walk {
        Walk {
            engine: self.clone(),
            places: VecDeque::new(),
            beyond: Some(None),
        }
    }

    /// The images with these places.
    pub(crate) fn walk_through(&self, places: Vec<Place>) -> Walk {
        Walk {
            engine: self.clone(),
            places: places.into(),
            beyond: None,
        }
    }
}

impl Walk {
    /// The next images. Empty at the end only.
    ///
    /// # Errors
    /// Those of the state.
    pub(crate) async fn next_page(&mut self) -> Result<Vec<Found>, Error> {
        loop {
            if self.places.is_empty() && !self.look_beyond().await? {
                return Ok(Vec::new());
            }
            let places = self.places.iter().take(2 * HALF);
            let ids: Vec<_> = places.map(|place| place.id()).collect();
            let (front, back) = ids.split_at(ids.len().min(HALF));
            let (mut page, rest) = try_join(self.look_up(front), self.look_up(back)).await?;
            let mut seen = seen(front, &page);
            if seen == front.len() {
                seen += self::seen(back, &rest);
                page.extend(rest);
            }
            self.places.drain(..seen);
            if !page.is_empty() {
                return Ok(page);
            }
        }
    }

    /// On a task of its own: a store may work on the thread that asks.
    async fn look_up(&self, ids: &[Digest]) -> Result<Vec<Found>, Error> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let (state, ids) = (Arc::clone(&self.engine.state), ids.to_vec());
        let found = tokio::spawn(async move { state.with_ids(&ids).await });
        let found = found.await.map_err(|error| {
            Error::new(Kind::Internal, "the look-up of images broke off").with_source(error)
        })?;
        Ok(found?)
    }

    async fn look_beyond(&mut self) -> Result<bool, Error> {
        let Some(after) = self.beyond else {
            return Ok(false);
        };
        let places = self.engine.state.places(after, PLACES).await?;
        self.beyond = places.last().map(|last| Some(*last));
        self.places = places.into();
        Ok(!self.places.is_empty())
    }
}

/// How many of `ids` an answer is about: all when there is nothing in it, for then none is here.
fn seen(ids: &[Digest], found: &[Found]) -> usize {
    let last = found.last().map(|found| found.image.id);
    let last = ids.iter().position(|id| Some(*id) == last);
    last.map_or(ids.len(), |index| index + 1)
}
