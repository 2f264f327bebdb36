//! The `Link` header, used for paging.

/// The target of the first link whose relation is `next`.
pub(crate) fn next(value: &str) -> Option<&str> {
    let mut rest = value;
    loop {
        let open = rest.find('<')?;
        let after = &rest[open + 1..];
        let close = after.find('>')?;
        let target = &after[..close];
        let parameters = &after[close + 1..];
        let end = end_of_link(parameters);
        if has_relation_next(&parameters[..end]) {
            return Some(target.trim());
        }
        rest = &parameters[end..];
    }
}

/// The end of one link's parameters: a comma outside quotes.
fn end_of_link(parameters: &str) -> usize {
    let mut quoted = false;
    for (index, byte) in parameters.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => return index,
            _ => {}
        }
    }
    parameters.len()
}

fn has_relation_next(parameters: &str) -> bool {
    parameters.split(';').any(|parameter| {
        parameter.split_once('=').is_some_and(|(name, value)| {
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|relation| relation.eq_ignore_ascii_case("next"))
        })
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn finds_next() {
        for (value, expected) in [
            (
                r#"</v2/a/tags/list?last=x&n=2>; rel="next""#,
                Some("/v2/a/tags/list?last=x&n=2"),
            ),
            ("<https://r.io/x>;rel=next", Some("https://r.io/x")),
            (
                r#"</p>; rel="prev", </n>; title="a, b"; rel="last next""#,
                Some("/n"),
            ),
            (r#"</a,b>; REL=Next"#, Some("/a,b")),
            (r#"</p>; rel="prev""#, None),
            ("</p", None),
            ("", None),
        ] {
            assert_eq!(next(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC*", marks in "[<>;,=\" nextrl]{0,60}") {
            let _ = next(&text);
            let _ = next(&marks);
        }
    }
}
