//! Times as Docker's clients write them in parameters.

use jiff::{SignedDuration, Timestamp};
use sockerless_images::Time;

/// An invalid time, with Docker's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("failed to parse value as time or duration: {0:?}")]
pub(crate) struct TimestampError(String);

/// Parses a time: seconds since 1970 with an optional fraction; a date, with an optional time of
/// day and zone, as RFC 3339 has them but also cut short (`2024-01-02T15:04`); or how long ago it
/// was, as Go writes durations (`1h30m`). A time without a zone is UTC.
pub(crate) fn parse(text: &str, now: Timestamp) -> Result<Timestamp, TimestampError> {
    ago(text, now)
        .or_else(|| unix(text))
        .or_else(|| text.parse().map(Time::timestamp).ok())
        .or_else(|| date_and_time(text))
        .ok_or_else(|| TimestampError(text.to_owned()))
}

/// `10m` before now, in whole seconds as in Docker.
fn ago(text: &str, now: Timestamp) -> Option<Timestamp> {
    let then = now.checked_sub(duration(text)?).ok()?;
    Timestamp::from_second(
        then.as_nanosecond()
            .div_euclid(NANOSECONDS)
            .try_into()
            .ok()?,
    )
    .ok()
}

const NANOSECONDS: i128 = 1_000_000_000;

/// A duration of Go: numbers, each with a fraction and a unit. A number without a unit is invalid.
fn duration(text: &str) -> Option<SignedDuration> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    let mut nanoseconds: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, tail) = rest.split_at(end);
        let end = tail
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(tail.len());
        let (name, tail) = tail.split_at(end);
        nanoseconds = nanoseconds.checked_add(times(number, unit(name)?)?)?;
        rest = tail;
    }
    // As in Go, it has to fit into 64 bits.
    let nanoseconds = i64::try_from(nanoseconds).ok()?;
    Some(SignedDuration::from_nanos(sign * nanoseconds))
}

/// Nanoseconds.
fn unit(name: &str) -> Option<i128> {
    Some(match name {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => NANOSECONDS,
        "m" => 60 * NANOSECONDS,
        "h" => 3600 * NANOSECONDS,
        _ => return None,
    })
}

/// `number` with a fraction or without, times `unit`.
fn times(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digits = |text: &str| match text {
        "" => Some(0),
        text => text.parse::<u64>().ok().map(i128::from),
    };
    let fraction = fraction.get(..fraction.len().min(DIGITS)).unwrap_or("");
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?);
    Some(digits(whole)? * unit + digits(fraction)? * unit / scale)
}

/// Digits of a fraction that count: no unit has more nanoseconds.
const DIGITS: usize = 13;

/// `1700000000.5`
fn unix(text: &str) -> Option<Timestamp> {
    let (seconds, fraction) = match text.split_once('.') {
        Some((seconds, fraction)) if !fraction.is_empty() => (seconds, fraction),
        Some(_) => return None,
        None => (text, ""),
    };
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.is_empty() || !is_number(seconds) || !is_number(fraction) {
        return None;
    }
    let nanoseconds: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    Timestamp::new(seconds.parse().ok()?, nanoseconds.parse().ok()?).ok()
}

/// `2024-01-02`, `2024-01-02T15`, `2024-01-02T15:04:05.678+02:00`
fn date_and_time(text: &str) -> Option<Timestamp> {
    let (date, rest) = (text.get(..DATE)?, text.get(DATE..)?);
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone);
    let zone = match zone {
        "" | "Z" => "+00:00",
        zone => zone,
    };
    let text = format!("{date}{time}{zone}");
    FORMATS
        .iter()
        .find_map(|format| Timestamp::strptime(format, &text).ok())
}

/// Bytes of `2024-01-02`.
const DATE: usize = 10;

const FORMATS: &[&str] = &[
    "%Y-%m-%d%:z",
    "%Y-%m-%dT%H%:z",
    "%Y-%m-%dT%H:%M%:z",
    "%Y-%m-%dT%H:%M:%S%.f%:z",
];

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: &str = "2024-01-02T03:04:05.5Z";

    fn read(text: &str) -> Result<String, TimestampError> {
        parse(text, NOW.parse().expect("a time")).map(|time| time.to_string())
    }

    #[test]
    fn times() {
        for (text, time) in [
            ("0", "1970-01-01T00:00:00Z"),
            ("1700000000", "2023-11-14T22:13:20Z"),
            ("1700000000.5", "2023-11-14T22:13:20.5Z"),
            ("1700000000.000000001", "2023-11-14T22:13:20.000000001Z"),
            ("1700000000.0000000019", "2023-11-14T22:13:20.000000001Z"),
            ("2024-01-02", "2024-01-02T00:00:00Z"),
            ("2024-01-02Z", "2024-01-02T00:00:00Z"),
            ("2024-01-02+01:00", "2024-01-01T23:00:00Z"),
            ("2024-01-02T15", "2024-01-02T15:00:00Z"),
            ("2024-01-02T15-01:00", "2024-01-02T16:00:00Z"),
            ("2024-01-02T15:04", "2024-01-02T15:04:00Z"),
            ("2024-01-02T15:04Z", "2024-01-02T15:04:00Z"),
            ("2024-01-02T15:04:05", "2024-01-02T15:04:05Z"),
            ("2024-01-02T15:04:05.678", "2024-01-02T15:04:05.678Z"),
            ("2024-01-02T15:04:05.678+02:00", "2024-01-02T13:04:05.678Z"),
            ("9999-12-30T21:59:59Z", "9999-12-30T21:59:59Z"),
            // The last moment of which there is a timestamp.
            ("9999-12-31T23:59:59Z", "9999-12-30T22:00:00.999999999Z"),
            ("10m", "2024-01-02T02:54:05Z"),
            ("1h30m", "2024-01-02T01:34:05Z"),
            ("1.5h", "2024-01-02T01:34:05Z"),
            (".5s", "2024-01-02T03:04:05Z"),
            ("1h1m1s1ms1us1\u{b5}s1\u{3bc}s1ns", "2024-01-02T02:03:04Z"),
            ("0.25000000000000000001h", "2024-01-02T02:49:05Z"),
            ("-1m", "2024-01-02T03:05:05Z"),
            ("+1m", "2024-01-02T03:03:05Z"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "x",
            "-5",
            "5.",
            ".5",
            "1.x",
            "99999999999999999999",
            "999999999999999",
            "10 m",
            "1h30",
            "h",
            ".h",
            "1..5h",
            "3000000h",
            "99999999999999999999s",
            "2024-13-01",
            "2024-01-02x",
            "2024-01-02T",
            "2024-01-02T25",
            "2024-01-02T15:04:05 ",
            "2024-01-02T15:04+",
            "2024-1-2",
            "\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}",
        ] {
            let error = read(text).expect_err(text);
            assert_eq!(
                error.to_string(),
                format!("failed to parse value as time or duration: {text:?}")
            );
        }
    }
}
