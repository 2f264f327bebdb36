//! The thread that writes. Requests that wait at the same time share one commit, because every
//! commit costs a disk flush.

use std::collections::VecDeque;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::fault::Fault;
use super::task::Task;
use super::worker::Queue;

/// The most requests that share a commit, so that none waits for too many others.
const BATCH: usize = 128;

/// Serves the queue until it is closed and empty.
pub(super) fn serve(connection: &Connection, mut queue: Queue, store: &str) {
    let mut received = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut received, BATCH) > 0 {
        let mut waiting = received.drain(..).collect();
        while !commit_together(connection, &mut waiting, store) {}
    }
}

/// Runs requests from the front of `waiting` in one transaction and sends their results. Returns
/// `true` when none is left.
///
/// A failed request is undone alone. Only when SQLite aborts the whole transaction (for example
/// because the disk is full) the requests before it fail too, and those after it are left for the
/// next one.
pub(super) fn commit_together(
    connection: &Connection,
    waiting: &mut VecDeque<Box<dyn Task>>,
    store: &str,
) -> bool {
    let mut done = Vec::with_capacity(waiting.len());
    let end = transaction(connection, waiting, &mut done)
        .map_err(|fault| fault.into_error(store, "committing"));
    if let Err(error) = &end {
        // The caller gets the error too, and logs it.
        tracing::debug!(
            store,
            requests = done.len(),
            error = error as &dyn std::error::Error,
            "state transaction failed"
        );
    }
    for task in done {
        task.answer(end.clone());
    }
    waiting.is_empty()
}

fn transaction(
    connection: &Connection,
    waiting: &mut VecDeque<Box<dyn Task>>,
    done: &mut Vec<Box<dyn Task>>,
) -> Result<(), Fault> {
    // One request needs no savepoint, and a large one must not have any: until it is released,
    // SQLite keeps the old content of every changed page in memory, and goes through all of them
    // after each statement.
    let alone = waiting.len() == 1;
    // Dropped without a commit it rolls back.
    let transaction = match Transaction::new_unchecked(connection, TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            done.extend(waiting.drain(..));
            return Err(error.into());
        }
    };
    if let Some(mut task) = waiting.pop_front_if(|task| alone || task.is_large()) {
        let keep = task.run(&transaction);
        done.push(task);
        if !keep {
            return Ok(());
        }
    } else {
        while let Some(mut task) = waiting.pop_front_if(|task| !task.is_large()) {
            let end = savepoint(&transaction, task.as_mut());
            done.push(task);
            end?;
        }
    }
    transaction.commit()?;
    Ok(())
}

fn savepoint(connection: &Connection, task: &mut dyn Task) -> Result<(), Fault> {
    let execute = |sql| connection.prepare_cached(sql)?.execute(());
    execute("SAVEPOINT request")?;
    if !task.run(connection) {
        if connection.is_autocommit() {
            return Err(Fault::unavailable("the transaction was given up"));
        }
        execute("ROLLBACK TO request")?;
    }
    execute("RELEASE request")?;
    Ok(())
}
