use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::process::Process;
use crate::client::{Body, Connection, Response};
use crate::measure::Tree;

/// A daemon that serves Docker's API on a Unix socket.
#[derive(Debug)]
pub(crate) struct Daemon {
    process: Process,
    socket: PathBuf,
    started_in: Duration,
}

impl Daemon {
    /// Starts it and waits until it responds.
    pub(super) fn start(command: &mut Command, folder: &Path, socket: PathBuf) -> Result<Self> {
        let begun = Instant::now();
        let mut process = Process::start(command, folder.join("log"))?;
        process.wait_for(|| {
            let connection = Connection::open(&socket).ok()?;
            let answer = connection.get("/_ping").ok()?;
            (answer.status == 200).then_some(())
        })?;
        Ok(Self {
            process,
            socket,
            started_in: begun.elapsed(),
        })
    }

    /// The time until its first response.
    pub(crate) fn started_in(&self) -> Duration {
        self.started_in
    }

    /// Its processes.
    pub(crate) fn tree(&self) -> Tree {
        self.process.tree()
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// A connection to it.
    pub(crate) fn connect(&self) -> Result<Connection> {
        Connection::open(&self.socket).with_context(|| self.process.said())
    }

    /// `POST /images/load` with `body`.
    pub(crate) fn load(&self, body: &mut Body) -> Result<()> {
        self.upload("/images/load?quiet=1", body).map(|_| ())
    }

    /// A `POST` that has to succeed; returns the response.
    pub(crate) fn upload(&self, target: &str, body: &mut Body) -> Result<String> {
        let answer = self.connect()?.upload(target, &[], body);
        self.succeeded(target, answer)
    }

    /// A `POST` without a body that has to succeed.
    pub(crate) fn post(&self, target: &str, headers: &[(&str, &str)]) -> Result<String> {
        let answer = self.connect()?.upload(target, headers, &mut Body::Empty);
        self.succeeded(target, answer)
    }

    /// The image of this name, as it is inspected.
    pub(crate) fn inspect(&self, name: &str) -> Result<Value> {
        let target = format!("/images/{name}/json");
        let text = self.succeeded(&target, self.connect()?.get(&target))?;
        serde_json::from_str(&text).with_context(|| format!("{target}: {text}"))
    }

    /// Makes it end, and waits for that.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.process.finish()
    }

    /// Docker reports a failure by its status, or later in a line of the response.
    fn succeeded(&self, target: &str, answer: Result<Response>) -> Result<String> {
        let answer = answer.with_context(|| format!("{target}\n{}", self.process.said()))?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        ensure!(
            (200..300).contains(&answer.status),
            "{target}: {} {text}",
            answer.status
        );
        let failed = text.lines().any(|line| line.starts_with(r#"{"error"#));
        ensure!(!failed, "{target}: {text}\n{}", self.process.said());
        Ok(text)
    }
}
