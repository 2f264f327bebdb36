//! Where images are kept while the daemon runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use sockerless_content::ContentStore;
use sockerless_state::{Feed, PostgresStore, SqliteStore, StateStore};
use tempfile::TempDir;

use crate::cli::{Content, ServeOptions};
use crate::data_root::{DataRoot, StateFile};
use crate::defaults;
use crate::state::State;

/// The folders of a daemon, held as long as this value exists.
#[derive(Debug)]
pub(crate) struct Storage {
    data_root: Option<DataRoot>,
    /// For layers that are being staged, if nothing else is on disk.
    scratch: Option<TempDir>,
}

/// The state, and the feed of events of the daemons that share it.
pub(crate) struct OpenState {
    pub(crate) store: Arc<dyn StateStore>,
    pub(crate) feed: Option<Feed>,
}

impl OpenState {
    /// State that is not shared with other daemons.
    fn alone(store: SqliteStore) -> Self {
        Self {
            store: Arc::new(store),
            feed: None,
        }
    }
}

impl Storage {
    /// Opens and locks the folders that these options need.
    pub(crate) fn open(options: &ServeOptions) -> Result<Self> {
        if let Some(path) = data_root(options)? {
            return Ok(Self {
                data_root: Some(DataRoot::open(&path)?),
                scratch: None,
            });
        }
        let mut folder = tempfile::Builder::new();
        let scratch = options.staging.repository().map(|_| {
            let folder = folder.prefix("sockerless-").tempdir();
            folder.context("cannot make a temporary folder for layers that are staged")
        });
        Ok(Self {
            data_root: None,
            scratch: scratch.transpose()?,
        })
    }

    /// The data root; `None` if nothing is kept.
    pub(crate) fn data_root(&self) -> Option<&Path> {
        self.data_root.as_ref().map(DataRoot::path)
    }

    pub(crate) async fn state(&self, options: &ServeOptions) -> Result<OpenState> {
        Ok(match &options.state {
            State::Memory => OpenState::alone(SqliteStore::in_memory().await?),
            State::Sqlite => {
                let file = StateFile::of(self.data_root().context("there is no data root")?);
                file.exists()?;
                let store = SqliteStore::open(file.path()).await?;
                file.claim(&store.id().await?)?;
                OpenState::alone(store)
            }
            State::Postgres(url) => {
                let store = PostgresStore::open(url).await?;
                OpenState {
                    feed: Some(store.feed()),
                    store: Arc::new(store),
                }
            }
        })
    }

    pub(crate) fn content(&self, options: &ServeOptions) -> Result<ContentStore> {
        let folder = self.data_root().map(|data_root| data_root.join("content"));
        Ok(match options.content {
            Content::Keep => ContentStore::open(&folder.context("there is no data root")?)?,
            Content::Discard if options.staging.repository().is_none() => {
                ContentStore::discarding()
            }
            // A verified layer must still be sent.
            Content::Discard => {
                let scratch = self.scratch.as_ref().map(|folder| folder.path().to_owned());
                let folder = folder.or(scratch);
                ContentStore::transient(&folder.context("there is no temporary folder")?)?
            }
        })
    }
}

/// The data root that these options need; `None` if they keep nothing.
pub(crate) fn data_root(options: &ServeOptions) -> Result<Option<PathBuf>, defaults::Error> {
    if options.state != State::Sqlite && options.content != Content::Keep {
        return Ok(None);
    }
    match &options.data_root {
        Some(path) => Ok(Some(path.clone())),
        None => defaults::data_root().map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::Command;
    use crate::config;

    fn options(flags: &[&str]) -> Box<ServeOptions> {
        let arguments = ["sockerless", "serve"]
            .into_iter()
            .chain(flags.iter().copied());
        match config::read(arguments.map(OsString::from)) {
            Ok(Command::Serve(options)) => options,
            other => panic!("expected options: {other:?}"),
        }
    }

    #[test]
    fn nothing_is_on_disk_unless_it_is_needed() {
        let nothing = options(&["--state=memory", "--content=discard"]);
        let storage = Storage::open(&nothing).expect("nothing to fail");
        assert_eq!(storage.data_root(), None);
        assert!(storage.scratch.is_none());
        assert!(!storage.content(&nothing).expect("content").keeps());
    }

    #[test]
    fn staged_layers_have_a_folder_for_a_while() {
        let flags = ["--state=memory", "--content=discard", "--staging=h:5000/x"];
        let staged = options(&flags);
        let storage = Storage::open(&staged).expect("a folder");
        let folder = storage
            .scratch
            .as_ref()
            .expect("a folder")
            .path()
            .to_owned();
        let content = storage.content(&staged).expect("content");
        assert!(!content.keeps());
        assert!(folder.exists());
        drop(content);
        drop(storage);
        assert!(!folder.exists(), "it goes with the daemon");
    }

    #[test]
    fn they_have_it_in_the_data_root_where_there_is_one() {
        let folder = tempfile::tempdir().expect("folder");
        let data_root = format!("--data-root={}", folder.path().display());
        let staged = options(&["--content=discard", "--staging=h:5000/x", &data_root]);
        let storage = Storage::open(&staged).expect("a folder");
        assert_eq!(storage.data_root(), Some(folder.path()));
        assert!(storage.scratch.is_none());
        let content = storage.content(&staged).expect("content");
        assert!(!content.keeps());
        assert!(folder.path().join("content").exists());
    }
}
