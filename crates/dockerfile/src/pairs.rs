//! Name-value pairs of `ENV` and `LABEL`.

use super::ChangeError;
use super::line::cut;
use super::state::State;
use super::words;

/// A name and its value, both as written.
pub(super) type Pair = (String, String);

/// The pairs of `instruction` (`ENV`, `LABEL`), at least one, and each with a name.
pub(super) fn parse(
    arguments: &str,
    instruction: &'static str,
    escape: char,
) -> Result<Vec<Pair>, ChangeError> {
    let pairs = split(arguments, instruction, escape)?;
    if pairs.is_empty() {
        return Err(ChangeError::NoArgument(instruction));
    }
    if pairs.iter().any(|(name, _)| name.is_empty()) {
        return Err(ChangeError::BlankName(instruction));
    }
    Ok(pairs)
}

/// `name=value` words, or one name and the rest of the line as its value when the first word has
/// no `=`.
pub(super) fn split(
    arguments: &str,
    instruction: &'static str,
    escape: char,
) -> Result<Vec<Pair>, ChangeError> {
    let words = words::split(arguments, escape);
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    if words.first().is_some_and(|first| !first.contains('=')) {
        let (name, value) = cut(arguments);
        let value = value.ok_or(ChangeError::NotTwoArguments(instruction))?;
        return Ok(vec![own((name, value))]);
    }
    words
        .iter()
        .map(|word| {
            let pair = word.split_once('=').map(own);
            pair.ok_or_else(|| ChangeError::NoEquals(word.clone()))
        })
        .collect()
}

/// The pairs with their words expanded, all with the variables as they were before the instruction.
pub(super) fn expand(pairs: Vec<Pair>, state: &mut State) -> Result<Vec<Pair>, ChangeError> {
    pairs
        .iter()
        .map(|(name, value)| Ok((state.expand(name)?, state.expand(value)?)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs() {
        for (text, expected) in [
            ("a=b", &[("a", "b")][..]),
            (
                "a=b c=\"d e\" f=",
                &[("a", "b"), ("c", "\"d e\""), ("f", "")],
            ),
            ("a=b=c", &[("a", "b=c")]),
            ("\"a b\"=c", &[("\"a b\"", "c")]),
            ("a b", &[("a", "b")]),
            ("a \t b  c=d", &[("a", "b  c=d")]),
        ] {
            let found = parse(text, "ENV", '\\').expect(text);
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn refused() {
        for (text, message) in [
            ("", "ENV requires at least one argument"),
            ("a", "ENV must have two arguments"),
            ("=b", "ENV names can not be blank"),
            (
                "a=b c\"d\"",
                "Syntax error - can't find = in \"c\\\"d\\\"\". Must be of the form: name=value",
            ),
        ] {
            let error = parse(text, "ENV", '\\').expect_err(text);
            assert_eq!(error.to_string(), message);
        }
    }
}
