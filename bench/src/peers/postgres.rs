use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use rustix::process::Signal;

use super::alone;
use super::process::Process;
use crate::measure::Tree;

/// Debian has the programs of each version here, and not in PATH.
const VERSIONS: &str = "/usr/lib/postgresql";

/// The user of the server, because PostgreSQL refuses root: `nobody`.
const NOBODY: u32 = 65_534;

const USER: &str = "postgres";

/// Differences from PostgreSQL's defaults, which commit durably and allow 100 connections.
const CONFIGURATION: &str = "\
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = '4GB'
max_wal_size = '4GB'
wal_compression = lz4
";

/// A PostgreSQL server on loopback with a cluster of its own.
#[derive(Debug)]
pub(crate) struct Postgres {
    process: Process,
    folder: PathBuf,
    port: u16,
}

impl Postgres {
    /// Starts one with all its files below `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("postgres");
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        chown(&folder, Some(NOBODY), Some(NOBODY))?;
        let data = folder.join("data");
        let mut initdb = server("initdb");
        initdb.arg("--pgdata").arg(&data).args([
            "--username",
            USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
        ]);
        succeed(initdb.current_dir(&folder))
            .context("make a cluster; user nobody has to reach the folder of the bench")?;
        // The port is free now; if another process takes it first, the server fails with an error.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        let port = port.port();
        let configuration = data.join("postgresql.conf");
        let text = fs::read_to_string(&configuration)?;
        fs::write(
            configuration,
            format!("{text}{CONFIGURATION}port = {port}\n"),
        )?;
        let mut command = server("postgres");
        command.arg("-D").arg(data).current_dir(&folder);
        let log = folder.join("log");
        let mut postgres = Self {
            process: Process::start(&mut command, log)?,
            folder,
            port,
        };
        let (program, folder) = (psql(postgres.port, "postgres"), postgres.folder.clone());
        let mut ask = program;
        ask.current_dir(folder).args(["--command", "SELECT 1"]);
        postgres
            .process
            .wait_for(|| succeed(&mut ask).ok())
            .context("start PostgreSQL")?;
        Ok(postgres)
    }

    /// Creates an empty database and returns its URL.
    pub(crate) fn create(&self, database: &str) -> Result<String> {
        self.ask("postgres", &format!("CREATE DATABASE {database}"))?;
        let port = self.port;
        Ok(format!("postgres://{USER}@127.0.0.1:{port}/{database}"))
    }

    /// The result of `sql`: rows as lines, columns with `|` in between.
    pub(crate) fn ask(&self, database: &str, sql: &str) -> Result<String> {
        self.psql(database, &["--command", sql])
    }

    /// Runs a script whose variables, written `:name`, have these values.
    pub(crate) fn script(&self, database: &str, sql: &str, values: &[(&str, u32)]) -> Result<()> {
        let file = self.folder.join("script.sql");
        fs::write(&file, sql)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644))?;
        let values: Vec<String> = values
            .iter()
            .map(|(name, value)| format!("--set={name}={value}"))
            .collect();
        let mut arguments: Vec<&str> = values.iter().map(String::as_str).collect();
        let file = file.to_string_lossy();
        arguments.extend(["--file", &file]);
        self.psql(database, &arguments).map(|_| ())
    }

    /// Bytes that were written to its write-ahead log so far.
    pub(crate) fn wal(&self) -> Result<u64> {
        let text = self.ask(
            "postgres",
            "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')",
        )?;
        text.parse().with_context(|| text.clone())
    }

    /// The processes that serve connections of daemons to this database.
    pub(crate) fn backends(&self, database: &str) -> Result<Vec<Tree>> {
        let text = self.ask(
            database,
            "SELECT pid FROM pg_stat_activity WHERE application_name = 'sockerless' \
             AND datname = current_database()",
        )?;
        let backends = text.lines().map(|line| Ok(Tree::of(line.parse()?)));
        backends.collect()
    }

    /// Its processes.
    pub(crate) fn tree(&self) -> Tree {
        self.process.tree()
    }

    fn psql(&self, database: &str, arguments: &[&str]) -> Result<String> {
        let mut command = psql(self.port, database);
        command.current_dir(&self.folder).args(arguments);
        succeed(&mut command).with_context(|| self.process.said())
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // Its processes and its shared memory end with it; its files are discarded.
        let _ended = self.process.end(Signal::QUIT);
    }
}

/// The path of a program of PostgreSQL: of the newest installed version, or in PATH.
pub(super) fn program(name: &str) -> PathBuf {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let versions = versions.filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let path = entry.path().join("bin").join(name);
        path.is_file().then_some((version, path))
    });
    versions.max().map_or_else(|| name.into(), |(_, path)| path)
}

/// A program that runs the server.
fn server(name: &str) -> Command {
    let mut command = alone::tied_as(NOBODY, program(name));
    command.env_clear().env("PATH", "/usr/bin:/bin");
    command
}

fn psql(port: u16, database: &str) -> Command {
    let mut command = Command::new(program("psql"));
    command
        .env_clear()
        .args(["--no-psqlrc", "--no-password", "--quiet"])
        .args(["--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1"])
        .args(["--host=127.0.0.1", "--username", USER, "--dbname", database])
        .arg(format!("--port={port}"));
    command
}

/// Runs a command to its end and returns its output.
fn succeed(command: &mut Command) -> Result<String> {
    let output = command.stdin(Stdio::null()).output();
    let output = output.with_context(|| format!("start {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(String::from_utf8_lossy(&output.stdout)
        .trim_end()
        .to_owned())
}
