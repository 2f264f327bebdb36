//! Loads that never succeed. Each of these takes as long as the daemon keeps trying, so they run at
//! the same time.

use sockerless_testkit::daemon::Backend;
use sockerless_testkit::proxy::ClosedPort;
use sockerless_testkit::registry::fake::{Fault, Profile, Step};

use super::check::Table;
use super::fake::Fake;
use super::faults::{a_registry_that_is_down, assert_nothing_stays};
use super::scene::{failure, launch, load_quietly, noisy_archive, staging_at};
use crate::disconnect::files;

#[test]
fn it_ends_with_one_error() {
    std::thread::scope(|scope| {
        scope.spawn(a_registry_that_is_down);
        scope.spawn(nobody_listens);
        scope.spawn(a_check_of_nobody);
        for step in [Step::Begin, Step::Patch, Step::PutManifest] {
            scope.spawn(move || a_registry_that_fails(step));
        }
    });
}

fn nobody_listens() {
    let port = ClosedPort::new();
    let daemon = staging_at(&port.host());
    let before = files(&daemon.data_root());
    let message = failure(&load_quietly(&daemon, &noisy_archive("nobody")));
    assert!(
        message.contains(&format!("{}/staging", port.host())),
        "{message}"
    );
    assert!(message.contains("refused"), "{message}");
    assert_nothing_stays(&daemon, &before);
}

fn a_check_of_nobody() {
    let port = ClosedPort::new();
    let table = Table::of(launch(Backend::Sqlite, &port.host()));
    table.is_ill("registry", &[&port.host(), "refused"]);
    table.advises("registry runs");
}

/// 500 to each request of one kind.
fn a_registry_that_fails(step: Step) {
    let fake = Fake::start(Profile::default());
    fake.registry.inject(Fault::status(step, 500).times(1000));
    let daemon = staging_at(&fake.host());
    let before = files(&daemon.data_root());
    let message = failure(&load_quietly(&daemon, &noisy_archive("fails")));
    for part in [&format!("{}/staging", fake.host()), "500"] {
        assert!(message.contains(part), "{step:?}: {part} in {message}");
    }
    assert_nothing_stays(&daemon, &before);
}
