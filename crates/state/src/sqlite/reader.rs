//! The threads that read. Each has a connection of its own and sees one state for one request.

use std::sync::Mutex;

use rusqlite::Connection;

use super::fault::Fault;
use super::task::Task;
use super::worker::Queue;

/// Serves the queue together with others until it is closed and empty.
pub(super) fn serve(connection: &Connection, queue: &Mutex<Queue>, store: &str) {
    while let Some(mut task) = next(queue) {
        let end =
            snapshot(connection, task.as_mut()).map_err(|fault| fault.into_error(store, "reading"));
        task.answer(end);
    }
}

/// One thread waits for a request while the others wait for their turn to wait.
fn next(queue: &Mutex<Queue>) -> Option<Box<dyn Task>> {
    queue.lock().ok()?.blocking_recv()
}

/// Compiled once, unlike those of [`rusqlite::Transaction`]: for a short look-up that counts.
fn snapshot(connection: &Connection, task: &mut dyn Task) -> Result<(), Fault> {
    let execute = |sql| connection.prepare_cached(sql)?.execute(());
    execute("BEGIN")?;
    task.run(connection);
    let end = execute("COMMIT");
    if end.is_err() && !connection.is_autocommit() {
        // Otherwise the next request could not begin.
        execute("ROLLBACK")?;
    }
    end?;
    Ok(())
}
