/// A member's name without `./`, leading slashes and the like: the key under which a manifest
/// finds it. `None` when it climbs out of the archive or names nothing.
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
}
