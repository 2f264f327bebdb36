//! Archives as every producer writes them.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::producers;
use sockerless_testkit::sample::Sample;

use crate::SOCKERLESS;
use crate::outcome::{Faults, check};

on_both_backends!(every_producer);

fn every_producer(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let mut faults = Faults::default();
    for sample in producers::all() {
        faults.note(sample.producer, load(&daemon, &sample));
    }
    faults.finish();
}

fn load(daemon: &Daemon, sample: &Sample) -> Result<(), String> {
    if let Some(base) = &sample.base {
        let early = daemon.load(&sample.archive);
        if early.status != 500 {
            return Err(format!(
                "without its base: {} {}",
                early.status,
                early.text()
            ));
        }
        let message = early.message();
        if !sample.elided.iter().any(|digits| message.contains(digits)) {
            return Err(format!("names none of {:?}: {message}", sample.elided));
        }
        let response = daemon.load(base);
        if response.status != 200 {
            return Err(format!("base: {} {}", response.status, response.text()));
        }
    }
    check(daemon, &daemon.load(&sample.archive), &sample.images)?;
    // The same again changes nothing and answers the same.
    check(daemon, &daemon.load(&sample.archive), &sample.images)
}
