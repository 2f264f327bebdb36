//! The threads that read. Each has its own connection and sees one snapshot for each request.

use std::sync::Mutex;

use rusqlite::Connection;

use super::fault::Fault;
use super::task::Task;
use super::worker::Queue;

/// Serves the queue together with others until it is closed and empty.
pub(super) fn serve(connection: &Connection, queue: &Mutex<Queue>, store: &str) {
    while let Some(mut task) = next(queue) {
        let end = snapshot(connection, |connection| {
            task.run(connection);
        });
        task.answer(end.map_err(|fault| fault.into_error(store, "reading")));
    }
}

/// One thread waits for a request while the others wait for their turn to wait.
fn next(queue: &Mutex<Queue>) -> Option<Box<dyn Task>> {
    queue.lock().ok()?.blocking_recv()
}

/// Runs `work` in a transaction. Its statements are compiled once, unlike those of
/// [`rusqlite::Transaction`], which matters for a short look-up.
pub(super) fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> T,
) -> Result<T, Fault> {
    let execute = |sql| connection.prepare_cached(sql)?.execute(());
    if !connection.is_autocommit() {
        // Left by a commit that failed, or by a panic.
        execute("ROLLBACK")?;
    }
    execute("BEGIN")?;
    let done = work(connection);
    execute("COMMIT")?;
    Ok(done)
}
