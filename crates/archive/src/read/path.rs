//! Member names as clean paths, and hashes of their prefixes.

/// A member's name without `./`, leading slashes and the like: the key by which manifests refer to
/// it. `None` if it leads outside the archive or is empty.
pub(crate) fn clean(name: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// The parent folders of a clean path, outermost first, and then the path itself: where each ends,
/// and a hash that is unlikely to collide within an archive.
///
/// Together they cost as much as reading the path once (FNV-1a).
pub(super) fn prefixes(path: &[u8]) -> impl Iterator<Item = (usize, u64)> {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    path.iter()
        .chain([&b'/'])
        .enumerate()
        .filter_map(move |(place, byte)| {
            let prefix = (*byte == b'/').then_some((place, hash));
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
            prefix
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for (name, key) in [
            ("manifest.json", Some("manifest.json")),
            ("./a//b/./c", Some("a/b/c")),
            ("/sha256:ab", Some("sha256:ab")),
            ("a/../b", Some("b")),
            ("../etc/passwd", None),
            ("a/../../b", None),
            ("./", None),
            ("", None),
        ] {
            assert_eq!(clean(name).as_deref(), key, "{name}");
        }
    }

    #[test]
    fn folders_on_the_way() {
        let ends = |path: &'static str| -> Vec<_> {
            let prefixes = prefixes(path.as_bytes());
            prefixes.map(|(end, _)| &path[..end]).collect()
        };
        assert_eq!(ends("a/bc/d"), ["a", "a/bc", "a/bc/d"]);
        assert_eq!(ends("a"), ["a"]);
        let hash = |path: &[u8]| prefixes(path).last().expect("itself").1;
        assert_eq!(prefixes(b"a/b/c").nth(1).expect("a folder").1, hash(b"a/b"));
        assert_ne!(hash(b"a/b"), hash(b"b/a"));
    }
}
