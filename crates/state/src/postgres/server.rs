//! Checks of the server: its version, its settings, and the rights of the user.

use tokio_postgres::error::{DbError, SqlState};

use super::fault::Fault;
use super::session::{Session, ask};
use super::value::get;
use crate::Error;

/// The oldest tested version.
const LEAST: i32 = 13;

const LOOK: &str = "\
    SELECT current_setting('server_version'), current_setting('server_version_num')::int, \
    current_setting('server_encoding'), pg_is_in_recovery(), \
    current_setting('default_transaction_read_only')::boolean, current_user::text, \
    current_database()::text, COALESCE(current_schema()::text, ''), \
    COALESCE(has_schema_privilege(current_schema(), 'CREATE'), FALSE), \
    COALESCE(has_schema_privilege(current_schema(), 'USAGE'), FALSE)";

/// The first missing right.
const FORBIDDEN: &str = "\
    SELECT p.privilege, c.relname::text FROM pg_class c \
    CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY \
    AS p (privilege, place) \
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' \
    AND NOT has_table_privilege(c.oid, p.privilege) ORDER BY p.place, c.relname LIMIT 1";

/// The properties of a server, and the rights of this user.
#[derive(Debug, Clone)]
pub(super) struct Server {
    pub(super) version: String,
    number: i32,
    encoding: String,
    pub(super) follows: bool,
    pub(super) read_only: bool,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) schema: String,
    may_create: bool,
    may_use: bool,
}

impl Server {
    pub(super) async fn look(session: &Session) -> Result<Self, Fault> {
        let rows = session.one(ask!(LOOK)).await?;
        let row = rows.first();
        let row = row.ok_or_else(|| Fault::damaged("the server tells nothing of itself"))?;
        Ok(Self {
            version: get(row, 0)?,
            number: get(row, 1)?,
            encoding: get(row, 2)?,
            follows: get(row, 3)?,
            read_only: get(row, 4)?,
            user: get(row, 5)?,
            database: get(row, 6)?,
            schema: get(row, 7)?,
            may_create: get(row, 8)?,
            may_use: get(row, 9)?,
        })
    }

    /// Checks that it can hold a state.
    pub(super) fn check(&self, store: &str) -> Result<(), Error> {
        let store = store.to_owned();
        if self.number / 10_000 < LEAST {
            return Err(Error::ServerTooOld {
                store,
                found: self.version.clone(),
                least: LEAST.unsigned_abs(),
            });
        }
        if self.encoding != "UTF8" {
            return Err(Error::Encoding {
                store,
                found: self.encoding.clone(),
            });
        }
        if self.follows {
            let why = "its server follows another one";
            return Err(Error::ReadOnly { store, why });
        }
        if self.read_only {
            let why = "default_transaction_read_only is on";
            return Err(Error::ReadOnly { store, why });
        }
        if self.schema.is_empty() {
            return Err(self.missing(&store, "find a schema of its search_path".to_owned()));
        }
        if !self.may_use {
            let missing = format!("use schema {}", self.schema);
            return Err(self.missing(&store, missing));
        }
        Ok(())
    }

    /// Checks that the rows of all tables can be read and written.
    pub(super) async fn check_tables(&self, session: &Session, store: &str) -> Result<(), Fault> {
        match self.forbidden(session).await? {
            Some(missing) => Err(self.missing(store, missing).into()),
            None => Ok(()),
        }
    }

    /// Checks that this user could create the tables.
    pub(super) fn check_may_create(&self, store: &str) -> Result<(), Error> {
        match self.may_create {
            true => Ok(()),
            false => Err(self.missing(store, self.creating())),
        }
    }

    fn creating(&self) -> String {
        format!("create tables in schema {}", self.schema)
    }

    /// A right to the tables that this user lacks: `insert into table names`.
    pub(super) async fn forbidden(&self, session: &Session) -> Result<Option<String>, Fault> {
        let rows = session.one(ask!(FORBIDDEN)).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let (privilege, table): (&str, &str) = (get(row, 0)?, get(row, 1)?);
        let doing = match privilege {
            "SELECT" => "read",
            "INSERT" => "insert into",
            "UPDATE" => "update",
            _ => "delete from",
        };
        Ok(Some(format!("{doing} table {table}")))
    }

    /// Explains why the server refused to read the version of the schema.
    pub(super) fn explain_look(&self, fault: Fault, store: &str) -> Fault {
        let missing = || "read table sockerless_schema".to_owned();
        self.explain(fault, store, |_| missing())
    }

    /// Explains why the server refused a change of the schema.
    pub(super) fn explain_change(&self, fault: Fault, store: &str) -> Fault {
        self.explain(fault, store, |said| {
            if self.may_create {
                format!("migrate ({})", said.message())
            } else {
                self.creating()
            }
        })
    }

    /// The missing right, if that is why the server refused.
    fn explain(&self, fault: Fault, store: &str, missing: impl Fn(&DbError) -> String) -> Fault {
        let Fault::Database(error) = &fault else {
            return fault;
        };
        match error.as_db_error() {
            Some(said) if *said.code() == SqlState::INSUFFICIENT_PRIVILEGE => {
                self.missing(store, missing(said)).into()
            }
            _ => fault,
        }
    }

    fn missing(&self, store: &str, missing: String) -> Error {
        Error::RightsMissing {
            store: store.to_owned(),
            user: self.user.clone(),
            missing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_server_is_refused() {
        let mut server = Server {
            version: "12.22".to_owned(),
            number: 120_022,
            encoding: "UTF8".to_owned(),
            follows: false,
            read_only: false,
            user: "me".to_owned(),
            database: "state".to_owned(),
            schema: "public".to_owned(),
            may_create: true,
            may_use: true,
        };
        let error = server.check("postgres://h:1/state").unwrap_err();
        assert!(matches!(error, Error::ServerTooOld { .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            "the server of postgres://h:1/state has version 12.22, at least 13 is needed"
        );
        server.number = 130_000;
        server.check("postgres://h:1/state").unwrap();
    }
}
