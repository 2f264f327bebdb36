//! Splitting a text into instructions: comments, directives and continuation lines.

use super::ChangeError;
use super::directives::Directives;

/// Maximum bytes of a line, as in Docker.
const LINE_BYTES: usize = 65_535;

/// The instructions of a Dockerfile, with continuation lines joined.
pub(super) struct Dockerfile {
    /// One line each, none blank.
    pub(super) lines: Vec<String>,
    /// The escape character.
    pub(super) escape: char,
}

/// Splits a text into instructions. Comments may stand between continuation lines, and so may blank
/// lines, which Docker only warns about.
pub(super) fn read(text: &str) -> Result<Dockerfile, ChangeError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.split('\n').any(|line| line.len() > LINE_BYTES) {
        return Err(ChangeError::LineTooLong { limit: LINE_BYTES });
    }
    let mut physical = text.split('\n').map(|line| line.trim_end_matches('\r'));
    let mut directives = Directives::default();
    let mut lines = Vec::new();
    while let Some(first) = physical.next() {
        let first = first.trim_start();
        directives.look_at(first)?;
        let (first, mut continues) = directives.continuation(without_comment(first));
        if first.is_empty() && !continues {
            continue;
        }
        let mut line = first.to_owned();
        while continues {
            let Some(next) = physical.next() else { break };
            if without_comment(next.trim_start()).is_empty() {
                continue;
            }
            let part;
            (part, continues) = directives.continuation(next);
            line.push_str(part);
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err(ChangeError::NoInstructions);
    }
    Ok(Dockerfile {
        lines,
        escape: directives.escape(),
    })
}

fn without_comment(line: &str) -> &str {
    if line.starts_with('#') { "" } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        for (text, expected) in [
            ("ENV a", &["ENV a"][..]),
            ("ENV a\n", &["ENV a"]),
            ("\n\n  ENV a  \n\nENV b\n", &["ENV a  ", "ENV b"]),
            ("ENV a\r\nENV b\r\n", &["ENV a", "ENV b"]),
            ("\u{feff}ENV a", &["ENV a"]),
            ("# x\nENV a\n   # y\nENV b # z", &["ENV a", "ENV b # z"]),
            ("ENV a \\\n  b", &["ENV a   b"]),
            ("ENV a\\\nb", &["ENV ab"]),
            ("ENV a\\ \t\nb", &["ENV ab"]),
            ("ENV a\\\\\nENV b", &["ENV a\\\\", "ENV b"]),
            ("ENV a\\\n# x\n  # y\n\n \t\nb", &["ENV ab"]),
            ("ENV a \\", &["ENV a "]),
            ("\\\nENV a", &["ENV a"]),
            ("# escape=`\nENV a`\nb\\\nENV c", &["ENV ab\\", "ENV c"]),
            ("ENV a\n# escape=`\nENV b\\\nc", &["ENV a", "ENV bc"]),
        ] {
            let found = read(text).expect(text).lines;
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn refused() {
        let long = format!("ENV a={}", "x".repeat(LINE_BYTES - 5));
        for (text, error) in [
            ("", ChangeError::NoInstructions),
            ("\n \r\n\t", ChangeError::NoInstructions),
            ("# x", ChangeError::NoInstructions),
            (&long, ChangeError::LineTooLong { limit: LINE_BYTES }),
        ] {
            assert_eq!(read(text).err(), Some(error), "{:.20}", text);
        }
        assert!(read(&long[1..]).is_ok());
    }
}
