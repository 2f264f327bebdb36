//! Which parts the daemon is made of, by its options.

use std::sync::Arc;

use anyhow::{Context, Result};
use sockerless_archive::Limits;
use sockerless_content::ContentStore;
use sockerless_engine::{Config, Engine};
use sockerless_frontend::{Frontend, FrontendConfig};
use sockerless_state::{SqliteStore, StateStore};

use crate::cli::{Content, LoadResult, ServeOptions, State};
use crate::identity;
use crate::lock::DataRoot;
use crate::sweeper;

/// Whether anything is kept on disk.
pub(crate) fn needs_data_root(options: &ServeOptions) -> bool {
    options.state == State::Sqlite || options.content == Content::Keep
}

/// The API over the engine over its stores.
pub(crate) async fn frontend(
    options: &ServeOptions,
    data_root: Option<&DataRoot>,
) -> Result<Frontend> {
    let state = state(options, data_root)
        .await
        .context("cannot open the state")?;
    let content = content(options, data_root).context("cannot open the content")?;
    let engine_config = Config {
        platform: options.platform.clone(),
        limits: Limits::from(&options.limits),
    };
    let engine = Engine::new(engine_config, state, content);
    if engine.keeps_layers() {
        tokio::spawn(sweeper::run(engine.clone()));
    }
    Ok(Frontend::new(engine, frontend_config(options, data_root)?))
}

async fn state(
    options: &ServeOptions,
    data_root: Option<&DataRoot>,
) -> Result<Arc<dyn StateStore>> {
    Ok(match options.state {
        State::Memory => Arc::new(SqliteStore::in_memory().await?),
        State::Sqlite => {
            let data_root = data_root.context("there is no data root")?;
            Arc::new(SqliteStore::open(data_root.path().join("state.sqlite")).await?)
        }
    })
}

fn content(options: &ServeOptions, data_root: Option<&DataRoot>) -> Result<ContentStore> {
    Ok(match options.content {
        Content::Discard => ContentStore::discarding(),
        Content::Keep => {
            let data_root = data_root.context("there is no data root")?;
            ContentStore::open(&data_root.path().join("content"))?
        }
    })
}

fn frontend_config(options: &ServeOptions, data_root: Option<&DataRoot>) -> Result<FrontendConfig> {
    let state = match options.state {
        State::Sqlite => "sqlite",
        State::Memory => "memory",
    };
    let content = match options.content {
        Content::Keep => "keep",
        Content::Discard => "discard",
    };
    Ok(FrontendConfig {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: options.platform.clone(),
        load_result: match options.load_result {
            LoadResult::Full => sockerless_frontend::LoadResult::Full,
            LoadResult::Docker => sockerless_frontend::LoadResult::Docker,
        },
        id: identity::engine_id(data_root.map(DataRoot::path))?,
        root_dir: data_root
            .map(|data_root| data_root.path().display().to_string())
            .unwrap_or_default(),
        driver_status: [("State", state), ("Content", content)]
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .into(),
    })
}
