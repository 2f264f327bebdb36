use super::connect::Connector;
use super::session::Session;
use crate::Error;

/// Says whose session it is. The second holds its session for as long as its transaction lasts.
const FIRST: &str = "SELECT set_config('sockerless.session', 'first', FALSE)";
const SECOND: &str = "BEGIN; SELECT set_config('sockerless.session', 'second', TRUE)";
const WHOSE: &str = "SELECT current_setting('sockerless.session', TRUE)";

/// Refuses a pooler that gives one session of the server to several clients, as far as it shows:
/// prepared statements, locks and what a session listens to would be those of others.
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
