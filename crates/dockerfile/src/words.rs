//! Splitting a text into words.

/// Splits a text into words at white space that is neither quoted nor escaped. Quotes and escapes
/// stay: they are resolved together with the variables.
pub(super) fn split(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        if ch == escape && quote != Some('\'') {
            // An escape character at the very end escapes nothing.
            if let Some(escaped) = chars.next() {
                word.extend([ch, escaped]);
            }
            continue;
        }
        match ch {
            _ if quote == Some(ch) => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(ch),
            _ if quote.is_none() && ch.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                continue;
            }
            _ => {}
        }
        word.push(ch);
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (text, expected) in [
            ("", &[][..]),
            ("  ", &[]),
            ("a  b\tc\u{2003}d", &["a", "b", "c", "d"]),
            ("a=\"b c\" 'd e'f", &["a=\"b c\"", "'d e'f"]),
            ("a\\ b c", &["a\\ b", "c"]),
            ("\"a\\\"b c\" d", &["\"a\\\"b c\"", "d"]),
            ("'a\\' b", &["'a\\'", "b"]),
            ("a \"b c", &["a", "\"b c"]),
            ("a \\", &["a"]),
            ("\"a\\", &["\"a"]),
            ("\"\" a", &["\"\"", "a"]),
        ] {
            assert_eq!(split(text, '\\'), expected, "{text}");
        }
        assert_eq!(split("a` b c\\ d", '`'), ["a` b", "c\\", "d"]);
    }
}
