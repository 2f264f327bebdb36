//! Opens connections to the database, all with the same settings.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, Connection, Socket};

use super::address::{Address, chain};
use super::tls::{Stream, Tls};
use crate::Error;

/// How long one server may take to accept a connection, for the handshake and for the
/// authentication.
const ANSWER: Duration = Duration::from_secs(10);

/// Settings of a session, except for those in the URL. The server enforces them, so they hold even
/// when this process hangs or its machine is gone. Not sent while connecting: poolers accept no
/// options.
///
/// - `statement_timeout`: no statement here takes a second on a healthy server.
/// - `lock_timeout`: shorter, so that the error names the reason when a lock is waited for.
/// - `idle_in_transaction_session_timeout`: between two statements of a transaction is one round
///   trip; a client that takes longer is dead, and holds locks that others wait for.
/// - `default_transaction_isolation`: a database may have another default, under which a single
///   statement that only waited for a row would fail.
/// - `jit`: compiling takes longer than any look-up, and happens when the estimate is wrong.
const SETTINGS: &str = "\
    SELECT set_config(s.name, v.setting, FALSE) FROM (VALUES ('statement_timeout', '30s'), \
    ('lock_timeout', '10s'), ('idle_in_transaction_session_timeout', '20s'), \
    ('default_transaction_isolation', 'read committed'), ('jit', 'off')) AS v (name, setting) \
    JOIN pg_settings s ON s.name = v.name WHERE s.source <> 'client'";

/// Drives a [`Client`]: it has to be polled as long as that lives, and ends with it.
pub(super) type Driver = Connection<Socket, Stream<Socket>>;

/// Opens connections to one database, all alike.
#[derive(Clone)]
pub(super) struct Connector(Arc<Parts>);

struct Parts {
    config: Config,
    tls: Tls,
    store: String,
    patience: Duration,
}

impl Connector {
    /// Reads the URL and the certificates that it names. Opens no connection.
    ///
    /// # Errors
    /// [`Error::Address`].
    pub(super) async fn new(url: &str) -> Result<Self, Error> {
        let Address {
            config,
            trust,
            store,
        } = Address::parse(url)?;
        let tls = tokio::task::spawn_blocking(move || Tls::new(&trust)).await;
        let tls = tls
            .map_err(|error| error.to_string())
            .and_then(|tls| tls)
            .map_err(|what| Error::Address { what })?;
        let servers = config.get_hosts().len().max(config.get_hostaddrs().len());
        let patience = ANSWER.saturating_mul(u32::try_from(servers).unwrap_or(u32::MAX));
        Ok(Self(Arc::new(Parts {
            config,
            tls,
            store,
            patience,
        })))
    }

    /// The name of the store in errors and logs: its URL without user and password.
    pub(super) fn store(&self) -> &str {
        &self.0.store
    }

    /// A new connection, and its driver. It can write, if the server can.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::AccessDenied`], [`Error::DatabaseMissing`],
    /// [`Error::RightsMissing`].
    pub(super) async fn connect(&self) -> Result<(Client, Driver), Error> {
        let connecting = async {
            let (client, mut driver) = self.0.config.connect(self.0.tls.clone()).await?;
            // The end of the connection ends the statement too.
            tokio::select! {
                biased;
                set = client.batch_execute(SETTINGS) => set?,
                Err(error) = &mut driver => return Err(error),
            }
            Ok((client, driver))
        };
        match timeout(self.0.patience, connecting).await {
            Ok(connected) => connected.map_err(|error| self.refusal(&error)),
            Err(_) => Err(Error::Unreachable {
                store: self.0.store.clone(),
                said: format!("no answer within {} s", self.0.patience.as_secs()),
            }),
        }
    }

    /// Why there is no connection.
    fn refusal(&self, error: &tokio_postgres::Error) -> Error {
        let store = self.0.store.clone();
        let user = self
            .0
            .config
            .get_user()
            .unwrap_or("of this process")
            .to_owned();
        let Some(said) = error.as_db_error() else {
            // The message says already what the library was doing.
            let said = std::error::Error::source(error).map_or_else(|| chain(error), chain);
            return Error::Unreachable { store, said };
        };
        let code = said.code();
        let said = said.message().to_owned();
        if *code == SqlState::INVALID_PASSWORD
            || *code == SqlState::INVALID_AUTHORIZATION_SPECIFICATION
        {
            Error::AccessDenied { store, user, said }
        } else if *code == SqlState::INVALID_CATALOG_NAME {
            let database = self.0.config.get_dbname().unwrap_or(&user).to_owned();
            Error::DatabaseMissing { store, database }
        } else if *code == SqlState::INSUFFICIENT_PRIVILEGE {
            let missing = "connect".to_owned();
            Error::RightsMissing {
                store,
                user,
                missing,
            }
        } else {
            Error::Unreachable { store, said }
        }
    }
}

impl std::fmt::Debug for Connector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Connector").field(&self.0.store).finish()
    }
}
