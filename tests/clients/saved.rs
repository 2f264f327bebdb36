//! The members of a saved archive, with their types: several clients accept few of them.

use std::collections::BTreeMap;

use sockerless_testkit::compress::{ungzip, unzstd};
use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::http::escaped;

/// The archive of `GET /images/get` for these images, as one file.
pub(crate) fn save(daemon: &Daemon, names: &[&str]) -> Vec<u8> {
    let names: Vec<String> = names
        .iter()
        .map(|name| format!("names={}", escaped(name)))
        .collect();
    let saved = daemon.get(&format!("/images/get?{}", names.join("&")));
    assert_eq!(saved.status, 200, "{}", saved.text());
    assert_eq!(saved.header("Content-Type"), Some("application/x-tar"));
    saved.body
}

/// The type and the content of every member, by name. Names of more than 100 bytes and sizes of
/// 8 GiB have no place in these archives.
pub(crate) fn members(archive: &[u8]) -> BTreeMap<String, (u8, Vec<u8>)> {
    let mut members = BTreeMap::new();
    let mut rest = archive;
    while let Some((header, after)) = rest.split_at_checked(512) {
        let end = header[..100].iter().position(|byte| *byte == 0);
        let name = std::str::from_utf8(&header[..end.unwrap_or(100)]).unwrap();
        if name.is_empty() {
            break;
        }
        let size = std::str::from_utf8(&header[124..135]).unwrap();
        let size = usize::from_str_radix(size, 8).unwrap();
        let content = after[..size].to_vec();
        members.insert(name.to_owned(), (header[156], content));
        rest = &after[size.next_multiple_of(512)..];
    }
    assert!(rest.len() >= 1024, "two blocks of zeros at the end");
    members
}

/// Files alone, by name.
pub(crate) fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let files = members(archive).into_iter();
    files
        .filter(|(_, (kind, _))| matches!(kind, b'0' | 0))
        .map(|(name, (_, content))| (name, content))
        .collect()
}

/// Whether these bytes are compressed, by the first of them.
pub(crate) fn is_compressed(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b]) || bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
}

/// The bytes without their compression.
pub(crate) fn plain(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [0x1f, 0x8b, ..] => ungzip(bytes),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => unzstd(bytes),
        _ => bytes.to_vec(),
    }
}
