//! Detects a pooler that shares sessions between clients.

use super::connect::Connector;
use super::session::Session;
use crate::Error;

/// Marks the session. The second connection holds its session for as long as its transaction lasts.
const FIRST: &str = "SELECT set_config('sockerless.session', 'first', FALSE)";
const SECOND: &str = "BEGIN; SELECT set_config('sockerless.session', 'second', TRUE)";
const WHOSE: &str = "SELECT current_setting('sockerless.session', TRUE)";

/// Refuses a pooler that gives one session of the server to several clients, as far as that can be
/// detected: prepared statements, locks and subscriptions of a session would be mixed with those of
/// others.
///
/// # Errors
/// [`Error::SharedSession`], and as for every connection.
pub(super) async fn refuse_shared_sessions(
    session: &Session,
    connector: &Connector,
) -> Result<(), Error> {
    let failed = |fault: super::fault::Fault| fault.into_error(connector.store(), super::OPENING);
    session.run(FIRST).await.map_err(failed)?;
    let second = Session::open(connector).await?;
    second.run(SECOND).await.map_err(failed)?;
    match session.word(WHOSE).await.map_err(failed)?.as_deref() {
        Some("first") => Ok(()),
        _ => Err(Error::SharedSession {
            store: connector.store().to_owned(),
        }),
    }
}
