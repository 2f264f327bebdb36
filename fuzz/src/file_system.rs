use sockerless_archive::{FileSystem, Limits, decode, read_file_system};
use sockerless_content::{ContentStore, StagedBlob};

use crate::checksum;
use crate::stream::{LIMITS, chunks};

/// Reads `data` as a root file system: nothing panics, and the layer is the decoded input.
///
/// Once more with corrected checksums, like an archive.
pub fn file_system(data: &[u8]) {
    check(data);
    if let Some(mended) = checksum::mended(data) {
        check(&mended);
    }
}

fn check(data: &[u8]) {
    // The window of `xz -9` is only allocated as far as it is used.
    let limits = LIMITS.for_file_system();
    let content = ContentStore::discarding();
    let Ok(FileSystem { staged, layer, .. }) = read_file_system(chunks(data), &content, &limits)
    else {
        return;
    };
    assert_eq!(
        (staged.digest(), staged.size()),
        (layer.diff_id, layer.size)
    );
    // Only holes, which PAX records describe, make files larger than the tar.
    assert!(
        layer.content_size <= layer.size || tells_of_holes(data),
        "files larger than the tar"
    );
    let decoded = decoded(data, &limits, &content).map(|blob| (blob.digest(), blob.size()));
    assert_eq!(decoded, Some((layer.diff_id, layer.size)), "another layer");
}

fn tells_of_holes(data: &[u8]) -> bool {
    let key = b"GNU.sparse.";
    data.windows(key.len()).any(|window| window == key)
}

/// The data decoded and hashed without parsing it. `None` when that fails.
fn decoded(data: &[u8], limits: &Limits, content: &ContentStore) -> Option<StagedBlob> {
    let mut writer = content.writer(None);
    for chunk in decode(chunks(data), limits).ok()? {
        writer.write(chunk.ok()?).ok()?;
    }
    writer.finish().ok()
}
