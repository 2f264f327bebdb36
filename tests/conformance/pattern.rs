//! Patterns of `docs/differences.md`.

/// Whether `text` matches `pattern`: `*` and `{anything}` match any text, also none.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = literals(pattern).into_iter();
    let first = parts.next().unwrap_or_default();
    let Some(stripped) = rest.strip_prefix(first.as_str()) else {
        return false;
    };
    rest = stripped;
    let mut parts: Vec<String> = parts.collect();
    let Some(last) = parts.pop() else {
        return rest.is_empty();
    };
    for part in parts {
        let Some(at) = rest.find(&part) else {
            return false;
        };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(&last)
}

/// The literals around the wildcards; two for one wildcard.
fn literals(pattern: &str) -> Vec<String> {
    let mut literals = vec![String::new()];
    let mut characters = pattern.chars();
    while let Some(character) = characters.next() {
        match character {
            '*' => literals.push(String::new()),
            // A variable of a path, not an object: those begin with a quotation mark or end.
            '{' if characters.clone().next().is_some_and(char::is_alphabetic) => {
                characters.by_ref().find(|&end| end == '}');
                literals.push(String::new());
            }
            other => literals.last_mut().expect("one at least").push(other),
        }
    }
    literals
}

#[test]
fn wildcards() {
    for (pattern, text, wanted) in [
        ("GET /images/json", "GET /images/json", true),
        ("GET /images/json", "GET /images/json2", false),
        ("GET /images/{name}/json", "GET /images/a/b:1/json", true),
        ("GET /images/{name}/json", "GET /images/a/b:1/get", false),
        ("*", "", true),
        ("", "x", false),
        ("a*b*c", "a-b-b-c", true),
        ("a*b*c", "a-c", false),
        ("a*a", "a", false),
        ("*{\"message\":*", "{\"message\":\"x\"}", true),
        (".[*].Labels", ".[0].Labels", true),
    ] {
        assert_eq!(fits(pattern, text), wanted, "{pattern} {text}");
    }
}
