//! Admits connections, and chooses which idle one makes room for another.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::exchange::Exchange;

/// Connections beyond the limit of which one request is still read: a ping always gets its
/// response, and any other request an error.
const DOOR: usize = 64;

/// Bytes of an unfinished head that every connection may have.
pub(super) const HEAD_BYTES: usize = 4 << 10;

/// All connections.
#[derive(Debug)]
pub(crate) struct Crowd {
    places: usize,
    /// The remaining budget for bytes of unfinished heads beyond [`HEAD_BYTES`].
    heads: AtomicUsize,
    here: Mutex<Here>,
}

#[derive(Debug, Default)]
struct Here {
    inside: usize,
    at_the_door: usize,
    /// Connections that wait for a request, by the number of their last change.
    idle_inside: BTreeMap<u64, Arc<Exchange>>,
    idle_at_the_door: BTreeMap<u64, Arc<Exchange>>,
    changes: u64,
}

/// Whether a connection has a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// It has a place.
    Inside,
    /// All places are taken: only a ping is answered.
    Door,
}

/// A connection that counts. Dropping this removes it.
#[derive(Debug)]
pub(crate) struct Admission {
    crowd: Arc<Crowd>,
    pub(super) exchange: Arc<Exchange>,
    /// Its number among those that wait for a request.
    idle: Option<u64>,
    /// Bytes granted for its head.
    granted: usize,
}

impl Crowd {
    /// A crowd with so many places, and so many bytes for all large heads together.
    pub(crate) fn new(places: usize, heads: usize) -> Self {
        Self {
            places,
            heads: AtomicUsize::new(heads),
            here: Mutex::default(),
        }
    }

    /// How many connections have a place at most.
    pub(crate) fn places(&self) -> usize {
        self.places
    }

    /// Admits a connection. When all places are taken, the connection that has been idle longest
    /// makes room; when all have requests, this one stays at the door, where an idle one makes room
    /// likewise; `None` when there is no room there either.
    pub(crate) fn admit(self: &Arc<Self>) -> Option<Admission> {
        let mut here = self.lock();
        let room = if here.inside < self.places {
            here.inside += 1;
            Room::Inside
        } else if here.make_room(Room::Inside) {
            Room::Inside
        } else if here.at_the_door < DOOR {
            here.at_the_door += 1;
            Room::Door
        } else if here.make_room(Room::Door) {
            Room::Door
        } else {
            return None;
        };
        let exchange = Arc::new(Exchange::new(room));
        let idle = here.add_idle(&exchange);
        drop(here);
        Some(Admission {
            crowd: Arc::clone(self),
            exchange,
            idle: Some(idle),
            granted: 0,
        })
    }

    fn lock(&self) -> MutexGuard<'_, Here> {
        self.here.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Here {
    fn add_idle(&mut self, exchange: &Arc<Exchange>) -> u64 {
        self.changes += 1;
        let number = self.changes;
        self.idle(exchange.room())
            .insert(number, Arc::clone(exchange));
        number
    }

    fn idle(&mut self, room: Room) -> &mut BTreeMap<u64, Arc<Exchange>> {
        match room {
            Room::Inside => &mut self.idle_inside,
            Room::Door => &mut self.idle_at_the_door,
        }
    }

    /// Makes an idle connection give up its place. Returns whether there was one.
    fn make_room(&mut self, room: Room) -> bool {
        let oldest = self.idle(room).pop_first();
        if let Some((_, oldest)) = &oldest {
            oldest.yield_place();
        }
        oldest.is_some()
    }
}

impl Admission {
    /// A request has arrived: the connection does not make room for others until its response has
    /// ended. One at the door gets a place if one is free by now.
    pub(super) fn begin(&mut self) {
        self.exchange.begin();
        let mut here = self.crowd.lock();
        let room = self.exchange.room();
        if let Some(idle) = self.idle.take() {
            here.idle(room).remove(&idle);
        }
        if room == Room::Inside || self.exchange.yields() {
            return;
        }
        if here.inside < self.crowd.places {
            here.inside += 1;
        } else if !here.make_room(Room::Inside) {
            return;
        }
        here.at_the_door -= 1;
        self.exchange.enter();
    }

    /// The connection is idle.
    pub(super) fn wait(&mut self) {
        let mut here = self.crowd.lock();
        if self.idle.is_none() && !self.exchange.yields() {
            self.idle = Some(here.add_idle(&self.exchange));
        }
    }

