//! Sparse files, as PAX records or the start of the data describe them.

use std::vec;

use super::{BLOCK, number};

/// A run of bytes that are in the tar; between two runs are zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    offset: u64,
    length: u64,
}

/// The parts of a sparse file, and the position in them.
#[derive(Debug)]
pub(super) struct Layout {
    runs: vec::IntoIter<Run>,
    ahead: Option<Run>,
    position: u64,
    size: u64,
}

/// The next part of a sparse file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Zeros that are not in the tar.
    Hole(u64),
    /// Bytes that are in the tar.
    Data(u64),
    /// The end of the file.
    End,
}

impl Layout {
    /// The layout of a file of `size` bytes, of which `stored` are in the tar.
    pub(super) fn new(runs: Vec<Run>, size: u64, stored: u64) -> Result<Self, &'static str> {
        let (mut end, mut sum) = (0, 0u64);
        for Run { offset, length } in &runs {
            if *offset < end {
                return Err("a sparse map whose runs overlap or are not in order");
            }
            end = offset
                .checked_add(*length)
                .filter(|end| *end <= size)
                .ok_or("a sparse map that goes beyond the end of its file")?;
            // Runs do not overlap, so their sum is no larger than the size.
            sum += length;
        }
        if sum != stored {
            return Err("a sparse map that does not fit the bytes that follow");
        }
        let mut runs = runs.into_iter();
        Ok(Self {
            ahead: runs.next(),
            runs,
            position: 0,
            size,
        })
    }

    /// Bytes of the tar that are still to come.
    pub(super) fn stored_ahead(&self) -> u64 {
        let ahead = self.ahead.iter().chain(self.runs.as_slice());
        ahead.map(|run| run.length).sum()
    }

    /// Goes on to the next part.
    pub(super) fn advance(&mut self) -> Part {
        loop {
            let end = match self.ahead {
                Some(run) if run.offset <= self.position => {
                    self.ahead = self.runs.next();
                    if run.length == 0 {
                        continue;
                    }
                    self.position += run.length;
                    return Part::Data(run.length);
                }
                Some(run) => run.offset,
                None => self.size,
            };
            let hole = end - self.position;
            self.position = end;
            return match hole {
                0 => Part::End,
                hole => Part::Hole(hole),
            };
        }
    }
}

/// Parses the map in a record: alternating offsets and lengths, separated by commas.
pub(super) fn listed(map: &[u8], count: Option<&[u8]>) -> Result<Vec<Run>, &'static str> {
    const COUNT: &str = "a sparse map with another number of runs than its header says";
    let count = count.and_then(number::decimal).ok_or(COUNT)?;
    if map.is_empty() {
        return if count == 0 {
            Ok(Vec::new())
        } else {
            Err(COUNT)
        };
    }
    let runs = runs(map.split(|byte| *byte == b','))?;
    match usize::try_from(count) == Ok(runs.len()) {
        true => Ok(runs),
        false => Err(COUNT),
    }
}

fn runs<'a>(mut numbers: impl Iterator<Item = &'a [u8]>) -> Result<Vec<Run>, &'static str> {
    const NUMBER: &str = "a sparse map that has something else than numbers";
    let number = |text: Option<&[u8]>| {
        let value = text.and_then(number::decimal).ok_or(NUMBER)?;
        u64::try_from(value).map_err(|_| NUMBER)
    };
    let mut runs = Vec::new();
    while let Some(offset) = numbers.next() {
        let offset = number(Some(offset))?;
        let length = number(numbers.next())?;
        runs.push(Run { offset, length });
    }
    Ok(runs)
}

/// A map at the beginning of a file's data: the number of runs, then their offsets and lengths, one
/// per line, padded to a whole block.
#[derive(Debug, Default)]
pub(super) struct LeadingMap {
    text: Vec<u8>,
    lines: usize,
    /// Lines of the complete map; known after the first.
    wanted: Option<usize>,
}

impl LeadingMap {
    /// Bytes so far.
    pub(super) fn len(&self) -> u64 {
        self.text.len() as u64
    }

