//! Patterns of paths as Docker writes them: `{id}` is one segment, `{name:.*}` any text with
//! slashes.

use super::captures::Captures;

/// The values that `path` has for the variables of `pattern`; `None` when it does not match.
pub(super) fn captures(pattern: &'static str, path: &str) -> Option<Captures> {
    let mut captures = Captures::default();
    matches(pattern, path, &mut captures).then_some(captures)
}

/// Matches the rest of a pattern. What it does not match, it does not capture.
fn matches(pattern: &'static str, path: &str, captures: &mut Captures) -> bool {
    let Some((prefix, rest)) = pattern.split_once('{') else {
        return pattern == path;
    };
    let (Some(path), Some((variable, rest))) = (path.strip_prefix(prefix), rest.split_once('}'))
    else {
        return false;
    };
    let (variable, fits): (_, fn(&str) -> bool) = match variable.split_once(":.*") {
        // The dot of Docker's patterns matches no line feed.
        Some((variable, _)) => (variable, |value| !value.contains('\n')),
        None => (variable, |value| !value.is_empty() && !value.contains('/')),
    };
    let mut takes = |end: usize| {
        let (value, path) = path.split_at(end);
        if !fits(value) {
            return false;
        }
        captures.push(variable, value);
        let is_match = matches(rest, path, captures);
        if !is_match {
            captures.pop();
        }
        is_match
    };
    match rest.split_once('{') {
        // The last variable ends where the text after it begins.
        None => path
            .strip_suffix(rest)
            .is_some_and(|value| takes(value.len())),
        // Any other one matches as much as it can, as in Docker.
        Some((text, _)) => path.rmatch_indices(text).any(|(end, _)| takes(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables() {
        for (pattern, path, variable, value) in [
            ("/a/{id}", "/a/b", "id", Some("b")),
            ("/a/{id}", "/a/b/c", "id", None),
            ("/a/{id}", "/a/", "id", None),
            ("/a/{name:.*}", "/a/", "name", Some("")),
            ("/a/{name:.*}/json", "/a/b/c/json", "name", Some("b/c")),
            ("/a/{name:.*}/json", "/a/json", "name", None),
            ("/a/{name:.*}/json", "/a/json/json", "name", Some("json")),
            ("/a/{name:.*}/json", "/a/b\nc/json", "name", None),
            ("/a", "/a", "name", Some("")),
        ] {
            let found = captures(pattern, path);
            let found = found.as_ref().map(|captures| captures.get(variable));
            assert_eq!(found, value, "{pattern} {path}");
        }
    }

    #[test]
    fn several_variables() {
        let pattern = "/containers/{name:.*}/checkpoints/{id}";
        let found = captures(pattern, "/containers/a/checkpoints/checkpoints/b");
        let found = found.expect("a match");
        assert_eq!(found.get("name"), "a/checkpoints");
        assert_eq!(found.get("id"), "b");
        assert_eq!(captures(pattern, "/containers/a/checkpoints/"), None);
        assert_eq!(captures(pattern, "/containers/a/checkpoints/b/c"), None);
    }
}
