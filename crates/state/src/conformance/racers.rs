//! Images that are changed by several callers at once.

use crate::conformance::sample::{Sample, add, released, together};
use crate::{ImageStore, Removed};

/// Images that take part in a race.
const RACES: usize = 32;

/// Each with its only name.
pub(crate) fn racers() -> Vec<(Sample, String)> {
    let racer = |n| (Sample::new(&format!("racer {n}")), format!("app:{n}"));
    (0..RACES).map(racer).collect()
}

pub(crate) async fn add_racers(store: &dyn ImageStore, racers: &[(Sample, String)]) {
    let additions = racers.iter().map(|(sample, name)| sample.named(&[name]));
    add(store, together(additions)).await;
}

/// The layers of the image, as a removal returns them when nothing needs them any more.
pub(crate) fn all_of(sample: &Sample) -> Removed {
    released(sample.layers().iter().map(|layer| layer.digest).collect())
}
