//! Followers of a feed: tasks that read new events from the table.

use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};
use tokio_postgres::types::Type;
use tokio_postgres::{AsyncMessage, Client, Row};

use super::super::connect::{Connector, Driver};
use super::super::fault::Fault;
use super::super::value::get;
use super::pauses::Pauses;
use super::{CHANNEL, News, PATIENCE, Told};
use crate::Error;

/// How often the table is read without a notification: a connection may die unnoticed.
const LOOK: Duration = Duration::from_secs(10);

/// The longest wait for events that are in the table.
const CATCH_UP: Duration = Duration::from_secs(5);

const READ: &str = "SELECT place, at, body FROM events WHERE place >= $1 ORDER BY place";

/// A follower of a [`Feed`](super::Feed), until this is dropped.
#[derive(Debug)]
pub struct Following {
    looks: Arc<Looks>,
    seen: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

/// Requests to read the table.
#[derive(Debug, Default)]
struct Looks {
    /// The number of requests.
    asked: AtomicU64,
    /// Notified when there is a reason to read.
    reason: Notify,
}

impl Following {
    /// Waits until every event that was sent before this call was passed to `on_news`. Returns
    /// `false` when that did not happen within 5 s.
    pub async fn catch_up(&self) -> bool {
        let number = self.looks.asked.fetch_add(1, Ordering::AcqRel) + 1;
        self.looks.reason.notify_one();
        let mut seen = self.seen.clone();
        let caught_up = timeout(CATCH_UP, seen.wait_for(|seen| *seen >= number)).await;
        caught_up.is_ok_and(|seen| seen.is_ok())
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts the task that reads.
pub(super) fn start(connector: Connector, on_news: impl FnMut(News) + Send + 'static) -> Following {
    let reader = Reader::new(connector, on_news);
    let (looks, seen) = (Arc::clone(&reader.looks), reader.given.subscribe());
    let task = tokio::spawn(reader.run());
    Following { looks, seen, task }
}

pub(super) struct Reader<F> {
    connector: Connector,
    client: Option<Client>,
    /// The newest event that was passed on; `None` as long as nothing was read.
    newest: Option<Newest>,
    looks: Arc<Looks>,
    /// How many requests were served: every event that existed at their time was passed on.
    given: watch::Sender<u64>,
    on_news: F,
}

/// The position of a reader in the table: at an event, or at 0 in an empty table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Newest {
    place: i64,
    at: i64,
}

impl<F: FnMut(News) + Send + 'static> Reader<F> {
    pub(super) fn new(connector: Connector, on_news: F) -> Self {
        Self {
            connector,
            client: None,
            newest: None,
            looks: Arc::default(),
            given: watch::Sender::new(0),
            on_news,
        }
    }

    async fn run(mut self) {
        let mut pauses = Pauses::default();
        loop {
            match self.look().await {
                Ok(()) => {
                    if !pauses.is_first() {
                        tracing::info!("events of other daemons come again");
                        pauses.reset();
                    }
                    // The timeout is a reason too.
                    let _reason = timeout(LOOK, self.looks.reason.notified()).await;
                }
                Err(error) => {
                    self.client = None;
                    if pauses.is_first() {
                        tracing::warn!(
                            error = &error as &dyn std::error::Error,
                            "events of other daemons cannot be read now"
                        );
                    }
                    sleep(pauses.next()).await;
                }
            }
        }
    }

    /// Passes on what is new in the table.
    pub(super) async fn look(&mut self) -> Result<(), Error> {
        let asked = self.looks.asked.load(Ordering::Acquire);
        let news = timeout(PATIENCE, self.news()).await;
        let news = news.unwrap_or_else(|_| Err(Fault::unavailable("the server does not answer")));
        let news = news.map_err(|fault| fault.into_error(self.connector.store(), "reading events"));
        if let Some(news) = news? {
            (self.on_news)(news);
        }
        self.given.send_replace(asked);
        Ok(())
    }

    async fn news(&mut self) -> Result<Option<News>, Fault> {
        let mut events = self.read().await?;
        if self.newest.is_some_and(|newest| !newest.goes_on(&events)) {
            tracing::warn!(
                "events are missing: this daemon could not read them while they were kept, or the \
                 database was put back"
            );
            self.newest = None;
            events = self.read().await?;
        }
        let gap = self.newest.is_none();
        let newest = self.newest.unwrap_or_default();
        self.newest = Some(events.last().map_or(newest, |(here, _)| *here));
        let given = usize::from(newest != Newest::default());
        let told = events.into_iter().skip(given).map(|(_, told)| told);
        let told: Vec<_> = told.collect();
        Ok((gap || !told.is_empty()).then_some(News { gap, told }))
    }

    /// Reads the table from the newest event on that was passed on.
    async fn read(&mut self) -> Result<Vec<(Newest, Told)>, Fault> {
        let client = match self.client.take() {
            Some(client) if !client.is_closed() => client,
            _ => listen(&self.connector, Arc::clone(&self.looks)).await?,
        };
        let from = self.newest.unwrap_or_default().place;
        let rows = client.query_typed(READ, &[(&from, Type::INT8)]).await?;
        self.client = Some(client);
        rows.iter().map(event).collect()
    }
}

/// A connection that listens for new events. Earlier ones have to be read afterwards.
async fn listen(connector: &Connector, looks: Arc<Looks>) -> Result<Client, Fault> {
    let (client, driver) = connector.connect().await?;
    tokio::spawn(hear(driver, looks));
    client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
    Ok(client)
}

impl Newest {
    /// Whether the events that were read from here on are all that followed.
    fn goes_on(self, events: &[(Self, Told)]) -> bool {
        match events.first() {
            None => self.place == 0,
            Some((first, _)) if self.place == 0 => first.place == 1,
            Some((first, _)) => *first == self,
        }
    }
}

/// Listens to the server until the connection ends, which is a reason to read too.
async fn hear(mut driver: Driver, looks: Arc<Looks>) {
    while let Some(message) = poll_fn(|context| driver.poll_message(context)).await {
        match message {
            Ok(AsyncMessage::Notification(_)) => looks.reason.notify_one(),
            Ok(_) => {}
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::debug!(error, "the connection for events has ended");
                break;
            }
        }
    }
    looks.reason.notify_one();
}

fn event(row: &Row) -> Result<(Newest, Told), Fault> {
    let (place, at) = (get(row, 0)?, get(row, 1)?);
    let told = Told {
        at: Timestamp::from_nanosecond(i128::from(at)).map_err(Fault::damaged)?,
        body: get(row, 2)?,
    };
    Ok((Newest { place, at }, told))
}
