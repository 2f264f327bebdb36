//! Places for work whose pace clients set: how many there are, which work waits for one, and which
//! has to give one up.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::{Instant, sleep, sleep_until};

use crate::patience::{Pace, Patience};
use crate::{Error, Kind};

/// How long work waits for a place.
const WAIT: Duration = Duration::from_secs(60);

/// The shortest time between two checks of the holders.
const LOOK: Duration = Duration::from_millis(10);

/// Places for one kind of work.
///
/// Work that finds none waits. Meanwhile a holder loses its place when its client was slower than
/// the pace for longer than the grace period.
#[derive(Debug)]
pub(crate) struct Places {
    /// The kind of work, such as `loads`, as in the name of the option.
    what: &'static str,
    size: usize,
    /// How slow clients may be when no work waits, and when some does.
    alone: Pace,
    contended: Pace,
    free: Arc<Semaphore>,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    last: u64,
    by: BTreeMap<u64, Holder>,
    /// How many tasks wait for a place.
    waiting: usize,
}

#[derive(Debug)]
struct Holder {
    patience: Patience,
    /// Since when its client is waited for.
    idle: Option<Instant>,
    /// Notifies it that it has lost its place; `None` once that is done.
    revoke: Option<oneshot::Sender<()>>,
}

/// A place. Dropping this frees it.
#[derive(Debug)]
pub(crate) struct Turn {
    places: Arc<Places>,
    number: u64,
    patience: Patience,
    revoked: Option<oneshot::Receiver<()>>,
    _permit: OwnedSemaphorePermit,
}

/// Counts a waiting task while this lives.
struct Waiting<'a>(&'a Places);

impl Places {
    /// `size` places for `what`.
    pub(crate) fn new(what: &'static str, size: usize, alone: Pace, contended: Pace) -> Self {
        Self {
            what,
            size,
            alone,
            contended,
            free: Arc::new(Semaphore::new(size)),
            taken: Mutex::default(),
        }
    }

