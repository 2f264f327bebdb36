//! Assembling the parts of the daemon from its options.

use std::sync::Arc;

use anyhow::{Context, Result};
use sockerless_archive::Limits;
use sockerless_containers::Containers;
use sockerless_events::Events;
use sockerless_frontend::{ConnectionLimits, Frontend, FrontendConfig};
use sockerless_images::{ClientLimits, Config, Images, ImportConfig};

use crate::cli::{LoadResult, ServeOptions};
use crate::identity;
use crate::storage::Storage;
use crate::sweeper;

/// The API over images and containers, and their background tasks.
pub(crate) fn frontend(
    images: &Images,
    containers: Containers,
    options: &ServeOptions,
    storage: &Storage,
) -> Result<Frontend> {
    if images.keeps_layers() {
        tokio::spawn(sweeper::run(images.clone()));
    }
    Ok(Frontend::new(
        images.clone(),
        containers,
        frontend_config(options, storage)?,
    ))
}

/// Images and containers on top of their stores.
pub(crate) async fn stores(
    config: Config,
    options: &ServeOptions,
    storage: &Storage,
) -> Result<(Images, Containers)> {
    let state = storage.state(options).await;
    let state = state.context("cannot open the state")?;
    let content = storage.content(options);
    let content = content.context("cannot open the content")?;
    let mut images = Images::new(config, Arc::clone(&state.store), content);
    if let Some(feed) = state.feed {
        images = images.with_events(Events::shared(feed));
    }
    let containers = Containers::new(images.clone(), state.store);
    Ok((images, containers))
}

/// The configuration of the images.
pub(crate) fn config(options: &ServeOptions) -> Config {
    Config {
        platform: options.platform.clone(),
        limits: Limits::from(&options.limits),
        staging: options.staging.config(options.gives_back()),
        cache_size: options.content_cache_size,
        clients: ClientLimits::from(&options.clients),
        import: ImportConfig::from(&options.imports),
        registry: options.registries.config(),
        share_credentials: options.registries.share_credentials,
    }
}

fn frontend_config(options: &ServeOptions, storage: &Storage) -> Result<FrontendConfig> {
    let content = options.content.name();
    let staging = options.staging.repository();
    let data_root = storage.data_root();
    Ok(FrontendConfig {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        platform: options.platform.clone(),
        load_result: match options.load_result {
            LoadResult::Full => sockerless_frontend::LoadResult::Full,
            LoadResult::Docker => sockerless_frontend::LoadResult::Docker,
        },
        id: identity::engine_id(data_root)?,
        root_dir: data_root
            .map(|data_root| data_root.display().to_string())
            .unwrap_or_default(),
        insecure_registries: options.registries.insecure.clone(),
        driver_status: [("State", options.state.kind()), ("Content", content)]
            .into_iter()
            .chain(staging.map(|staging| ("Staging", staging.repository())))
            .map(|(label, value)| (label.to_owned(), value.to_owned()))
            .collect(),
        connections: ConnectionLimits::from(&options.clients),
    })
}
