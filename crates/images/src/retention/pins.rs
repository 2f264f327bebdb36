//! Blobs that running operations will read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sockerless_reference::Digest;

/// Blobs that running operations will read: a load that reuses them, a push, a save. Their files
/// are not removed meanwhile.
#[derive(Debug, Clone, Default)]
pub(super) struct Pins(Arc<Mutex<HashMap<Digest, usize>>>);

/// Blobs that are not removed while this lives.
#[derive(Debug)]
pub(crate) struct Pinned {
    pins: Pins,
    digests: Vec<Digest>,
}

impl Pins {
    pub(super) fn pin(&self, digests: impl IntoIterator<Item = Digest>) -> Pinned {
        let digests: Vec<_> = digests.into_iter().collect();
        let mut counts = self.lock();
        for digest in &digests {
            *counts.entry(*digest).or_default() += 1;
        }
        Pinned {
            pins: self.clone(),
            digests,
        }
    }

    /// Those of `digests` that are not pinned.
    pub(super) fn free(&self, digests: impl IntoIterator<Item = Digest>) -> Vec<Digest> {
        let counts = self.lock();
        let digests = digests.into_iter();
        digests.filter(|d| !counts.contains_key(d)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Digest, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Pinned {
    fn drop(&mut self) {
        let mut counts = self.pins.lock();
        for digest in &self.digests {
            if let Some(count) = counts.get_mut(digest) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(digest);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_free_when_the_last_pin_is_gone() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));
        let pins = Pins::default();
        let first = pins.pin([a, a]);
        let second = pins.pin([a]);
        assert_eq!(pins.free([a, b]), [b]);
        drop(first);
        assert_eq!(pins.free([a, b]), [b]);
        drop(second);
        assert_eq!(pins.free([a, b]), [a, b]);
        assert!(pins.lock().is_empty());
    }
}
