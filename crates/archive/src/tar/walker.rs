use super::extension::Extensions;
use super::header::{self, Entry};
use super::{BLOCK, TarError};

/// Walks a tar that is fed in pieces of any size.
///
/// It does no reading itself, so the same walk serves an archive that streams in and a layer that
/// passes by inside it.
#[derive(Debug)]
pub(crate) struct Walker {
    state: State,
    /// Bytes walked so far.
    offset: u64,
    /// The header that is being put together from several pieces.
    block: Box<[u8; BLOCK]>,
    filled: usize,
    /// What extension headers said so far about the next entry.
    extensions: Extensions,
    /// Bytes of extensions since the last entry, and where they began.
    extension_bytes: u64,
    extension_limit: u64,
}

/// What one step of the walk met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The piece is used up; feed the next.
    More,
    /// An entry begins.
    Entry(Entry),
    /// The bytes that this step consumed belong to the file of the last entry.
    Data,
    /// The last entry is over: every byte of its file has passed.
    EntryEnd,
    /// The tar is over; whatever follows is no part of it.
    End,
}

#[derive(Debug)]
enum State {
    Header,
    /// Reading an extension of this type.
    Extension {
        flag: u8,
        data: Vec<u8>,
        remaining: u64,
        padding: u64,
    },
    /// Skipping the further sparse map of this entry.
    Sparse(Entry),
    Data {
        remaining: u64,
        padding: u64,
    },
    Padding {
        remaining: u64,
    },
    EntryEnd {
        padding: u64,
    },
    /// One zero block was seen.
    Zero,
    End,
}

impl Walker {
    /// A walk that refuses more than `extension_limit` bytes of extensions of one entry.
    pub(crate) fn new(extension_limit: u64) -> Self {
        Self {
            state: State::Header,
            offset: 0,
            block: Box::new([0; BLOCK]),
            filled: 0,
            extensions: Extensions::default(),
            extension_bytes: 0,
            extension_limit,
        }
    }

