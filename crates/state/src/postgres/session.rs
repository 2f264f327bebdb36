//! A connection with its prepared statements, and statements in one round trip.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use futures_util::future::{join, join_all};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row, SimpleQueryMessage, Statement};

use super::connect::Connector;
use super::fault::Fault;
use crate::Error;

/// A statement with its parameters.
pub(super) struct Ask<'a> {
    pub(super) text: &'static str,
    pub(super) parameters: Vec<&'a (dyn ToSql + Sync)>,
}

/// Makes an [`Ask`].
macro_rules! ask {
    ($text:expr $(, $parameter:expr)* $(,)?) => {
        $crate::postgres::session::Ask {
            text: $text,
            parameters: vec![$(&$parameter as &(dyn tokio_postgres::types::ToSql + Sync)),*],
        }
    };
}
pub(super) use ask;

/// One connection, with the statements that were prepared in it.
pub(super) struct Session {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
    /// When it was last given back.
    pub(super) rested: Instant,
}

impl Session {
    /// Opens a connection that lives as long as the session.
    pub(super) async fn open(connector: &Connector) -> Result<Self, Error> {
        let (client, driver) = connector.connect().await?;
        let store = connector.store().to_owned();
        tokio::spawn(async move {
            if let Err(error) = driver.await {
                // Its user gets the error too, and logs it.
                let error = &error as &dyn std::error::Error;
                tracing::debug!(store, error, "a connection has ended");
            }
        });
        Ok(Self {
            client,
            statements: Mutex::default(),
            rested: Instant::now(),
        })
    }

    /// Whether it is known to have ended.
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    /// Runs one or more statements without parameters and results.
    pub(super) async fn run(&self, text: &str) -> Result<(), Fault> {
        Ok(self.client.batch_execute(text).await?)
    }

    /// The only value of the result of a statement without parameters, which is not prepared.
    pub(super) async fn word(&self, text: &str) -> Result<Option<String>, Fault> {
        let messages = self.client.simple_query(text).await?;
        Ok(messages.iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
            _ => None,
        }))
    }

    /// Runs one statement, in a transaction of its own unless one is open: one round trip.
    pub(super) async fn one(&self, ask: Ask<'_>) -> Result<Vec<Row>, Fault> {
        let [statement] = self.prepare([ask.text]).await?;
        Ok(self.client.query(&statement, &ask.parameters).await?)
    }

    /// Sends `first` and then all statements, and only then waits: one round trip.
    pub(super) async fn all<const N: usize>(
        &self,
        first: Option<&'static str>,
        asks: [Ask<'_>; N],
    ) -> Result<[Vec<Row>; N], Fault> {
        let statements = self.prepare(asks.each_ref().map(|ask| ask.text)).await?;
        let begin = async {
            match first {
                Some(text) => self.run(text).await,
                None => Ok(()),
            }
        };
        let asks = statements.iter().zip(&asks);
        let asks = asks.map(|(statement, ask)| self.client.query(statement, &ask.parameters));
        // They are sent in the order in which they are polled first.
        let (begun, answers) = join(begin, in_order(asks)).await;
        begun?;
        let answers: Vec<Vec<Row>> = answers.into_iter().collect::<Result<_, _>>()?;
        answers
            .try_into()
            .map_err(|_| Fault::unavailable("an answer is missing"))
    }

    /// Prepares the statements, all new ones together.
    async fn prepare<const N: usize>(
        &self,
        texts: [&'static str; N],
    ) -> Result<[Statement; N], Fault> {
        let mut new: Vec<_> = {
            let known = self.known();
            let unknown = texts.into_iter().filter(|text| !known.contains_key(text));
            unknown.collect()
        };
        if !new.is_empty() {
            new.sort_unstable();
            new.dedup();
            let prepared = in_order(new.iter().map(|text| self.client.prepare(text))).await;
            for (text, statement) in new.into_iter().zip(prepared) {
                self.known().insert(text, statement?);
            }
        }
        let known = self.known();
        let statements: Vec<_> = texts
            .iter()
            .filter_map(|text| known.get(text))
            .cloned()
            .collect();
        statements
            .try_into()
            .map_err(|_| Fault::unavailable("a statement is not prepared"))
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<&'static str, Statement>> {
        self.statements
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs all of them at once, begun in their order.
async fn in_order<T>(futures: impl Iterator<Item = impl Future<Output = T>>) -> Vec<T> {
    join_all(futures).await
}
