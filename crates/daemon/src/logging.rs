use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::LogFormat;

/// Why the log cannot be set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error(
        "the log level {level:?} is not understood: give error, warn, info, debug or trace, also \
         by module as in info,sockerless_engine=debug"
    )]
    Level {
        level: String,
        source: tracing_subscriber::filter::ParseError,
    },
}

/// Sends the log of this process to standard error.
pub(crate) fn begin(level: &str, format: LogFormat) -> Result<(), Error> {
    let directives: Vec<_> = level.split(',').filter(|part| !part.is_empty()).collect();
    let filter: Targets = directives
        .join(",")
        .parse()
        .map_err(|source| Error::Level {
            level: level.to_owned(),
            source,
        })?;
    let log = tracing_subscriber::fmt()
        // The filter alone decides.
        .with_max_level(LevelFilter::TRACE)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.finish().with(filter).init(),
        LogFormat::Json => log.json().finish().with(filter).init(),
    }
    Ok(())
}
