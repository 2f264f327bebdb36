//! Times as documents and Go write them.

use std::fmt;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};
use serde::{Serialize, Serializer};

/// A time as a document has it: of years 0 to 9999, with its UTC offset.
///
/// It is read from RFC 3339 text, with its variations: lower case `t` and `z`, and more than nine
/// digits of a second, of which the first nine count. A leap second counts as the second before it.
/// It is written as Go writes a `time.Time`, so that Go can read it again.
///
/// Two times are equal if they are the same moment at the same offset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    local: DateTime,
    /// Offset from UTC in minutes, positive to the east.
    offset: i16,
}

/// A string is not a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected a time as in RFC 3339, such as 2024-01-02T03:04:05Z")]
pub struct TimeError;

impl Time {
    /// How Go writes an unknown time.
    pub const ZERO: &str = "0001-01-01T00:00:00Z";

    /// Seconds since 1970 began in UTC, rounded down.
    pub fn as_second(self) -> i64 {
        let since = self
            .local
            .duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0));
        let since = since - SignedDuration::from_mins(self.offset.into());
        // The nanoseconds of a time before 1970 are negative.
        since.as_secs() - i64::from(since.subsec_nanos() < 0)
    }

    /// The same moment, or the nearest representable one in the first and last hours of the range
    /// of years.
    pub fn timestamp(self) -> Timestamp {
        let nanosecond = self.local.subsec_nanosecond();
        match Timestamp::new(self.as_second(), nanosecond) {
            Ok(timestamp) => timestamp,
            Err(_) if self.as_second() < 0 => Timestamp::MIN,
            Err(_) => Timestamp::MAX,
        }
    }
}

impl FromStr for Time {
    type Err = TimeError;

    fn from_str(text: &str) -> Result<Self, TimeError> {
        read(text.as_bytes()).ok_or(TimeError)
    }
}

/// Reads `YYYY-MM-DDTHH:MM:SS[.F]`, then `Z` or `±HH:MM`.
fn read(text: &[u8]) -> Option<Time> {
    let mut rest = Rest(text);
    let year = rest.number(4)?;
    rest.one_of(b"-")?;
    let month = rest.number(2)?;
    rest.one_of(b"-")?;
    let day = rest.number(2)?;
    rest.one_of(b"Tt")?;
    let hour = rest.number(2)?;
    rest.one_of(b":")?;
    let minute = rest.number(2)?;
    rest.one_of(b":")?;
    let second = match rest.number(2)? {
        60 => 59,
        second => second,
    };
    let nanosecond = match rest.one_of(b".") {
        Some(_) => rest.fraction()?,
        None => 0,
    };
    let offset = match rest.one_of(b"Zz+-")? {
        sign @ (b'+' | b'-') => {
            let hours = rest.number(2).filter(|hours| *hours < 24)?;
            rest.one_of(b":")?;
            let minutes = rest.number(2).filter(|minutes| *minutes < 60)?;
            let offset = hours * 60 + minutes;
            if sign == b'-' { -offset } else { offset }
        }
        _ => 0,
    };
    if !rest.0.is_empty() {
        return None;
    }
    let byte = |number: i16| i8::try_from(number).ok();
    let local = DateTime::new(
        year,
        byte(month)?,
        byte(day)?,
        byte(hour)?,
        byte(minute)?,
        byte(second)?,
        nanosecond,
    );
    Some(Time {
        local: local.ok()?,
        offset,
    })
}

