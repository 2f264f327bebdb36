//! Archives that must be refused: a status and a sentence, and nothing changed.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::Response;
use sockerless_testkit::image::Image;
use sockerless_testkit::malformed::{Fault, all};

use crate::SOCKERLESS;
use crate::outcome::{Faults, check, same, visible};
use sockerless_testkit::sample::Expected;

on_both_backends!(every_fault);

fn every_fault(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let first = Image::sample("before the faults", 2);
    let response = daemon.load(&first.docker_archive(&["malformed:good"]).finish());
    check(
        &daemon,
        &response,
        &[Expected::new(&first, &["malformed:good"])],
    )
    .unwrap();
    let before = visible(&daemon);
    let mut faults = Faults::default();
    for fault in all() {
        faults.note(fault.name, refused(&daemon.load(&fault.archive), &fault));
        faults.note(fault.name, same("images", visible(&daemon), before.clone()));
    }
    let last = Image::sample("after the faults", 2);
    let response = daemon.load(&last.docker_archive(&["malformed:after"]).finish());
    let expected = [Expected::new(&last, &["malformed:after"])];
    faults.note(
        "a good one afterwards",
        check(&daemon, &response, &expected),
    );
    faults.finish();
}

fn refused(response: &Response, fault: &Fault) -> Result<(), String> {
    if response.status != 500 {
        return Err(format!(
            "{} {}",
            response.status,
            response.text().trim_end()
        ));
    }
    same(
        "Content-Type",
        response.header("Content-Type"),
        Some("application/json"),
    )?;
    same(
        "Transfer-Encoding",
        response.header("Transfer-Encoding"),
        None,
    )?;
    let message = response.message();
    let lower = message.to_lowercase();
    for mention in &fault.mentions {
        if !lower.contains(&mention.to_lowercase()) {
            return Err(format!("{mention:?} is not in {message:?}"));
        }
    }
    Ok(())
}
