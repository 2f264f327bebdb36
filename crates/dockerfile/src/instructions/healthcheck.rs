//! `HEALTHCHECK` and its flags.

use std::num::IntErrorKind;

use crate::flags;
use crate::line::Line;
use crate::{ChangeError, HealthcheckError, duration, exec_form};
use sockerless_oci::config::Healthcheck;

const FLAGS: [&str; 5] = [
    "interval",
    "timeout",
    "start-period",
    "start-interval",
    "retries",
];

/// The shortest time that Docker accepts, in nanoseconds.
const MINIMUM: i64 = 1_000_000;

/// Parses a `HEALTHCHECK`. With `NONE` the flags are ignored.
pub(super) fn parse(line: &Line<'_>) -> Result<Healthcheck, ChangeError> {
    let (kind, rest) = split(line.arguments);
    let command = exec_form::parse(rest)?;
    match kind.to_uppercase().as_str() {
        "" => Err(ChangeError::NoArgument("HEALTHCHECK")),
        "NONE" if rest.is_empty() => Ok(Healthcheck {
            test: vec!["NONE".to_owned()],
            ..Healthcheck::default()
        }),
        "NONE" => Err(HealthcheckError::ArgumentsOfNone.into()),
        "CMD" => {
            let [interval, timeout, start_period, start_interval, retries] =
                flags::values(&line.flags, &FLAGS)?;
            Ok(Healthcheck {
                test: test(rest, command)?,
                interval: time("interval", &interval)?,
                timeout: time("timeout", &timeout)?,
                start_period: time("start-period", &start_period)?,
                start_interval: time("start-interval", &start_interval)?,
                retries: number(&retries)?,
            })
        }
        kind => {
            flags::values(&line.flags, &FLAGS)?;
            Err(HealthcheckError::Type(kind.to_owned()).into())
        }
    }
}

/// The first word, and what follows it.
pub(super) fn split(arguments: &str) -> (&str, &str) {
    arguments
        .split_once(char::is_whitespace)
        .map_or((arguments, ""), |(kind, rest)| (kind, rest.trim_start()))
}

fn test(line: &str, command: Option<Vec<String>>) -> Result<Vec<String>, HealthcheckError> {
    let (kind, words) = match command {
        Some(words) => ("CMD", words),
        None if line.is_empty() => ("CMD-SHELL", Vec::new()),
        None => ("CMD-SHELL", vec![line.to_owned()]),
    };
    if words.is_empty() {
        return Err(HealthcheckError::NoCommand);
    }
    Ok(std::iter::once(kind.to_owned()).chain(words).collect())
}

fn time(flag: &'static str, text: &str) -> Result<i64, HealthcheckError> {
    if text.is_empty() {
        return Ok(0);
    }
    match duration::parse(text)? {
        time if time == 0 || time >= MINIMUM => Ok(time),
        _ => Err(HealthcheckError::Interval { flag }),
    }
}

fn number(text: &str) -> Result<i64, HealthcheckError> {
    if text.is_empty() {
        return Ok(0);
    }
    match text.parse::<i32>() {
        Ok(number) if number < 0 => Err(HealthcheckError::NegativeRetries(number)),
        Ok(number) => Ok(number.into()),
        Err(error) => Err(match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => {
                HealthcheckError::RetriesRange(text.to_owned())
            }
            _ => HealthcheckError::Retries(text.to_owned()),
        }),
    }
}
