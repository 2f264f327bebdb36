//! Logs what is kept but cannot be read, once for each item.

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use sockerless_oci::ImageConfig;
use sockerless_oci::json::JsonError;
use sockerless_reference::Digest;

/// How many items are remembered.
const REMEMBERED: usize = 1024;

/// The items that are kept here and cannot be read, by ID: each is logged once, however often it is
/// listed.
#[derive(Debug, Clone, Default)]
pub struct Unreadable(Arc<Mutex<HashSet<String>>>);

impl Unreadable {
    /// Logs that `id`, a `what`, cannot be read, if that was not logged before. Beyond a bound
    /// nothing more is logged: by then something else is wrong.
    pub fn log(&self, what: &'static str, id: &str, error: &dyn fmt::Display) {
        if self.is_new(id) {
            tracing::error!(
                id,
                %error,
                "{what} is kept here and cannot be read: lists show what else is known of it; \
                 remove it and load it again"
            );
        }
    }

    /// Parses the config of image `id`; `None` when it cannot be read, which is logged. It takes a
    /// while when the config is large.
    pub(crate) fn config(&self, config: &[u8], id: Digest) -> Option<ImageConfig> {
        let read = ImageConfig::parse(config);
        let log = |error: &JsonError| self.log("the config of an image", &id.to_string(), error);
        read.inspect_err(log).ok()
    }

    fn is_new(&self, id: &str) -> bool {
        let mut logged = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        logged.len() < REMEMBERED && logged.insert(id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_once_and_not_for_ever() {
        let unreadable = Unreadable::default();
        assert!(unreadable.is_new("a"));
        assert!(unreadable.is_new("b"));
        assert!(!unreadable.clone().is_new("a"));
        for number in 0..2 * REMEMBERED {
            unreadable.is_new(&number.to_string());
        }
        assert!(!unreadable.is_new("c"));
    }
}
