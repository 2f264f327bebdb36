//! The log: its levels, its format, and changing them at run time.

use std::fmt;
use std::io::IsTerminal;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::reload;
use tracing_subscriber::util::SubscriberInitExt;

use crate::cli::LogFormat;

const LEVELS: &[(&str, LevelFilter)] = &[
    ("off", LevelFilter::OFF),
    ("error", LevelFilter::ERROR),
    ("warn", LevelFilter::WARN),
    ("info", LevelFilter::INFO),
    ("debug", LevelFilter::DEBUG),
    ("trace", LevelFilter::TRACE),
];

/// The log level: one for everything, and others for modules.
#[derive(Debug, Clone)]
pub(crate) struct LogLevel {
    text: String,
    targets: Targets,
}

impl LogLevel {
    /// Reads `info` or `info,sockerless_images=debug`.
    ///
    /// # Errors
    /// A message that names the levels, for an unknown one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut targets = Targets::new();
        for part in text.split(',').map(str::trim) {
            targets = match part.split_once('=') {
                Some((module, name)) if !module.trim().is_empty() => {
                    targets.with_target(module.trim(), level(name)?)
                }
                Some(_) => return Err(format!("{part:?} names no module")),
                None => targets.with_default(level(part)?),
            };
        }
        Ok(Self {
            text: text.to_owned(),
            targets,
        })
    }

    /// Warnings and errors only.
    pub(crate) fn warnings() -> Self {
        Self {
            text: "warn".to_owned(),
            targets: Targets::new().with_default(LevelFilter::WARN),
        }
    }
}

impl fmt::Display for LogLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn level(name: &str) -> Result<LevelFilter, String> {
    let known = LEVELS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name.trim()));
    known.map(|(_, level)| *level).ok_or_else(|| {
        format!(
            "{name:?} is not a log level: give off, error, warn, info, debug or trace, also by \
             module as in info,sockerless_images=debug"
        )
    })
}

type Change = dyn Fn(LogLevel) -> Result<(), reload::Error> + Send + Sync;

/// The log of this process.
pub(crate) struct Log {
    change: Box<Change>,
}

impl Log {
    /// Starts logging to standard error.
    pub(crate) fn begin(level: &LogLevel, format: LogFormat) -> Self {
        let log = tracing_subscriber::fmt()
            // Only the filter decides.
            .with_max_level(LevelFilter::TRACE)
            .with_writer(std::io::stderr)
            .with_ansi(std::io::stderr().is_terminal());
        let targets = level.targets.clone();
        let change: Box<Change> = match format {
            LogFormat::Text => {
                let (filter, handle) = reload::Layer::new(targets);
                log.finish().with(filter).init();
                Box::new(move |level| handle.reload(level.targets))
            }
            LogFormat::Json => {
                let (filter, handle) = reload::Layer::new(targets);
                log.json().finish().with(filter).init();
                Box::new(move |level| handle.reload(level.targets))
            }
        };
        Self { change }
    }

    /// Sets the level from now on.
    pub(crate) fn set(&self, level: LogLevel) -> Result<(), reload::Error> {
        (self.change)(level)
    }
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::filter::LevelFilter as L;

    use super::*;

    #[test]
    fn levels() {
        for (text, default, images) in [
            ("info", L::INFO, L::INFO),
            ("WARN", L::WARN, L::WARN),
            ("off", L::OFF, L::OFF),
            ("info,sockerless_images=debug", L::INFO, L::DEBUG),
            ("sockerless_images=debug, warn", L::WARN, L::DEBUG),
        ] {
            let targets = LogLevel::parse(text).expect(text).targets;
            for (module, level) in [("other", default), ("sockerless_images::load", images)] {
                let told = level.into_level();
                let told = told.is_none_or(|level| targets.would_enable(module, &level));
                assert!(told, "{text}: {module}");
                let finer = match level {
                    L::OFF => tracing::Level::ERROR,
                    L::WARN => tracing::Level::INFO,
                    L::INFO => tracing::Level::DEBUG,
                    _ => tracing::Level::TRACE,
                };
                assert!(!targets.would_enable(module, &finer), "{text}: {module}");
            }
        }
        for bad in [
            "",
            "verbose",
            "inf",
            "5",
            "info,",
            "info,hyper=loud",
            "=info",
            "info debug",
        ] {
            LogLevel::parse(bad).expect_err(bad);
        }
    }
}
