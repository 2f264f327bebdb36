//! The registry in the process, for behaviour that real ones cannot be made to show.

use sockerless_testkit::registry::fake::{FakeRegistry, Profile};
use tokio::runtime::{Builder, Runtime};

/// A registry and the threads that serve it.
pub(crate) struct Fake {
    // Before the runtime: its tasks end first.
    pub(crate) registry: FakeRegistry,
    _runtime: Runtime,
}

impl Fake {
    pub(crate) fn start(profile: Profile) -> Self {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let registry = runtime.block_on(FakeRegistry::start(profile));
        Self {
            registry: registry.expect("a free port"),
            _runtime: runtime,
        }
    }

    /// `HOST:PORT`, as references name it.
    pub(crate) fn host(&self) -> String {
        self.registry.host()
    }
}
