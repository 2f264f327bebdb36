//! Checks that a file is intact.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rusqlite::{Connection, ErrorCode, InterruptHandle};

use super::connection;
use super::fault::Fault;

/// The largest file that is checked before it is used, in bytes. The time of a check grows with the
/// file, some milliseconds for this much; a larger one is checked while it is in use.
pub(super) const AT_ONCE: i64 = 8 << 20;

/// Faults of one file that are reported; the first ones are enough.
const FAULTS: usize = 5;

/// Bytes of the file, with what is in its log.
pub(super) fn size(connection: &Connection) -> Result<i64, Fault> {
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok(pragma("page_count")?.saturating_mul(pragma("page_size")?))
}

/// Checks every page of the file.
///
/// # Errors
/// [`Fault::Damaged`] with the first faults.
pub(super) fn quick(connection: &Connection) -> Result<(), Fault> {
    let faults = faults(connection, "quick_check", FAULTS)?;
    if faults.is_empty() {
        return Ok(());
    }
    Err(Fault::damaged(faults.join("; ")))
}

/// The faults that `quick_check` or `integrity_check` finds, at most `limit`.
pub(super) fn faults(
    connection: &Connection,
    pragma: &str,
    limit: usize,
) -> Result<Vec<String>, Fault> {
    let mut statement = connection.prepare(&format!("PRAGMA {pragma}({limit})"))?;
    let rows = statement.query_map((), |row| row.get::<_, String>(0))?;
    let mut faults = rows.collect::<Result<Vec<_>, _>>()?;
    faults.retain(|fault| fault != "ok");
    Ok(faults.into_iter().map(one_line).collect())
}

fn one_line(fault: String) -> String {
    fault.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A thread that checks a file while it is in use. Dropping this ends it.
pub(super) struct Checking {
    interrupt: InterruptHandle,
    thread: Option<JoinHandle<()>>,
}

impl Checking {
    /// Checks the file at `path`, which the writer has opened, and logs the faults.
    pub(super) fn begin(path: PathBuf, store: Arc<str>) -> Result<Self, Fault> {
        let connection = connection::checker(&path)?;
        let interrupt = connection.get_interrupt_handle();
        let check = move || report(quick(&connection), &path, &store);
        let thread = std::thread::Builder::new()
            .name("state-checker".to_owned())
            .spawn(check)
            .map_err(Fault::unavailable)?;
        Ok(Self {
            interrupt,
            thread: Some(thread),
        })
    }
}

fn report(checked: Result<(), Fault>, path: &Path, store: &str) {
    match checked {
        Ok(()) => tracing::debug!(store, "the state file is whole"),
        Err(Fault::Sqlite(error))
            if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) => {}
        Err(fault) => {
            let error = fault.into_error(store, "checking it");
            tracing::error!(
                path = %path.display(),
                error = &error as &dyn std::error::Error,
                "the state file is damaged: stop the daemon, run `sockerless check --deep`, and \
                 put the file back from a backup"
            );
        }
    }
}

impl Drop for Checking {
    fn drop(&mut self) {
        self.interrupt.interrupt();
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the thread that checks the state file has panicked");
        }
    }
}

impl fmt::Debug for Checking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checking").finish_non_exhaustive()
    }
}
