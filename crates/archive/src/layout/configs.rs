//! A cache of the configs of an archive.

use std::collections::HashMap;
use std::rc::Rc;

use jiff::Timestamp;
use sockerless_oci::{Platform, Time};
use sockerless_reference::Digest;

use crate::Error;
use crate::document::parse_config;
use crate::read::Document;

/// The parsed configs of an archive. Each is parsed once, however many images have it, and only
/// what identifies an image is kept: labels and the history may take many times the size of their
/// text.
#[derive(Debug, Default)]
pub(super) struct Configs {
    read: HashMap<Digest, Rc<Facts>>,
}

/// What identifies an image in its config.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) platform: Platform,
    pub(super) created: Option<Timestamp>,
    pub(super) diff_ids: Vec<Digest>,
}

impl Configs {
    /// The facts of `document`, which is the member `entry`.
    pub(super) fn read(&mut self, entry: &str, document: &Document) -> Result<Rc<Facts>, Error> {
        if let Some(facts) = self.read.get(&document.digest) {
            return Ok(Rc::clone(facts));
        }
        let config = parse_config(entry, document)?;
        let facts = Rc::new(Facts {
            platform: config.platform,
            created: config.created.map(Time::timestamp),
            diff_ids: config.diff_ids,
        });
        self.read.insert(document.digest, Rc::clone(&facts));
        Ok(facts)
    }
}
