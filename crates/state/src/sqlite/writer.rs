//! The thread that writes. What waits at the same time shares one commit, because a commit costs a
//! disk flush however little is in it.

use std::collections::VecDeque;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::fault::Fault;
use super::task::Task;
use super::worker::Queue;

/// Requests that share a commit at most, so that none waits for too many others.
const BATCH: usize = 128;

/// Serves the queue until it is closed and empty.
pub(super) fn serve(connection: &Connection, mut queue: Queue, store: &str) {
    let mut received = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut received, BATCH) > 0 {
        let mut waiting = received.drain(..).collect();
        while !commit_together(connection, &mut waiting, store) {}
    }
}

/// Runs requests from the front of `waiting` in one transaction and answers them. True when none
/// is left.
///
/// A request that fails is undone alone. Only when SQLite gives up the whole transaction (the disk
/// is full, say) the requests before it fail too, and those after it are left for the next one.
pub(super) fn commit_together(
    connection: &Connection,
    waiting: &mut VecDeque<Box<dyn Task>>,
    store: &str,
) -> bool {
    let mut done = Vec::with_capacity(waiting.len());
    let end = transaction(connection, waiting, &mut done)
        .map_err(|fault| fault.into_error(store, "committing"));
    if let Err(error) = &end {
        // Whoever asked is told, and says so in the log.
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
    // SQLite keeps every changed page in memory as it was, and goes through them all after each
    // statement.
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
