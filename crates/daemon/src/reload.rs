//! Reloading on SIGHUP.

use anyhow::{Result, bail};
use sockerless_images::Images;
use tracing::{error, info};

use crate::cli::Command;
use crate::config;
use crate::logging::Log;

/// Reads the options again and applies their log level; certificates and credentials are read again
/// when they are next needed. On an error nothing changes. Running requests go on.
pub(crate) async fn reload(images: &Images, log: &Log) {
    let read = tokio::task::spawn_blocking(|| config::read(std::env::args_os())).await;
    match read.map_err(Into::into).and_then(|read| changed(read, log)) {
        Ok(level) => {
            images.reload_registries().await;
            info!(
                log_level = level,
                "read again: log level, certificates and credentials of registries"
            );
        }
        Err(error) => error!(
            error = format!("{error:#}"),
            "cannot read the options again: everything stays as it was"
        ),
    }
}

fn changed(read: Result<Command, config::Error>, log: &Log) -> Result<String> {
    let options = match read {
        Ok(Command::Serve(options)) => options,
        Ok(_) => bail!("this process was not started by `sockerless serve`"),
        Err(config::Error::Usage(error)) => {
            let text = error.to_string();
            bail!("{}", text.lines().next().unwrap_or_default().to_owned())
        }
        Err(error) => return Err(error.into()),
    };
    let level = options.log_level.to_string();
    log.set(options.log_level)?;
    Ok(level)
}
