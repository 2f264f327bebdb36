use std::ops::Add;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// The usage of processes since their start, including children that they waited for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// User and system time.
    pub(crate) cpu: Duration,
    /// Bytes that they wrote to disk: `write_bytes`.
    pub(crate) written: u64,
    /// Bytes that they passed to `write` and the like, sockets included: `wchar`.
    pub(crate) passed_on: u64,
}

impl Usage {
    /// Reads the text of `/proc/PID/stat` and of `/proc/PID/io`.
    pub(crate) fn parse(stat: &str, io: &str, ticks_per_second: u64) -> Result<Self> {
        // The name of the program is in parentheses and may have any character.
        let (_, fields) = stat.rsplit_once(')').context("no name in stat")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        // utime, stime, cutime, cstime: fields 14 to 17 of the line, of which two are cut off.
        let times = fields.get(11..15).context("stat is too short")?;
        let mut ticks = 0;
        for time in times {
            ticks += time.parse::<u64>().context("a time in stat")?;
        }
        let counter = |name: &str| {
            let value = io.lines().find_map(|line| line.strip_prefix(name));
            let value = value.with_context(|| format!("no {name} in io"))?;
            value.trim().parse::<u64>().context("a counter in io")
        };
        Ok(Self {
            cpu: Duration::from_millis(ticks * 1000 / ticks_per_second.max(1)),
            written: counter("write_bytes:")?,
            passed_on: counter("wchar:")?,
        })
    }

    /// The usage since `earlier`.
    pub(crate) fn since(self, earlier: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(earlier.cpu),
            written: self.written.saturating_sub(earlier.written),
            passed_on: self.passed_on.saturating_sub(earlier.passed_on),
        }
    }
}

impl Add for Usage {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            cpu: self.cpu + other.cpu,
            written: self.written + other.written,
            passed_on: self.passed_on + other.passed_on,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const IO: &str = "rchar: 1\nwchar: 70\nsyscr: 2\nsyscw: 3\nread_bytes: 4\n\
                      write_bytes: 4096\ncancelled_write_bytes: 9\n";

    #[test]
    fn a_name_with_spaces_and_parentheses_moves_no_field() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 1 2 3 4 50 25 100 25 20 0 9 0 1 2 3";
        let usage = Usage::parse(stat, IO, 100).unwrap();
        assert_eq!(usage.cpu, Duration::from_secs(2));
        assert_eq!(usage.written, 4096);
        assert_eq!(usage.passed_on, 70);
    }

    #[test]
    fn what_is_missing_is_an_error() {
        assert!(Usage::parse("7 (a) S 1 2", IO, 100).is_err());
        let stat = "7 (a) S 1 7 7 0 -1 4194560 1 2 3 4 50 25 100 25 20";
        assert!(Usage::parse(stat, "rchar: 1\n", 100).is_err());
    }
}