    /// Whether its head may have so many bytes; they count until the head has ended.
    pub(super) fn grant(&mut self, bytes: usize) -> bool {
        let wanted = bytes
            .saturating_sub(HEAD_BYTES)
            .next_multiple_of(HEAD_BYTES);
        let more = wanted.saturating_sub(self.granted);
        let heads = &self.crowd.heads;
        let taken = heads.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(more)
        });
        if taken.is_ok() {
            self.granted += more;
        }
        taken.is_ok()
    }

    /// Its head has ended.
    pub(super) fn give_back(&mut self) {
        let granted = std::mem::take(&mut self.granted);
        self.crowd.heads.fetch_add(granted, Ordering::Relaxed);
    }
}

impl Drop for Admission {
    fn drop(&mut self) {
        self.give_back();
        let mut here = self.crowd.lock();
        if let Some(idle) = self.idle.take() {
            here.idle(self.exchange.room()).remove(&idle);
        }
        // The connection for which it made room has its place.
        if !self.exchange.yields() {
            match self.exchange.room() {
                Room::Inside => here.inside -= 1,
                Room::Door => here.at_the_door -= 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crowd(places: usize) -> Arc<Crowd> {
        Arc::new(Crowd::new(places, 2 * HEAD_BYTES))
    }

    #[test]
    fn whoever_waits_longest_makes_room() {
        let crowd = crowd(2);
        let mut first = crowd.admit().expect("room");
        let second = crowd.admit().expect("room");
        first.begin();
        first.exchange.end();
        first.wait();
        let third = crowd.admit().expect("room");
        assert_eq!(third.exchange.room(), Room::Inside);
        assert!(second.exchange.yields() && !first.exchange.yields());
        drop(second);
        assert_eq!(crowd.lock().inside, 2, "the third has its place");
        drop((first, third));
        assert_eq!(crowd.lock().inside, 0);
        assert!(crowd.lock().idle_inside.is_empty());
    }

    #[test]
    fn requests_that_run_keep_their_places() {
        let crowd = crowd(1);
        let mut busy = crowd.admit().expect("room");
        busy.begin();
        let mut door: Vec<_> = (0..DOOR)
            .map(|_| crowd.admit().expect("at the door"))
            .collect();
        assert!(door.iter().all(|place| place.exchange.room() == Room::Door));
        let late = crowd.admit().expect("instead of another one at the door");
        assert_eq!(late.exchange.room(), Room::Door);
        assert!(door[0].exchange.yields() && !busy.exchange.yields());
        for place in &mut door {
            place.begin();
        }
        let mut late = late;
        late.begin();
        assert!(crowd.admit().is_none());
        drop((door, late));
        assert_eq!(crowd.lock().at_the_door, 0);
        drop(busy);
        assert_eq!(crowd.admit().expect("room").exchange.room(), Room::Inside);
    }

    #[test]
    fn a_place_that_has_become_free_is_taken_from_the_door() {
        let crowd = crowd(1);
        let mut busy = crowd.admit().expect("room");
        busy.begin();
        let mut late = crowd.admit().expect("at the door");
        let mut later = crowd.admit().expect("at the door");
        busy.exchange.end();
        busy.wait();
        late.begin();
        later.begin();
        let rooms = [&busy, &late, &later].map(|place| place.exchange.room());
        assert_eq!(rooms, [Room::Inside, Room::Inside, Room::Door]);
        assert!(busy.exchange.yields() && !late.exchange.yields());
        drop((busy, late, later));
        let here = crowd.lock();
        assert_eq!((here.inside, here.at_the_door), (0, 0));
    }

    #[test]
    fn large_heads_share_their_bytes() {
        let crowd = crowd(3);
        let mut one = crowd.admit().expect("room");
        let mut other = crowd.admit().expect("room");
        assert!(one.grant(HEAD_BYTES) && one.grant(2 * HEAD_BYTES));
        assert!(other.grant(HEAD_BYTES + 1));
        assert!(!one.grant(2 * HEAD_BYTES + 1), "all is granted");
        other.give_back();
        assert!(one.grant(2 * HEAD_BYTES + 1));
        drop(one);
        assert!(other.grant(3 * HEAD_BYTES));
    }
}
