//! The content of a registry: repositories and running uploads.

use std::collections::{BTreeMap, HashMap};

use bytes::{Bytes, BytesMut};
use sockerless_reference::Digest;

/// The content of a registry.
#[derive(Debug, Default)]
pub(super) struct Store {
    pub(super) repositories: HashMap<String, Repository>,
    pub(super) uploads: HashMap<u64, Session>,
    next_session: u64,
}

#[derive(Debug, Default)]
pub(super) struct Repository {
    pub(super) blobs: HashMap<Digest, Bytes>,
    pub(super) manifests: HashMap<Digest, (String, Bytes)>,
    pub(super) tags: BTreeMap<String, Digest>,
}

/// An upload that has not ended.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) repository: String,
    pub(super) bytes: BytesMut,
    /// Requests with bytes so far.
    pub(super) patches: usize,
    /// The number in the last location; older ones are no longer valid.
    pub(super) turn: u64,
}

impl Store {
    pub(super) fn create(&mut self, path: &str) -> &mut Repository {
        self.repositories.entry(path.to_owned()).or_default()
    }

    pub(super) fn begin(&mut self, repository: &str) -> u64 {
        self.next_session += 1;
        let session = Session {
            repository: repository.to_owned(),
            bytes: BytesMut::new(),
            patches: 0,
            turn: 0,
        };
        self.uploads.insert(self.next_session, session);
        self.next_session
    }
}

impl Repository {
    pub(super) fn manifest(&self, name: &str) -> Option<&(String, Bytes)> {
        let digest = match name.parse::<Digest>() {
            Ok(digest) => digest,
            Err(_) => *self.tags.get(name)?,
        };
        self.manifests.get(&digest)
    }
}
