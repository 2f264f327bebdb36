//! Durations in Go's format.

use super::DurationError;

/// Nanoseconds of a duration as Go writes it: `1h2m3.5s`, `-1ms`, `0`.
pub(super) fn parse(text: &str) -> Result<i64, DurationError> {
    let invalid = || DurationError::Invalid(text.to_owned());
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if unsigned == "0" {
        return Ok(0);
    }
    if unsigned.is_empty() {
        return Err(invalid());
    }
    let mut total: i64 = 0;
    let mut rest = unsigned;
    while !rest.is_empty() {
        let (whole, after) = digits(rest);
        let (fraction, after) = after.strip_prefix('.').map_or(("", after), digits);
        if whole.is_empty() && fraction.is_empty() {
            return Err(invalid());
        }
        let end = after.find(|ch: char| ch == '.' || ch.is_ascii_digit());
        let (unit, after) = after.split_at(end.unwrap_or(after.len()));
        if unit.is_empty() {
            return Err(DurationError::NoUnit(text.to_owned()));
        }
        let unit = nanoseconds(unit).ok_or_else(|| DurationError::Unit {
            unit: unit.to_owned(),
            text: text.to_owned(),
        })?;
        let whole = match whole {
            "" => Some(0),
            _ => whole.parse::<i64>().ok(),
        };
        total = whole
            .and_then(|whole| whole.checked_mul(unit))
            .and_then(|part| part.checked_add(share(fraction, unit)))
            .and_then(|part| part.checked_add(total))
            .ok_or_else(invalid)?;
        rest = after;
    }
    Ok(if text.starts_with('-') { -total } else { total })
}

fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|ch: char| !ch.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

fn nanoseconds(unit: &str) -> Option<i64> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The fraction of a unit that the digits after the point denote. An hour has 13 digits of
/// nanoseconds: digits beyond the 18th cannot matter.
fn share(fraction: &str, unit: i64) -> i64 {
    let mut share: i128 = 0;
    let mut scale: i128 = 1;
    for digit in fraction.bytes().take(18) {
        share = share * 10 + i128::from(digit - b'0');
        scale *= 10;
    }
    i64::try_from(share * i128::from(unit) / scale).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("5s", 5_000_000_000),
            ("1h2m3.5s", 3_723_500_000_000),
            ("1.s", 1_000_000_000),
            (".5s", 500_000_000),
            ("+1ms", 1_000_000),
            ("-1us", -1_000),
            ("1µs", 1_000),
            ("1μs2ns", 1_002),
            ("1.5ns", 1),
            ("0.3333333333333333333333h", 1_200_000_000_000 - 1),
            ("9223372036854775807ns", i64::MAX),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn refused() {
        for (text, message) in [
            ("", "time: invalid duration \"\""),
            ("x", "time: invalid duration \"x\""),
            ("-", "time: invalid duration \"-\""),
            (".", "time: invalid duration \".\""),
            ("s", "time: invalid duration \"s\""),
            ("--1s", "time: invalid duration \"--1s\""),
            ("99999999999h", "time: invalid duration \"99999999999h\""),
            (
                "9223372036854775808ns",
                "time: invalid duration \"9223372036854775808ns\"",
            ),
            (
                "9999999999999999999999s",
                "time: invalid duration \"9999999999999999999999s\"",
            ),
            ("5", "time: missing unit in duration \"5\""),
            ("1s5", "time: missing unit in duration \"1s5\""),
            ("1d", "time: unknown unit \"d\" in duration \"1d\""),
            ("1s 2s", "time: unknown unit \"s \" in duration \"1s 2s\""),
        ] {
            assert_eq!(parse(text).expect_err(text).to_string(), message);
        }
    }
}
