//! Tar files, regular or as odd as a test needs them.

mod header;

pub use header::{Header, padded, seal};

/// How a name of more than 100 bytes is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LongNames {
    /// A GNU `L` member before the file.
    #[default]
    Gnu,
    /// A PAX `x` member before the file.
    Pax,
    /// The prefix field of ustar.
    Ustar,
}

/// How PAX records describe a file with holes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaxSparse {
    /// A record for each number.
    V0_0,
    /// One record for all numbers.
    V0_1,
    /// The numbers stand before the data.
    V1_0,
}

impl PaxSparse {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::V0_0, Self::V0_1, Self::V1_0];
}

/// A tar file that is being built: a list of members, each with the headers that belong to it.
#[derive(Debug, Clone, Default)]
pub struct Tar {
    members: Vec<Vec<u8>>,
    long_names: LongNames,
    mode: Option<u32>,
    mtime: u64,
}

impl Tar {
    /// An empty tar.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Splits `bytes` into members. Bytes after the end blocks are dropped.
    ///
    /// # Panics
    /// When `bytes` is not a tar file.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut members = Vec::new();
        let (mut begin, mut at) = (0, 0);
        while at + 512 <= bytes.len() && bytes[at..at + 512].iter().any(|byte| *byte != 0) {
            let header = &bytes[at..at + 512];
            let digits = String::from_utf8_lossy(&header[124..136]);
            let digits = digits.trim_matches(|c: char| !c.is_ascii_digit());
            let size = usize::from_str_radix(digits, 8).expect("an octal size");
            at += 512 + size.next_multiple_of(512);
            if !matches!(header[156], b'x' | b'L' | b'K' | b'g') {
                members.push(bytes[begin..at].to_vec());
                begin = at;
            }
        }
        Self {
            members,
            ..Self::default()
        }
    }

    /// The content of the first file of that name; `None` when there is none. Names of more than
    /// 100 bytes are not found.
    #[must_use]
    pub fn content(&self, name: &str) -> Option<&[u8]> {
        self.members.iter().find_map(|member| {
            let (header, content) = member.split_at_checked(512)?;
            let end = header[..100].iter().position(|byte| *byte == 0);
            let size = std::str::from_utf8(&header[124..135]).ok()?;
            let size = usize::from_str_radix(size.trim(), 8).ok()?;
            (&header[..end.unwrap_or(100)] == name.as_bytes()).then(|| content.get(..size))?
        })
    }

    /// How names of more than 100 bytes are written from here on.
    #[must_use]
    pub fn long_names(mut self, form: LongNames) -> Self {
        self.long_names = form;
        self
    }

    /// The mode and the time of the members from here on.
    #[must_use]
    pub fn stamped(mut self, mode: u32, mtime: u64) -> Self {
        self.mode = Some(mode);
        self.mtime = mtime;
        self
    }

    /// Adds a regular file.
    #[must_use]
    pub fn file(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.member(b'0', name, "", content.as_ref())
    }

    /// Adds a directory; its name usually ends in `/`.
    #[must_use]
    pub fn directory(self, name: &str) -> Self {
        self.member(b'5', name, "", &[])
    }

    /// Adds a symbolic link.
    #[must_use]
    pub fn symlink(self, name: &str, target: &str) -> Self {
        self.member(b'2', name, target, &[])
    }

    /// Adds a hard link to the member called `target`.
    #[must_use]
    pub fn hardlink(self, name: &str, target: &str) -> Self {
        self.member(b'1', name, target, &[])
    }

    /// Adds a member that is not a file: `b'3'` character device, `b'4'` block device, `b'6'` FIFO.
    #[must_use]
    pub fn special(self, kind: u8, name: &str) -> Self {
        self.member(kind, name, "", &[])
    }

    /// Adds a file with PAX records before it.
    #[must_use]
    pub fn pax_file(self, name: &str, records: &[(&str, &str)], content: &[u8]) -> Self {
        let mut blocks = pax(b'x', records);
        blocks.extend(self.header(b'0', name, "", content.len()).block());
        blocks.extend(padded(content));
        self.blocks(blocks)
    }

    /// Adds PAX records that apply to all following members.
    #[must_use]
    pub fn global_records(self, records: &[(&str, &str)]) -> Self {
        self.blocks(pax(b'g', records))
    }

    /// Adds `content` as bsdtar writes a file with holes: without the blocks that have only zeros.
    #[must_use]
    pub fn pax_sparse(self, name: &str, form: PaxSparse, content: &[u8]) -> Self {
        let runs = runs(content);
        let data: Vec<u8> = runs
            .iter()
            .flat_map(|run| content[run.clone()].iter().copied())
            .collect();
        let (size, count) = (content.len().to_string(), runs.len().to_string());
        let numbers: Vec<[String; 2]> = runs
            .iter()
            .map(|run| [run.start.to_string(), run.len().to_string()])
            .collect();
        let stored_as = format!("GNUSparseFile.0/{name}");
        match form {
            PaxSparse::V0_0 => {
                let mut records = vec![
                    ("GNU.sparse.size", size.as_str()),
                    ("GNU.sparse.numblocks", &count),
                ];
                for [offset, length] in &numbers {
                    records.push(("GNU.sparse.offset", offset));
                    records.push(("GNU.sparse.numbytes", length));
                }
                self.pax_file(name, &records, &data)
            }
            PaxSparse::V0_1 => {
                let map = numbers.concat().join(",");
                let records = [
                    ("GNU.sparse.name", name),
                    ("GNU.sparse.size", &size),
                    ("GNU.sparse.numblocks", &count),
                    ("GNU.sparse.map", &map),
                ];
                self.pax_file(&stored_as, &records, &data)
            }
            PaxSparse::V1_0 => {
                let records = [
                    ("GNU.sparse.major", "1"),
                    ("GNU.sparse.minor", "0"),
                    ("GNU.sparse.name", name),
                    ("GNU.sparse.realsize", &size),
                ];
                let map = [vec![count], numbers.concat()].concat().join("\n") + "\n";
                let content = [padded(map.as_bytes()), data].concat();
                self.pax_file(&stored_as, &records, &content)
            }
        }
    }

    /// Adds a file whose header has a wrong checksum.
    #[must_use]
    pub fn bad_checksum(self, name: &str, content: &[u8]) -> Self {
        let mut block = self.header(b'0', name, "", content.len()).block();
        block[0] ^= 1;
        let mut blocks = block.to_vec();
        blocks.extend(padded(content));
        self.blocks(blocks)
    }

    /// Adds a file in GNU's old sparse form: `content` at `offset` in a file of `real_size` bytes.
    #[must_use]
    pub fn sparse(self, name: &str, offset: u64, content: &[u8], real_size: u64) -> Self {
        let mut block = self.header(b'S', name, "", content.len()).block();
        block[257..265].copy_from_slice(b"ustar  \0");
        block[345..].fill(0);
        block[386..397].copy_from_slice(format!("{offset:011o}").as_bytes());
        block[398..409].copy_from_slice(format!("{:011o}", content.len()).as_bytes());
        block[483..494].copy_from_slice(format!("{real_size:011o}").as_bytes());
        seal(&mut block);
        let mut blocks = block.to_vec();
        blocks.extend(padded(content));
        self.blocks(blocks)
    }

    /// Adds whole blocks unchanged.
    #[must_use]
    pub fn blocks(mut self, blocks: Vec<u8>) -> Self {
        self.members.push(blocks);
        self
    }

    /// Adds the members of `other`.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.members.extend(other.members);
        self
    }

    /// The members in reverse order.
    #[must_use]
    pub fn reversed(mut self) -> Self {
        self.members.reverse();
        self
    }

    /// The members in a random order, the same one for the same `seed`.
    #[must_use]
    pub fn shuffled(mut self, seed: u64) -> Self {
        let mut state = seed.wrapping_mul(2).wrapping_add(1);
        for last in (1..self.members.len()).rev() {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let chosen = (state >> 33) as usize % (last + 1);
            self.members.swap(last, chosen);
        }
        self
    }

    /// The members without the zero blocks at the end.
    #[must_use]
    pub fn without_end(&self) -> Vec<u8> {
        self.members.concat()
    }

    /// The whole file, with two zero blocks at the end.
    #[must_use]
    pub fn finish(&self) -> Vec<u8> {
        let mut bytes = self.without_end();
        bytes.resize(bytes.len() + 1024, 0);
        bytes
    }

    /// As [`finish`](Self::finish), filled up to records of 10 KiB as GNU tar does.
    #[must_use]
    pub fn finish_in_records(&self) -> Vec<u8> {
        let mut bytes = self.finish();
        bytes.resize(bytes.len().next_multiple_of(10_240), 0);
        bytes
    }

    fn header(&self, kind: u8, name: &str, link: &str, size: usize) -> Header {
        let default = if kind == b'5' { 0o755 } else { 0o644 };
        let mut header = Header::new(kind, name, size as u64);
        header.link = link.as_bytes().to_vec();
        header.mode = self.mode.unwrap_or(default);
        header.mtime = self.mtime;
        header
    }

    fn member(self, kind: u8, name: &str, link: &str, content: &[u8]) -> Self {
        let mut blocks = Vec::new();
        let mut block = self.header(kind, name, link, content.len()).block();
        if name.len() > 100 {
            match self.long_names {
                LongNames::Gnu => blocks.extend(gnu(b'L', name)),
                LongNames::Pax => {
                    let records = record("path", name);
                    let size = records.len() as u64;
                    blocks.extend(Header::new(b'x', "PaxHeaders/0", size).block());
                    blocks.extend(padded(records.as_bytes()));
                }
                LongNames::Ustar => {
                    let cut = name.len() - 100;
                    let cut = cut
                        + name[cut..]
                            .find('/')
                            .expect("a slash in the last 100 bytes");
                    let (prefix, rest) = (&name[..cut], &name[cut + 1..]);
                    block[..100].fill(0);
                    block[..rest.len()].copy_from_slice(rest.as_bytes());
                    block[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
                    seal(&mut block);
                }
            }
        }
        if link.len() > 100 {
            blocks.extend(gnu(b'K', link));
        }
        blocks.extend(block);
        blocks.extend(padded(content));
        self.blocks(blocks)
    }
}

fn gnu(kind: u8, name: &str) -> Vec<u8> {
    let mut content = name.as_bytes().to_vec();
    content.push(0);
    let mut blocks = Header::new(kind, "././@LongLink", content.len() as u64)
        .block()
        .to_vec();
    blocks.extend(padded(&content));
    blocks
}

fn pax(kind: u8, records: &[(&str, &str)]) -> Vec<u8> {
    let records = records.iter().map(|(key, value)| record(key, value));
    let records: String = records.collect();
    let mut blocks = Header::new(kind, "PaxHeaders/0", records.len() as u64)
        .block()
        .to_vec();
    blocks.extend(padded(records.as_bytes()));
    blocks
}

/// The ranges of blocks that are not all zeros.
fn runs(content: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut runs: Vec<std::ops::Range<usize>> = Vec::new();
    for (number, block) in content.chunks(512).enumerate() {
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        let start = number * 512;
        let end = start + block.len();
        match runs.last_mut() {
            Some(run) if run.end == start => run.end = end,
            _ => runs.push(start..end),
        }
    }
    runs
}

/// One PAX record: its own length in decimal, a space, `key=value` and a newline.
fn record(key: &str, value: &str) -> String {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    format!("{length} {key}={value}\n")
}
