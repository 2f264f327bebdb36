use std::io;

use bytes::Bytes;
use sockerless_archive::Limits;

/// Small, so that an expensive input is refused before it costs time.
pub(crate) const LIMITS: Limits = Limits {
    document_bytes: 64 << 10,
    documents_bytes: 256 << 10,
    entries: 256,
    header_bytes: 4 << 10,
    expansion_ratio: 100,
    compressed_streams: 1000,
    window_bytes: 8 << 20,
    images: 16,
    names: 64,
    parts: 256,
    ..Limits::DEFAULT
};

/// The data as it may arrive: in chunks whose size depends on the length, so that entries are split
/// everywhere.
pub(crate) fn chunks(data: &[u8]) -> impl Iterator<Item = io::Result<Bytes>> {
    let size = 1 + data.len() % 4099;
    data.chunks(size).map(|c| Ok(Bytes::copy_from_slice(c)))
}
