use std::slice;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};

use crate::client::Connection;
use crate::measure::{Sample, measure};
use crate::peers::Daemon;

/// `one connection`, `8 connections`.
pub(super) fn named(connections: usize) -> String {
    match connections {
        1 => "one connection".to_owned(),
        several => format!("{several} connections"),
    }
}

/// Requests that are sent one after the other on each of several connections.
pub(super) struct Rate<'a> {
    /// Connections, each with a thread of its own.
    pub(super) connections: usize,
    /// For how long.
    pub(super) time: Duration,
    /// The expected status of every response.
    pub(super) status: u16,
    /// Writes the request with this number on the connection with this number.
    pub(super) request: &'a (dyn Fn(usize, u64, &mut Vec<u8>) + Sync),
}

impl Rate<'_> {
    /// The rate of requests of the daemon, per second.
    pub(super) fn measure(&self, daemon: &Daemon) -> Result<Sample> {
        let (rate, sample) = measure(daemon.tree(), || self.run(slice::from_ref(daemon)))?;
        Ok(sample.with_result(rate))
    }

    /// The rate of requests of these daemons together, per second. Connections are distributed over
    /// them in turn.
    pub(super) fn run(&self, daemons: &[Daemon]) -> Result<f64> {
        let ready = Barrier::new(self.connections);
        thread::scope(|scope| {
            let daemons = daemons.iter().cycle().take(self.connections);
            let clients: Vec<_> = daemons
                .enumerate()
                .map(|(number, daemon)| {
                    let ready = &ready;
                    scope.spawn(move || {
                        let connection = Connection::open(daemon.socket());
                        // All wait for each other, also for a failed one.
                        ready.wait();
                        self.ask(connection?, number)
                    })
                })
                .collect();
            let mut rate = 0.0;
            for client in clients {
                rate += client.join().map_err(|_| anyhow!("a client panicked"))??;
            }
            Ok(rate)
        })
    }

    fn ask(&self, mut connection: Connection, number: usize) -> Result<f64> {
        let mut request = Vec::new();
        let mut answers = 0_u64;
        let begun = Instant::now();
        while begun.elapsed() < self.time {
            request.clear();
            (self.request)(number, answers, &mut request);
            let answer = connection.ask(&request)?;
            ensure!(
                answer.status == self.status,
                "{}: {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
            answers += 1;
        }
        Ok(answers as f64 / begun.elapsed().as_secs_f64())
    }
}
