use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

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
    let filter = EnvFilter::builder()
        .parse(level)
        .map_err(|source| Error::Level {
            level: level.to_owned(),
            source,
        })?;
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().init(),
    }
    Ok(())
}
