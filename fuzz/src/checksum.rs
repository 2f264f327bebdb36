//! Checksums of tar headers.

const BLOCK: usize = 512;
const MAGIC: std::ops::Range<usize> = 257..262;
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// The same archive with correct checksums, if that differs.
///
/// Every block with tar's magic in its place counts as a header, which is right often enough.
pub(crate) fn mended(data: &[u8]) -> Option<Vec<u8>> {
    let mut mended = data.to_vec();
    for block in mended.chunks_exact_mut(BLOCK) {
        if block.get(MAGIC) == Some(b"ustar") {
            write(block);
        }
    }
    (mended != data).then_some(mended)
}

fn write(block: &mut [u8]) {
    let Some(field) = block.get_mut(CHECKSUM) else {
        return;
    };
    // The field itself counts as spaces.
    field.fill(b' ');
    let sum: u32 = block.iter().copied().map(u32::from).sum();
    if let Some(field) = block.get_mut(CHECKSUM) {
        field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
}
