//! A registry in the process, for tests.
//!
//! [`FakeRegistry`] speaks the distribution protocol over http on a loopback port and keeps
//! everything in memory. A [`Profile`] gives it the behaviour of one of the clouds' registries; a
//! [`Fault`] makes one request fail; [`FakeRegistry::requests`] returns the requests so far.

mod access;
mod blobs;
mod fault;
mod manifests;
mod profile;
mod reply;
mod server;
mod store;
mod uploads;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Method};
use sockerless_reference::Digest;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use fault::{Action, Fault, Step};
pub use profile::{Auth, Mounts, Profile, TokenAuth, UploadLocation};

/// A registry on a loopback port. Dropping it closes the port and all connections.
#[derive(Debug)]
pub struct FakeRegistry {
    address: SocketAddr,
    state: Arc<server::State>,
    tasks: Vec<JoinHandle<()>>,
}

/// A request that was made to the registry.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its purpose.
    pub step: Step,
    /// The method.
    pub method: Method,
    /// The path without the query.
    pub path: String,
    /// The query, empty if there is none.
    pub query: String,
    /// The headers.
    pub headers: HeaderMap,
}

impl FakeRegistry {
    /// Starts a registry on a free port.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(profile: Profile) -> io::Result<Self> {
        let front = TcpListener::bind("127.0.0.1:0").await?;
        let storage = TcpListener::bind("127.0.0.1:0").await?;
        let address = front.local_addr()?;
        let state = Arc::new(server::State::new(profile, address, storage.local_addr()?));
        let tasks = [front, storage]
            .into_iter()
            .map(|listener| tokio::spawn(server::accept(listener, Arc::clone(&state))))
            .collect();
        Ok(Self {
            address,
            state,
            tasks,
        })
    }

    /// `HOST:PORT`, as references name it.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Applies a fault to some of the next requests.
    pub fn inject(&self, fault: Fault) {
        self.state.faults().push(fault);
    }

    /// Removes all remaining faults.
    pub fn clear_faults(&self) {
        self.state.faults().clear();
    }

    /// The requests so far, in the order in which their heads arrived.
    pub fn requests(&self) -> Vec<Request> {
        self.state.requests().clone()
    }

    /// How many requests there were for `step`.
    pub fn count(&self, step: Step) -> usize {
        self.state
            .requests()
            .iter()
            .filter(|request| request.step == step)
            .count()
    }

    /// Revokes all issued tokens.
    pub fn revoke_tokens(&self) {
        self.state.tokens().clear();
    }

    /// Moves the token server to another path; the old one is not found any more.
    pub fn move_tokens(&self, path: &str) {
        self.state.move_tokens(path);
    }

    /// Changes the password, as if the old one had expired.
    pub fn change_password(&self, password: &str) {
        self.state.change_password(password);
    }

    /// Creates an empty repository, for profiles whose repositories must exist.
    pub fn create_repository(&self, path: &str) {
        self.state.store().create(path);
    }

    /// Puts a blob into a repository.
    pub fn add_blob(&self, path: &str, bytes: impl Into<Bytes>) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        self.state.store().create(path).blobs.insert(digest, bytes);
        digest
    }

    /// Puts a manifest into a repository, unchecked, with a tag if one is given.
    pub fn add_manifest(
        &self,
        path: &str,
        tag: Option<&str>,
        media_type: &str,
        bytes: impl Into<Bytes>,
    ) -> Digest {
        let bytes = bytes.into();
        let digest = Digest::of(&bytes);
        let mut store = self.state.store();
        let repository = store.create(path);
        repository
            .manifests
            .insert(digest, (media_type.to_owned(), bytes));
        if let Some(tag) = tag {
            repository.tags.insert(tag.to_owned(), digest);
        }
        digest
    }

    /// The bytes of a blob.
    pub fn blob(&self, path: &str, digest: &Digest) -> Option<Bytes> {
        self.state
            .store()
            .repositories
            .get(path)?
            .blobs
            .get(digest)
            .cloned()
    }

    /// The number of blobs in a repository.
    pub fn blob_count(&self, path: &str) -> usize {
        let store = self.state.store();
        store
            .repositories
            .get(path)
            .map_or(0, |repository| repository.blobs.len())
    }

    /// The media type and bytes of a manifest, by tag or digest.
    pub fn manifest(&self, path: &str, name: &str) -> Option<(String, Bytes)> {
        self.state
            .store()
            .repositories
            .get(path)?
            .manifest(name)
            .cloned()
    }

    /// The tags of a repository, sorted.
    pub fn tags(&self, path: &str) -> Vec<String> {
        let store = self.state.store();
        let repository = store.repositories.get(path);
        repository
            .map(|found| found.tags.keys().cloned().collect())
            .unwrap_or_default()
    }
}

impl Drop for FakeRegistry {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}