    /// Waits for a place.
    ///
    /// # Errors
    /// [`Kind::Unavailable`] when there is none for a minute.
    pub(crate) async fn turn(self: &Arc<Self>) -> Result<Turn, Error> {
        if let Ok(permit) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(self.take(permit));
        }
        tracing::info!("a request waits for its turn: {}", self.occupants());
        let deadline = Instant::now() + WAIT;
        let mut permit = std::pin::pin!(Arc::clone(&self.free).acquire_owned());
        let _waiting = Waiting::begin(self);
        loop {
            let next = self.make_room();
            tokio::select! {
                biased;
                permit = permit.as_mut() => {
                    let permit = permit.map_err(|error| self.busy().with_source(error))?;
                    return Ok(self.take(permit));
                }
                () = sleep_until(deadline.min(next)) => {
                    if Instant::now() >= deadline {
                        return Err(self.busy());
                    }
                }
            }
        }
    }

    fn take(self: &Arc<Self>, permit: OwnedSemaphorePermit) -> Turn {
        let (revoke, revoked) = oneshot::channel();
        let mut taken = self.lock();
        taken.last += 1;
        let number = taken.last;
        taken.by.insert(
            number,
            Holder {
                patience: Patience::new(self.contended),
                idle: None,
                revoke: Some(revoke),
            },
        );
        drop(taken);
        Turn {
            places: Arc::clone(self),
            number,
            patience: Patience::new(self.alone),
            revoked: Some(revoked),
            _permit: permit,
        }
    }

    /// Takes places from holders whose clients are too slow, one for each waiting task. Returns
    /// when to look again.
    fn make_room(&self) -> Instant {
        let now = Instant::now();
        let mut taken = self.lock();
        let told = taken.by.values().filter(|holder| holder.revoke.is_none());
        let mut wanted = taken.waiting.saturating_sub(told.count());
        let ends = taken
            .by
            .iter()
            .filter(|(_, holder)| holder.revoke.is_some());
        let ends = ends.map(|(number, holder)| (holder.end(now), *number));
        let mut ends: Vec<_> = ends.collect();
        ends.sort_unstable();
        let mut next = now + WAIT;
        for (end, number) in ends {
            if end > now || wanted == 0 {
                next = next.min(end);
                continue;
            }
            wanted -= 1;
            let revoke = taken.by.get_mut(&number).and_then(|it| it.revoke.take());
            if let Some(revoke) = revoke {
                // A holder that has just ended need not be notified.
                let _ended = revoke.send(());
            }
        }
        next.max(now + LOOK)
    }

    /// Describes the holders of the places.
    fn occupants(&self) -> String {
        let taken = self.lock();
        let idle = taken.by.values().filter_map(|holder| holder.idle);
        let (count, longest) = (idle.clone().count(), idle.min());
        let Self { what, size, .. } = self;
        let idle = match longest {
            None => "none of them waits for its client".to_owned(),
            Some(since) => format!(
                "{count} of them wait for their clients, for up to {} seconds now",
                since.elapsed().as_secs()
            ),
        };
        format!("{size} {what} are running, as many as --max-{what} allows, and {idle}")
    }

    fn busy(&self) -> Error {
        let message = format!(
            "too many {} are running, and no place became free for {} seconds ({}): try again",
            self.what,
            WAIT.as_secs(),
            self.occupants()
        );
        Error::new(Kind::Unavailable, message)
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holder {
    /// When it is too slow to keep its place, if its client does nothing until then.
    fn end(&self, now: Instant) -> Instant {
        self.idle.unwrap_or(now) + self.patience.left().max(LOOK)
    }

    fn stop_waiting(&mut self, bytes: u64) {
        if let Some(since) = self.idle.take() {
            self.patience.waited(since.elapsed());
        }
        self.patience.moved(bytes);
    }
}

impl Turn {
    /// From now on the client is waited for.
    pub(crate) fn wait(&self) {
        if let Some(holder) = self.places.lock().by.get_mut(&self.number) {
            holder.idle.get_or_insert_with(Instant::now);
        }
    }

    /// Ends the wait for the client, in which so many bytes were transferred.
    pub(crate) fn moved(&self, bytes: u64) {
        if let Some(holder) = self.places.lock().by.get_mut(&self.number) {
            holder.stop_waiting(bytes);
        }
    }

    /// Reports when the place is lost; closed when it was given back. To be called once.
    pub(crate) fn revoked(&mut self) -> oneshot::Receiver<()> {
        self.revoked.take().unwrap_or_else(|| oneshot::channel().1)
    }

    /// Waits for the client to send something.
    ///
    /// # Errors
    /// When it is too slow: [`Kind::InvalidParameter`] when it took all the time that clients have,
    /// [`Kind::Unavailable`] when others wait for the place.
    pub(crate) async fn receive<T>(
        &mut self,
        next: impl Future<Output = T>,
        size: impl FnOnce(&T) -> usize,
    ) -> Result<T, Error> {
        self.wait();
        let since = Instant::now();
        let left = self.patience.left();
        let revoked = async {
            match &mut self.revoked {
                Some(revoked) => {
                    let Ok(()) = revoked.await else {
                        return std::future::pending().await;
                    };
                }
                None => std::future::pending().await,
            }
        };
        let received = tokio::select! {
            biased;
            received = next => Ok(received),
            () = revoked => Err(self.places.lost()),
            () = sleep(left) => Err(self.places.too_slow()),
        };
        self.patience.waited(since.elapsed());
        let bytes = received
            .as_ref()
            .map_or(0, |received| size(received) as u64);
        self.patience.moved(bytes);
        self.moved(bytes);
        received
    }
}

impl Places {
    fn lost(&self) -> Error {
        let Self { what, .. } = self;
        let (rate, time) = (self.contended.rate, self.contended.limit.as_secs());
        let message = format!(
            "the request was given up for others that waited for its place: less than {rate} bytes \
             a second came for {time} seconds, while all places for {what} were taken (see \
             --min-client-rate and --max-{what})"
        );
        Error::new(Kind::Unavailable, message)
    }

    fn too_slow(&self) -> Error {
        let (rate, time) = (self.alone.rate, self.alone.limit.as_secs());
        let message = format!(
            "the upload ended early: less than {rate} bytes a second came for {time} seconds \
             (see --client-timeout and --min-client-rate)"
        );
        Error::new(Kind::InvalidParameter, message)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.places.lock().by.remove(&self.number);
    }
}

impl<'a> Waiting<'a> {
    fn begin(places: &'a Places) -> Self {
        places.lock().waiting += 1;
        Self(places)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.lock().waiting -= 1;
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn places(size: usize) -> Arc<Places> {
        let pace = |limit| Pace { limit, rate: 100 };
        let (alone, contended) = (pace(600 * SECOND), pace(10 * SECOND));
        Arc::new(Places::new("loads", size, alone, contended))
    }

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_too_long_is_told_for_what() {
        let places = places(1);
        let first = places.turn().await.expect("a place");
        let error = places.turn().await.expect_err("no place");
        assert_eq!(error.kind(), Kind::Unavailable);
        assert_eq!(
            error.message(),
            "too many loads are running, and no place became free for 60 seconds (1 loads are \
             running, as many as --max-loads allows, and none of them waits for its client): try \
             again"
        );
        drop(first);
        drop(places.turn().await.expect("a place again"));
        assert_eq!(places.lock().waiting, 0);
        assert!(places.lock().by.is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_nothing_loses_its_place_to_one_that_waits() {
        let places = places(1);
        let mut stalled = places.turn().await.expect("a place");
        let losing = tokio::spawn(async move {
            let received = stalled.receive(pending::<()>(), |()| 0).await;
            received.expect_err("lost")
        });
        tokio::task::yield_now().await;
        let begun = Instant::now();
        drop(places.turn().await.expect("its place"));
        assert_eq!(begun.elapsed().as_secs(), 10);
        let error = losing.await.expect("no panic");
        assert_eq!(error.kind(), Kind::Unavailable);
        assert!(error.message().contains("given up for others"), "{error}");
    }

    #[tokio::test(start_paused = true)]
    async fn each_that_waits_takes_one_place() {
        let places = places(3);
        let mut losing = Vec::new();
        for _ in 0..3 {
            let mut stalled = places.turn().await.expect("a place");
            losing.push(tokio::spawn(async move {
                stalled.receive(pending::<()>(), |()| 0).await.is_err()
            }));
        }
        let one = places.turn().await.expect("a place");
        let other = places.turn().await.expect("a place");
        tokio::task::yield_now().await;
        assert_eq!(losing.iter().filter(|task| task.is_finished()).count(), 2);
        drop((one, other));
    }

    #[tokio::test(start_paused = true)]
    async fn alone_a_client_has_more_time() {
        let places = places(1);
        let mut stalled = places.turn().await.expect("a place");
        let begun = Instant::now();
        let error = stalled.receive(pending::<()>(), |()| 0).await;
        let error = error.expect_err("too slow");
        assert_eq!(begun.elapsed().as_secs(), 600);
        assert_eq!(error.kind(), Kind::InvalidParameter);
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_keeps_its_pace_keeps_its_place() {
        let places = places(1);
        let mut steady = places.turn().await.expect("a place");
        let working = tokio::spawn(async move {
            for _ in 0..100 {
                steady.receive(sleep(SECOND), |()| 100).await.expect("kept");
            }
        });
        tokio::task::yield_now().await;
        places.turn().await.expect_err("no place for a minute");
        working.await.expect("it was never told to go");
    }

    #[tokio::test(start_paused = true)]
    async fn a_trickle_is_not_enough() {
        let places = places(1);
        let mut slow = places.turn().await.expect("a place");
        let losing =
            tokio::spawn(async move { while slow.receive(sleep(SECOND), |()| 1).await.is_ok() {} });
        tokio::task::yield_now().await;
        places.turn().await.expect("its place");
        losing.await.expect("no panic");
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_is_done_here_does_not_count() {
        let places = places(1);
        let mut busy = places.turn().await.expect("a place");
        let received = busy.receive(async {}, |()| 1).await;
        received.expect("at once");
        // The holder does not wait for its client now, however long this takes.
        places.turn().await.expect_err("no place for a minute");
        let next = busy.receive(async {}, |()| 1).await;
        next.expect("the place was kept");
    }
}