/// The unread rest of the text.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn one_of(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        if !wanted.contains(first) {
            return None;
        }
        self.0 = rest;
        Some(*first)
    }

    /// A number of exactly this many digits, at most four.
    fn number(&mut self, digits: usize) -> Option<i16> {
        let mut number = 0;
        for _ in 0..digits {
            number = number * 10 + i16::from(self.one_of(b"0123456789")? - b'0');
        }
        Some(number)
    }

    /// The digits after a point, at least one, as nanoseconds.
    fn fraction(&mut self) -> Option<i32> {
        const DIGITS: u32 = 9;
        let (mut nanosecond, mut read) = (0, 0);
        while let Some(digit) = self.one_of(b"0123456789") {
            if read < DIGITS {
                nanosecond = nanosecond * 10 + i32::from(digit - b'0');
                read += 1;
            }
        }
        (read > 0).then(|| nanosecond * 10_i32.pow(DIGITS - read))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.local;
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            local.year(),
            local.month(),
            local.day(),
            local.hour(),
            local.minute(),
            local.second()
        )?;
        if local.subsec_nanosecond() != 0 {
            let digits = format!("{:09}", local.subsec_nanosecond());
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        if self.offset == 0 {
            return f.write_str("Z");
        }
        let sign = if self.offset < 0 { '-' } else { '+' };
        let minutes = self.offset.abs();
        write!(f, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, shown, second) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z", 0),
            (
                "2024-01-02T03:04:05.678Z",
                "2024-01-02T03:04:05.678Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05.500000000Z",
                "2024-01-02T03:04:05.5Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05.123456789012Z",
                "2024-01-02T03:04:05.123456789Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05.000000000001Z",
                "2024-01-02T03:04:05Z",
                1_704_164_645,
            ),
            (
                "2024-01-02t03:04:05z",
                "2024-01-02T03:04:05Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05+00:00",
                "2024-01-02T03:04:05Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05-00:00",
                "2024-01-02T03:04:05Z",
                1_704_164_645,
            ),
            (
                "2024-01-02T03:04:05+02:00",
                "2024-01-02T03:04:05+02:00",
                1_704_157_445,
            ),
            (
                "2024-01-02T03:04:05-03:30",
                "2024-01-02T03:04:05-03:30",
                1_704_177_245,
            ),
            (
                "2016-12-31T23:59:60Z",
                "2016-12-31T23:59:59Z",
                1_483_228_799,
            ),
            (
                "9999-12-31T23:59:59.999999999Z",
                "9999-12-31T23:59:59.999999999Z",
                253_402_300_799,
            ),
            (
                "9999-12-31T23:59:59-23:59",
                "9999-12-31T23:59:59-23:59",
                253_402_387_139,
            ),
            (
                "0000-01-01T00:00:00+23:59",
                "0000-01-01T00:00:00+23:59",
                -62_167_305_540,
            ),
            (
                "0000-01-01T00:00:00Z",
                "0000-01-01T00:00:00Z",
                -62_167_219_200,
            ),
            (Time::ZERO, Time::ZERO, -62_135_596_800),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.5Z", -1),
            (
                "1900-01-01T00:00:00.25Z",
                "1900-01-01T00:00:00.25Z",
                -2_208_988_800,
            ),
        ] {
            let time: Time = text.parse().expect(text);
            assert_eq!(time.to_string(), shown, "{text}");
            assert_eq!(time.as_second(), second, "{text}");
            assert_eq!(shown.parse(), Ok(time), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_time() {
        for text in [
            "",
            "yesterday",
            "2024-01-02",
            "2024-01-02T03:04:05",
            "2024-01-02T03:04Z",
            "2024-01-02 03:04:05Z",
            "2024-01-02T03:04:05+0200",
            "2024-01-02T03:04:05+02",
            "2024-01-02T03:04:05+24:00",
            "2024-01-02T03:04:05+02:60",
            "2024-01-02T03:04:05Z ",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05,5Z",
            "2024-01-02T03:04:61Z",
            "2024-01-02T24:00:00Z",
            "2024-02-30T00:00:00Z",
            "2024-13-01T00:00:00Z",
            "10000-01-01T00:00:00Z",
            "-0001-01-01T00:00:00Z",
            "+002024-01-01T00:00:00Z",
            "24-01-02T03:04:05Z",
            "2024-01-02T03:04:05Z[UTC]",
            "\u{ff12}024-01-02T03:04:05Z",
        ] {
            assert_eq!(text.parse::<Time>(), Err(TimeError), "{text}");
        }
    }

    #[test]
    fn timestamps() {
        for (text, shown) in [
            ("2024-01-02T03:04:05.5+02:00", "2024-01-02T01:04:05.5Z"),
            ("1969-12-31T23:59:59.75Z", "1969-12-31T23:59:59.75Z"),
            ("0000-01-01T00:00:00+23:59", "-000001-12-31T00:01:00Z"),
        ] {
            let time: Time = text.parse().expect(text);
            assert_eq!(time.timestamp().to_string(), shown, "{text}");
        }
        let last: Time = "9999-12-31T23:59:59Z".parse().expect("a time");
        assert_eq!(last.timestamp(), Timestamp::MAX);
    }
}