    /// Whether the end of the tar was seen.
    pub(crate) fn ended(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// Walks on until something is met; says how many bytes of `input` that took.
    pub(crate) fn step(&mut self, input: &[u8]) -> Result<(usize, Event), TarError> {
        let mut used = 0;
        loop {
            let rest = &input[used..];
            match &mut self.state {
                State::EntryEnd { padding } => {
                    self.state = State::Padding {
                        remaining: *padding,
                    };
                    return Ok((used, Event::EntryEnd));
                }
                State::End => return Ok((used, Event::End)),
                _ if rest.is_empty() => return Ok((used, Event::More)),
                State::Data { remaining, padding } => {
                    let count = at_most(rest.len(), *remaining);
                    *remaining -= count as u64;
                    let padding = *padding;
                    if *remaining == 0 {
                        self.state = State::EntryEnd { padding };
                    }
                    self.offset += count as u64;
                    debug_assert_eq!(used, 0, "data is told apart from what precedes it");
                    return Ok((count, Event::Data));
                }
                State::Padding { remaining } => {
                    let count = at_most(rest.len(), *remaining);
                    *remaining -= count as u64;
                    if *remaining == 0 {
                        self.state = State::Header;
                    }
                    self.offset += count as u64;
                    used += count;
                }
                State::Extension {
                    data,
                    remaining,
                    padding,
                    ..
                } => {
                    let count = at_most(rest.len(), *remaining + *padding);
                    let wanted = at_most(count, *remaining);
                    data.extend_from_slice(&rest[..wanted]);
                    *remaining -= wanted as u64;
                    *padding -= (count - wanted) as u64;
                    let whole = *remaining + *padding == 0;
                    self.offset += count as u64;
                    used += count;
                    if whole {
                        self.extend()?;
                    }
                }
                State::Header | State::Zero | State::Sparse(_) => {
                    let count = rest.len().min(BLOCK - self.filled);
                    self.block[self.filled..self.filled + count].copy_from_slice(&rest[..count]);
                    self.filled += count;
                    self.offset += count as u64;
                    used += count;
                    if self.filled == BLOCK {
                        self.filled = 0;
                        if let Some(entry) = self.header()? {
                            return Ok((used, Event::Entry(entry)));
                        }
                    }
                }
            }
        }
    }

    /// Ends the walk where the input ended.
    ///
    /// As in Go, the padding of the last file and the two zero blocks may be missing, but no byte
    /// of a file or header.
    pub(crate) fn finish(&self) -> Result<(), TarError> {
        let (expected, what) = match &self.state {
            State::Header if self.filled == 0 && self.extension_bytes == 0 => return Ok(()),
            State::Zero if self.filled == 0 => return Ok(()),
            State::End => return Ok(()),
            State::EntryEnd { .. } | State::Padding { .. } => return Ok(()),
            State::Header | State::Zero => ((BLOCK - self.filled) as u64, "a header"),
            State::Sparse(_) => ((BLOCK - self.filled) as u64, "a sparse map"),
            State::Extension {
                remaining, padding, ..
            } => (*remaining + *padding, "a header's extension"),
            State::Data { remaining, .. } => (*remaining, "a file"),
        };
        Err(TarError::Truncated {
            offset: self.offset,
            expected,
            what,
        })
    }

    /// Takes the block that was just filled.
    fn header(&mut self) -> Result<Option<Entry>, TarError> {
        let start = self.offset - BLOCK as u64;
        let failed = |reason| TarError::Header {
            offset: start,
            reason,
        };
        let zero = self.block.iter().all(|byte| *byte == 0);
        match std::mem::replace(&mut self.state, State::Header) {
            State::Sparse(entry) => {
                // In a continuation block the flag sits after 21 map entries of 24 bytes.
                let more = self.block[504] != 0;
                return Ok(self.begin(entry, more));
            }
            State::Zero if zero => {
                self.state = State::End;
                return Ok(None);
            }
            State::Zero => return Err(failed("a zero block is followed by something else")),
            _ if zero && self.extension_bytes > 0 => {
                return Err(failed("an extension without an entry"));
            }
            _ if zero => {
                self.state = State::Zero;
                return Ok(None);
            }
            _ => {}
        }
        if !header::checksum_fits(&self.block) {
            return Err(failed("its checksum does not fit"));
        }
        let flag = header::type_flag(&self.block);
        if matches!(flag, b'L' | b'K' | b'x' | b'g') {
            let size = header::size(&self.block).map_err(failed)?;
            // The header counts too, so that empty extensions cannot go on forever.
            self.extension_bytes = self
                .extension_bytes
                .saturating_add(size)
                .saturating_add(BLOCK as u64);
            if self.extension_bytes > self.extension_limit {
                return Err(TarError::Extensions {
                    offset: start,
                    found: self.extension_bytes,
                    limit: self.extension_limit,
                });
            }
            self.state = State::Extension {
                flag,
                data: Vec::new(),
                remaining: size,
                padding: padding(size),
            };
            if size == 0 {
                self.extend()?;
            }
            return Ok(None);
        }
        self.extension_bytes = 0;
        let extensions = std::mem::take(&mut self.extensions);
        let entry = Entry::new(&self.block, extensions).map_err(failed)?;
        if entry
            .size
            .checked_add(BLOCK as u64)
            .and_then(|n| n.checked_add(start))
            .is_none()
        {
            return Err(failed("its size is beyond all bounds"));
        }
        let sparse = flag == b'S' && header::sparse_continues(&self.block);
        Ok(self.begin(entry, sparse))
    }

    /// Goes on to the file of `entry`, or first to the rest of its sparse map.
    fn begin(&mut self, entry: Entry, sparse_continues: bool) -> Option<Entry> {
        if sparse_continues {
            self.state = State::Sparse(entry);
            return None;
        }
        self.state = match entry.size {
            0 => State::EntryEnd { padding: 0 },
            size => State::Data {
                remaining: size,
                padding: padding(size),
            },
        };
        Some(entry)
    }

    /// Applies the extension that was just read.
    fn extend(&mut self) -> Result<(), TarError> {
        let state = std::mem::replace(&mut self.state, State::Header);
        let State::Extension { flag, data, .. } = state else {
            return Ok(());
        };
        match flag {
            b'L' => self.extensions.long_path(&data),
            b'K' => self.extensions.long_link(&data),
            b'x' => {
                let offset = self.offset - data.len() as u64 - padding(data.len() as u64);
                let failed = |reason| TarError::Header { offset, reason };
                self.extensions.records(&data).map_err(failed)?;
            }
            // Global records speak of times and owners; Go ignores them too.
            _ => {}
        }
        Ok(())
    }
}

fn at_most(length: usize, limit: u64) -> usize {
    usize::try_from(limit).map_or(length, |limit| length.min(limit))
}

/// Bytes from the end of a file to the next block.
fn padding(size: u64) -> u64 {
    size.wrapping_neg() % BLOCK as u64
}

#[cfg(test)]
mod tests;
