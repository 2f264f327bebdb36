//! Guesses what bytes are that are not a tar, for error messages.

/// Bytes at the start that are examined.
pub(super) const START: usize = 512;

/// Names of formats by their first bytes.
const MAGIC: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip file"),
    (b"PK\x05\x06", "a zip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    (b"Rar!\x1a\x07", "a rar file"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
    (b"hsqs", "a squashfs image"),
    (b"!<arch>\n", "an ar archive, such as a Debian package"),
    (b"\xed\xab\xee\xdb", "an RPM package"),
    (b"070701", "a cpio archive"),
    (b"070707", "a cpio archive"),
    (b"QFI\xfb", "a disk image (qcow2)"),
    (b"SIMPLE", "a FITS file"),
    (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (
        b"\x04\x22\x4d\x18",
        "compressed with lz4, which is not read: use gzip, bzip2, xz or zstd",
    ),
    (
        b"LZIP",
        "compressed with lzip, which is not read: use gzip, bzip2, xz or zstd",
    ),
    (
        b"\x5d\x00\x00",
        "compressed with lzma, which is not read: use gzip, bzip2, xz or zstd",
    ),
    (
        b"\x1f\x9d",
        "compressed with compress, which is not read: use gzip, bzip2, xz or zstd",
    ),
];

/// The format of data with these first bytes, if it is recognised.
pub(super) fn guess(start: &[u8]) -> Option<&'static str> {
    let magic = MAGIC.iter().find(|(magic, _)| start.starts_with(magic));
    if let Some((_, what)) = magic {
        return Some(what);
    }
    let text = std::str::from_utf8(start).or_else(|error| {
        // The last character may be incomplete.
        let (valid, _) = start.split_at(error.valid_up_to());
        match error.error_len() {
            None => std::str::from_utf8(valid),
            Some(_) => Err(error),
        }
    });
    let text = text.ok()?.trim_start_matches('\u{feff}').trim_start();
    let is_text = |c: char| !c.is_control() || c.is_whitespace();
    if text.is_empty() || !text.chars().all(is_text) {
        return None;
    }
    let begins = |word: &str| {
        text.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    Some(if begins("<!doctype html") || begins("<html") {
        "an HTML page: the address it was downloaded from may want a login"
    } else if text.starts_with('<') {
        "an XML document"
    } else if text.starts_with(['{', '[']) {
        "a JSON document"
    } else if text.starts_with("version https://git-lfs") {
        "a pointer of Git LFS: fetch the file itself with `git lfs pull`"
    } else {
        "a text"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_plain_to_see() {
        for (start, what) in [
            (&b"PK\x03\x04\x14\x00"[..], Some("a zip file")),
            (b"\n <!DOCTYPE HTML><html>", Some("an HTML page")),
            (b"<?xml version='1.0'?>", Some("an XML document")),
            (b"{\"message\": \"no\"}", Some("a JSON document")),
            (b"hello\n", Some("a text")),
            ("gr\u{fc}\u{df}e".as_bytes(), Some("a text")),
            (&"\u{fc}".as_bytes()[..1], None),
            (
                b"version https://git-lfs.github.com/spec/v1\n",
                Some("a pointer"),
            ),
            (b"\x04\x22\x4d\x18\x60", Some("compressed with lz4")),
            (b"", None),
            (b"  \n", None),
            (b"\x00\x01\x02", None),
        ] {
            let found = guess(start);
            let is_right = match (found, what) {
                (Some(found), Some(what)) => found.starts_with(what),
                (found, what) => found == what,
            };
            assert!(is_right, "{start:?}: {found:?}");
        }
    }
}
