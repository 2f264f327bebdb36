//! Advice for a state that cannot be opened.

use sockerless_state::Error;

/// The next step, in the imperative.
pub(crate) fn on(error: &Error) -> &'static str {
    match error {
        Error::Address { .. } => "give --state postgres://USER:PASSWORD@HOST[:PORT]/DATABASE",
        Error::Unreachable { .. } => {
            "see whether the server runs and can be reached from here (address, firewall, TLS)"
        }
        Error::AccessDenied { .. } => "correct user and password, or the server's pg_hba.conf",
        Error::DatabaseMissing { .. } => "make it: CREATE DATABASE … OWNER …",
        Error::SharedSession { .. } => "set pool_mode = session, or name the server itself",
        Error::ServerTooOld { .. } => "use a newer PostgreSQL",
        Error::Encoding { .. } => "make a database with ENCODING 'UTF8'",
        Error::ReadOnly { .. } => "name the primary server, or all with target_session_attrs",
        Error::RightsMissing { .. } => {
            "make the user the owner of the database, or grant what is missing"
        }
        Error::Foreign { .. } => {
            "give sockerless a database, a schema or a data root of its own; if this was its own, \
             put it back from a backup"
        }
        Error::SchemaFromFuture { .. } => {
            "run the version of sockerless that wrote it, or a newer one"
        }
        Error::Damaged { .. } => {
            "stop the daemon, run `sockerless check --deep` to see what is damaged, and put the \
             state back from a backup; without one, move the data root away and load the images \
             again"
        }
        Error::Unavailable { .. } => {
            "see whether the disk is full or can only be read, and whether another process has \
             the state open"
        }
        _ => "see what was said, and the log of the database",
    }
}

/// The next step after `error`, if a state has failed.
pub(crate) fn after(error: &anyhow::Error) -> Option<&'static str> {
    let mut causes = error.chain();
    causes.find_map(|cause| cause.downcast_ref().map(on))
}
