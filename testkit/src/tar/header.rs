//! Header blocks of tar files.

/// One 512-byte header block.
#[derive(Debug, Clone)]
pub struct Header {
    /// Type flag: `b'0'` for a file, `b'5'` for a directory and so on.
    pub kind: u8,
    /// Name; what exceeds 100 bytes is cut off.
    pub name: Vec<u8>,
    /// Target of a link; cut off in the same way.
    pub link: Vec<u8>,
    /// Bytes that follow.
    pub size: u64,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970.
    pub mtime: u64,
}

impl Header {
    /// A header with mode 0644 and time 0.
    #[must_use]
    pub fn new(kind: u8, name: &str, size: u64) -> Self {
        Self {
            kind,
            name: name.as_bytes().to_vec(),
            link: Vec::new(),
            size,
            mode: 0o644,
            mtime: 0,
        }
    }

    /// The block with a right checksum, in ustar form. Sizes from 8 GiB are written in base 256.
    #[must_use]
    pub fn block(&self) -> [u8; 512] {
        let mut block = [0; 512];
        put(&mut block[..100], &self.name);
        octal(&mut block[100..108], u64::from(self.mode));
        octal(&mut block[108..116], 0);
        octal(&mut block[116..124], 0);
        if self.size < 1 << 33 {
            octal(&mut block[124..136], self.size);
        } else {
            block[124] = 0x80;
            block[128..136].copy_from_slice(&self.size.to_be_bytes());
        }
        octal(&mut block[136..148], self.mtime);
        block[156] = self.kind;
        put(&mut block[157..257], &self.link);
        block[257..265].copy_from_slice(b"ustar\x0000");
        octal(&mut block[329..337], 0);
        octal(&mut block[337..345], 0);
        seal(&mut block);
        block
    }
}

/// Writes the checksum that fits the rest of `block`.
pub fn seal(block: &mut [u8; 512]) {
    block[148..156].fill(b' ');
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// `bytes` padded with zeros to whole blocks.
#[must_use]
pub fn padded(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    out.resize(bytes.len().next_multiple_of(512), 0);
    out
}

fn put(field: &mut [u8], value: &[u8]) {
    let length = value.len().min(field.len());
    field[..length].copy_from_slice(&value[..length]);
}

fn octal(field: &mut [u8], value: u64) {
    let width = field.len() - 1;
    field[..width].copy_from_slice(format!("{value:0width$o}").as_bytes());
}