    /// Adds the next block. Returns whether the map is complete.
    pub(super) fn push(&mut self, block: &[u8; BLOCK]) -> Result<bool, &'static str> {
        self.text.extend_from_slice(block);
        self.lines += block.iter().filter(|byte| **byte == b'\n').count();
        if self.wanted.is_none() && self.lines > 0 {
            let first = self.text.split(|byte| *byte == b'\n').next();
            let count = first.and_then(number::decimal);
            let count = count.and_then(|count| usize::try_from(count).ok());
            let lines = count.and_then(|count| count.checked_mul(2)?.checked_add(1));
            self.wanted = Some(lines.ok_or("a sparse map without the number of its runs")?);
        }
        Ok(self.wanted.is_some_and(|wanted| self.lines >= wanted))
    }

    /// The runs of a complete map.
    pub(super) fn runs(&self) -> Result<Vec<Run>, &'static str> {
        let lines = self.text.split(|byte| *byte == b'\n');
        runs(lines.skip(1).take(self.wanted.unwrap_or(1) - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(map: &[u8], count: &[u8], size: u64, stored: u64) -> Result<Vec<Part>, &'static str> {
        let mut layout = Layout::new(listed(map, Some(count))?, size, stored)?;
        let parts = std::iter::from_fn(|| Some(layout.advance()));
        Ok(parts.take_while(|part| *part != Part::End).collect())
    }

    #[test]
    fn files_with_holes() {
        use Part::{Data, Hole};
        for (map, count, size, stored, expected) in [
            (&b""[..], "0", 0, 0, vec![]),
            (b"", "0", 9, 0, vec![Hole(9)]),
            (b"0,3", "1", 3, 3, vec![Data(3)]),
            (b"0,3,3,2", "2", 5, 5, vec![Data(3), Data(2)]),
            (b"2,3", "1", 9, 3, vec![Hole(2), Data(3), Hole(4)]),
            (b"0,1,7,2,9,0", "3", 9, 3, vec![Data(1), Hole(6), Data(2)]),
            (b"5,0", "1", 9, 0, vec![Hole(5), Hole(4)]),
        ] {
            let found = parts(map, count.as_bytes(), size, stored);
            assert_eq!(found.expect("valid"), expected, "{map:?}");
        }
    }

    #[test]
    fn maps_that_contradict_themselves() {
        for (map, count, size, stored) in [
            (&b"0,3"[..], "2", 9, 3),
            (b"0,3", "x", 9, 3),
            (b"0,3,4", "2", 9, 3),
            (b"0,-3", "1", 9, 3),
            (b"0,3,2,1", "2", 9, 4),
            (b"5,1,0,1", "2", 9, 2),
            (b"7,3", "1", 9, 3),
            (b"9223372036854775807,9223372036854775807", "1", 9, 3),
            (b"0,3", "1", 9, 4),
            (b"0,4", "1", 9, 3),
            (b"", "1", 9, 0),
        ] {
            assert!(
                parts(map, count.as_bytes(), size, stored).is_err(),
                "{map:?}"
            );
        }
    }

    #[test]
    fn leading_maps() {
        let block = |text: &[u8]| {
            let mut block = [0; BLOCK];
            block[..text.len()].copy_from_slice(text);
            block
        };
        let mut map = LeadingMap::default();
        assert_eq!(map.push(&block(b"1\n10\n3\n")), Ok(true));
        let expected = [Run {
            offset: 10,
            length: 3,
        }];
        assert_eq!(map.runs().expect("valid"), expected);
        let mut map = LeadingMap::default();
        assert_eq!(map.push(&[b'0'; BLOCK]), Ok(false), "no line yet");
        assert_eq!(map.push(&block(b"\n")), Ok(true), "no runs");
        for text in [&b"-1\n"[..], b"x\n", b"\n", b"9223372036854775808\n"] {
            assert!(
                LeadingMap::default().push(&block(text)).is_err(),
                "{text:?}"
            );
        }
    }
}
