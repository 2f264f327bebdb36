//! The exec form: a JSON array of strings.

use super::ChangeError;
use sockerless_oci::json::{Member, decode};

/// The strings of a JSON array; `None` if the text is not one and therefore in shell form.
pub(super) fn parse(text: &str) -> Result<Option<Vec<String>>, ChangeError> {
    if !text.starts_with('[') {
        return Ok(None);
    }
    let Ok(members) = decode::<Vec<Member<String>>>(text.as_bytes()) else {
        return Ok(None);
    };
    members
        .into_iter()
        .map(|member| match member {
            Member::Is(text) => Ok(text),
            Member::Missing | Member::Wrong => Err(ChangeError::NotStrings),
        })
        .collect::<Result<_, _>>()
        .map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays() {
        for (text, expected) in [
            ("[]", Some(&[][..])),
            (r#"["a", "b c"]"#, Some(&["a", "b c"])),
            (r#"["\u0041\n"]"#, Some(&["A\n"])),
            (r#"["\ud800"]"#, Some(&["\u{fffd}"])),
            ("", None),
            ("a", None),
            ("\"a\"", None),
            ("{}", None),
            ("[", None),
            (r#"["a""#, None),
            (r#"["a",]"#, None),
            (r#"["a"] b"#, None),
            ("['a']", None),
        ] {
            let found = parse(text).expect(text);
            assert_eq!(found.as_deref(), expected.map(own).as_deref(), "{text}");
        }
        for text in [
            "[1]",
            "[null]",
            r#"["a", ["b"]]"#,
            "[{}]",
            "[true]",
            "[1.5]",
        ] {
            assert_eq!(parse(text), Err(ChangeError::NotStrings), "{text}");
        }
    }

    fn own(words: &[&str]) -> Vec<String> {
        words.iter().map(|&word| word.to_owned()).collect()
    }
}
