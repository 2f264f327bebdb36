use std::fs;
use std::path::Path;

use anyhow::Result;

use super::{Daemon, Postgres, Registry, Sockerless};
use crate::measure::Usage;

/// The database of a fleet.
const DATABASE: &str = "sockerless";

/// Daemons that share a database and a staging registry, on one machine.
#[derive(Debug)]
pub(crate) struct Fleet {
    /// The daemons.
    pub(crate) daemons: Vec<Daemon>,
    /// Their registry.
    pub(crate) registry: Registry,
    /// Their database server.
    pub(crate) postgres: Postgres,
}

/// The usage of the parts of a fleet.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// All daemons together.
    pub(crate) daemons: Usage,
    /// PostgreSQL.
    pub(crate) postgres: Usage,
    /// The registry.
    pub(crate) registry: Usage,
    /// Bytes that PostgreSQL wrote to its write-ahead log.
    pub(crate) wal: u64,
}

impl Fleet {
    /// Starts so many daemons with all their files below `folder`.
    pub(crate) fn start(sockerless: &Sockerless, folder: &Path, daemons: usize) -> Result<Self> {
        let postgres = Postgres::start(folder)?;
        let registry = Registry::start(folder)?;
        let state = postgres.create(DATABASE)?;
        let sockerless = sockerless
            .clone()
            .staging(&format!("{}/staging", registry.host()))
            .state(&state);
        let daemons = (0..daemons).map(|number| {
            let folder = folder.join(number.to_string());
            fs::create_dir_all(&folder)?;
            sockerless.start(&folder)
        });
        Ok(Self {
            daemons: daemons.collect::<Result<_>>()?,
            registry,
            postgres,
        })
    }

    /// How many connections to the database its daemons have, and how many bytes of private memory
    /// each takes, on average.
    pub(crate) fn connections(&self) -> Result<(usize, u64)> {
        let backends = self.postgres.backends(DATABASE)?;
        let memory: u64 = backends.iter().map(|it| it.private_memory()).sum();
        Ok((backends.len(), memory / (backends.len() as u64).max(1)))
    }

    /// The usage of its parts while `act` runs.
    pub(crate) fn cost<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<(T, Cost)> {
        let before = self.used()?;
        let done = act()?;
        let after = self.used()?;
        let cost = Cost {
            daemons: after.daemons.since(before.daemons),
            postgres: after.postgres.since(before.postgres),
            registry: after.registry.since(before.registry),
            wal: after.wal.saturating_sub(before.wal),
        };
        Ok((done, cost))
    }

    fn used(&self) -> Result<Cost> {
        let mut daemons = Usage::default();
        for daemon in &self.daemons {
            daemons = daemons + daemon.tree().usage()?;
        }
        Ok(Cost {
            daemons,
            postgres: self.postgres.tree().usage()?,
            registry: self.registry.tree().usage()?,
            wal: self.postgres.wal()?,
        })
    }
}
