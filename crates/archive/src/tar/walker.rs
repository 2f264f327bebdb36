//! The walk over a tar that arrives in pieces.

use super::extension::{Extensions, Records, SparseForm};
use super::header::{self, Entry};
use super::sparse::{Layout, LeadingMap, Part};
use super::{BLOCK, TarError};

/// Walks a tar that is fed in pieces of any size.
///
/// It does no I/O itself, so the same walk serves a streamed archive and a layer inside it.
#[derive(Debug)]
pub(crate) struct Walker {
    state: State,
    /// Bytes walked so far.
    offset: u64,
    /// The header being assembled from several pieces.
    block: Box<[u8; BLOCK]>,
    filled: usize,
    /// What extension headers have said so far about the next entry.
    extensions: Extensions,
    /// Bytes of extensions since the last entry, and where they began.
    extension_bytes: u64,
    extension_limit: u64,
}

/// The result of one step of the walk.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The piece is used up; feed the next.
    More,
    /// An entry begins.
    Entry(Entry),
    /// The bytes that this step consumed belong to the file of the last entry.
    Data,
    /// This many zeros belong to the file of the last entry; they are not in the tar.
    Hole(u64),
    /// The last entry is over: every byte of its file has passed.
    EntryEnd,
    /// The tar is over; any bytes after it are not part of it.
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
    /// Skipping the rest of this entry's sparse map in GNU's old form.
    Sparse(Entry),
    /// Reading the map of holes that this entry's data begins with.
    Map {
        entry: Entry,
        map: LeadingMap,
    },
    Data {
        remaining: u64,
        /// The rest of a sparse file.
        holes: Option<Layout>,
        padding: u64,
    },
    /// Between the parts of a sparse file.
    Holes {
        layout: Layout,
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
    /// A walk that refuses more than `extension_limit` bytes of extensions per entry.
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

    /// Walks until the next event. Returns the number of bytes of `input` consumed, and the event.
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
                State::Holes { layout, padding } => {
                    let padding = *padding;
                    match layout.advance() {
                        Part::Hole(length) => return Ok((used, Event::Hole(length))),
                        Part::End => self.state = State::EntryEnd { padding },
                        Part::Data(remaining) => {
                            let State::Holes { layout, .. } = self.take_state() else {
                                continue;
                            };
                            self.state = State::Data {
                                remaining,
                                holes: Some(layout),
                                padding,
                            };
                        }
                    }
                }
                State::End => return Ok((used, Event::End)),
                _ if rest.is_empty() => return Ok((used, Event::More)),
                State::Data {
                    remaining,
                    holes,
                    padding,
                } => {
                    let count = at_most(rest.len(), *remaining);
                    *remaining -= count as u64;
                    let padding = *padding;
                    if *remaining == 0 {
                        self.state = match holes.take() {
                            Some(layout) => State::Holes { layout, padding },
                            None => State::EntryEnd { padding },
                        };
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
                State::Header | State::Zero | State::Sparse(_) | State::Map { .. } => {
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
    /// As in Go, the padding of the last file, the two zero blocks and the entry that an extension
    /// belongs to may be missing, but no byte of a file or header.
    pub(crate) fn finish(&self) -> Result<(), TarError> {
        let (expected, what) = match &self.state {
            State::Header if self.filled == 0 => return Ok(()),
            State::Zero if self.filled == 0 => return Ok(()),
            State::End => return Ok(()),
            State::EntryEnd { .. } | State::Padding { .. } => return Ok(()),
            State::Holes { layout, .. } if layout.stored_ahead() == 0 => return Ok(()),
            State::Holes { layout, .. } => (layout.stored_ahead(), "a file"),
            State::Map { .. } => ((BLOCK - self.filled) as u64, "a sparse map"),
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

    /// Processes the block that has just been filled.
    fn header(&mut self) -> Result<Option<Entry>, TarError> {
        let start = self.offset - BLOCK as u64;
        let failed = |reason| TarError::Header {
            offset: start,
            entry: String::new(),
            reason,
        };
        let zero = self.block.iter().all(|byte| *byte == 0);
        match self.take_state() {
            State::Sparse(entry) => {
                // In a continuation block the flag sits after 21 map entries of 24 bytes.
                let more = self.block[504] != 0;
                return Ok(self.begin(entry, more));
            }
            State::Map { entry, map } => return self.map(entry, map),
            State::Zero if zero => {
                self.state = State::End;
                return Ok(None);
            }
            State::Zero => return Err(failed("a zero block is followed by something else")),
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
            // The header counts too, so that empty extensions cannot repeat without a limit.
            let bytes = size.saturating_add(BLOCK as u64);
            let found = match flag {
                // It belongs to no entry and is not kept.
                b'g' => bytes,
                _ => self.extension_bytes.saturating_add(bytes),
            };
            if found > self.extension_limit {
                return Err(TarError::Extensions {
                    offset: start,
                    found,
                    limit: self.extension_limit,
                });
            }
            self.extension_bytes = if flag == b'g' { 0 } else { found };
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
        let (entry, sparse) =
            Entry::new(&self.block, extensions).map_err(|reason| TarError::Header {
                offset: start,
                entry: header::short_name(&self.block),
                reason,
            })?;
        if entry
            .stored
            .checked_add(BLOCK as u64)
            .and_then(|n| n.checked_add(start))
            .is_none()
        {
            return Err(failed("its size is beyond all bounds"));
        }
        match sparse {
            None => {
                let sparse = flag == b'S' && header::sparse_continues(&self.block);
                Ok(self.begin(entry, sparse))
            }
            Some(SparseForm::Listed(runs)) => {
                let layout = Layout::new(runs, entry.size, entry.stored).map_err(failed)?;
                let padding = padding(entry.stored);
                self.state = State::Holes { layout, padding };
                Ok(Some(entry))
            }
            Some(SparseForm::Leading) => {
                let map = LeadingMap::default();
                self.state = State::Map { entry, map };
                Ok(None)
            }
        }
    }

    /// Processes a block of the map of holes that an entry's data begins with.
    fn map(&mut self, entry: Entry, mut map: LeadingMap) -> Result<Option<Entry>, TarError> {
        let offset = self.offset - BLOCK as u64;
        let failed = |reason| TarError::Header {
            offset,
            entry: String::new(),
            reason,
        };
        let whole = map.push(&self.block).map_err(failed)?;
        let stored = entry
            .stored
            .checked_sub(map.len())
            .ok_or_else(|| failed("a sparse map that is longer than its file"))?;
        if map.len() > self.extension_limit {
            return Err(TarError::Extensions {
                offset,
                found: map.len(),
                limit: self.extension_limit,
            });
        }
        if !whole {
            self.state = State::Map { entry, map };
            return Ok(None);
        }
        let runs = map.runs().map_err(failed)?;
        let layout = Layout::new(runs, entry.size, stored).map_err(failed)?;
        let padding = padding(stored);
        self.state = State::Holes { layout, padding };
        Ok(Some(entry))
    }

    /// Continues with the file of `entry`, after the rest of its sparse map, if any.
    fn begin(&mut self, entry: Entry, sparse_continues: bool) -> Option<Entry> {
        if sparse_continues {
            self.state = State::Sparse(entry);
            return None;
        }
        self.state = match entry.stored {
            0 => State::EntryEnd { padding: 0 },
            size => State::Data {
                remaining: size,
                holes: None,
                padding: padding(size),
            },
        };
        Some(entry)
    }

    fn take_state(&mut self) -> State {
        std::mem::replace(&mut self.state, State::Header)
    }

    /// Applies the extension that was just read.
    fn extend(&mut self) -> Result<(), TarError> {
        let State::Extension { flag, data, .. } = self.take_state() else {
            return Ok(());
        };
        let offset = self.offset - data.len() as u64 - padding(data.len() as u64);
        let failed = |reason| TarError::Header {
            offset,
            entry: String::new(),
            reason,
        };
        match flag {
            b'L' => self.extensions.long_path(&data),
            b'K' => self.extensions.long_link(&data),
            b'x' => {
                let records = Records::parse(&data).map_err(failed)?;
                self.extensions.records = Some(Box::new(records));
            }
            // Global records are about times and owners. Go checks and ignores them, with any
            // extensions before them.
            _ => {
                Records::check_form(&data).map_err(failed)?;
                self.extensions = Extensions::default();
            }
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
