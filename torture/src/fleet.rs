use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sockerless_testkit::postgres::Postgres;
use sockerless_testkit::registry::Registry;

use crate::Plan;
use crate::gate::Gate;
use crate::replica::Replica;

/// The database that all share.
const DATABASE: &str = "sockerless";

/// The daemons, and what they share. All end when this is dropped.
#[derive(Debug)]
pub(crate) struct Fleet {
    pub(crate) replicas: Vec<Replica>,
    registry_gate: Gate,
    registry: Mutex<Registry>,
    postgres: Mutex<Postgres>,
}

impl Fleet {
    /// Starts everything.
    pub(crate) fn start(plan: &Plan) -> Self {
        let registry = Registry::open();
        let registry_gate = Gate::open(registry.address());
        let postgres = Postgres::start();
        postgres.create_database(DATABASE);
        let staging = format!("{}/staging", registry_gate.address());
        let replica = |number: usize| {
            Replica::new(
                &plan.sockerless,
                plan.logs.join(format!("daemon-{number}.log")),
                postgres.address(),
                |address| postgres.url_through(address, DATABASE),
                &staging,
            )
        };
        let replicas: Vec<_> = (0..plan.daemons).map(replica).collect();
        std::thread::scope(|scope| {
            for replica in &replicas {
                scope.spawn(|| replica.start());
            }
        });
        Self {
            replicas,
            registry_gate,
            registry: Mutex::new(registry),
            postgres: Mutex::new(postgres),
        }
    }

    /// Kills the database with all its processes.
    pub(crate) fn crash_postgres(&self) {
        for replica in &self.replicas {
            replica.barriers.begin();
        }
        lock(&self.postgres).crash();
        for replica in &self.replicas {
            replica.gate.cut();
            replica.barriers.pass();
        }
    }

    /// Starts it again.
    pub(crate) fn restart_postgres(&self) {
        lock(&self.postgres).restart();
    }

    /// Delays everything that goes to the database or comes from it.
    pub(crate) fn delay_postgres(&self, delay: Duration) {
        for replica in &self.replicas {
            replica.gate.delay(delay);
        }
    }

    /// Makes the registry unreachable, and closes its connections.
    pub(crate) fn stop_registry(&self) {
        self.registry_gate.lead(None);
        self.registry_gate.cut();
    }

    /// How many connections to it were refused.
    pub(crate) fn registry_refused(&self) -> u64 {
        self.registry_gate.refused()
    }

    /// Restarts it with its content.
    pub(crate) fn restart_registry(&self) {
        let mut registry = lock(&self.registry);
        registry.restart();
        self.registry_gate.lead(Some(registry.address()));
    }

    /// Waits until no earlier operation can still be done.
    pub(crate) fn settle(&self) {
        for replica in &self.replicas {
            replica.cut();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
