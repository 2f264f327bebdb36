//! One line, split into instruction, flags and arguments.

use super::ChangeError;
use super::flags;

/// The characters that separate words, unless they are quoted.
pub(super) const BLANKS: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// One instruction, split but not yet parsed.
#[derive(Debug)]
pub(super) struct Line<'a> {
    /// Its name in upper case.
    pub(super) name: String,
    /// The words that begin with `--` in front of the arguments.
    pub(super) flags: Vec<String>,
    /// The rest, trimmed.
    pub(super) arguments: &'a str,
    /// The whole line.
    pub(super) original: &'a str,
}

impl<'a> Line<'a> {
    /// Splits a line into its parts.
    pub(super) fn split(original: &'a str) -> Self {
        let (name, rest) = cut(original.trim());
        let (flags, arguments) = flags::split(rest.unwrap_or_default());
        Self {
            name: name.to_uppercase(),
            flags,
            arguments: arguments.trim(),
            original,
        }
    }

    /// The arguments of an instruction without flags.
    pub(super) fn without_flags(&self) -> Result<&'a str, ChangeError> {
        flags::values(&self.flags, &[])?;
        Ok(self.arguments)
    }
}

/// The text up to the first blanks, and the text after them.
pub(super) fn cut(text: &str) -> (&str, Option<&str>) {
    match text.split_once(BLANKS) {
        Some((first, rest)) => (first, Some(rest.trim_start_matches(BLANKS))),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split() {
        for (line, name, flags, arguments) in [
            ("CMD", "CMD", &[][..], ""),
            (" cmd  a  b ", "CMD", &[], "a  b"),
            ("CMD\ta", "CMD", &[], "a"),
            ("ENV\u{b}\u{c} a", "ENV", &[], "a"),
            ("ENV\u{a0}a", "ENV\u{a0}A", &[], ""),
            ("CMD --a=b --c d", "CMD", &["--a=b", "--c"], "d"),
            ("CMD -- --a", "CMD", &[], "--a"),
            ("", "", &[], ""),
        ] {
            let found = Line::split(line);
            assert_eq!(
                (found.name.as_str(), found.arguments),
                (name, arguments),
                "{line:?}"
            );
            assert_eq!(found.flags, flags, "{line:?}");
            assert_eq!(found.original, line);
        }
    }
}
