//! Parser directives at the beginning of a Dockerfile.

use super::ChangeError;

/// The directives that a Dockerfile may begin with: comments of the form `# name=value`.
#[derive(Debug, Default)]
pub(super) struct Directives {
    done: bool,
    seen: Vec<&'static str>,
    backquote: bool,
}

const NAMES: [&str; 3] = ["escape", "syntax", "check"];

impl Directives {
    /// The escape character, which also continues a line at its end.
    pub(super) fn escape(&self) -> char {
        if self.backquote { '`' } else { '\\' }
    }

    /// Looks for a directive in the next line. After the first line without one, there are no more.
    pub(super) fn look_at(&mut self, line: &str) -> Result<(), ChangeError> {
        let found = (!self.done).then(|| directive(line)).flatten();
        let Some((name, value)) = found else {
            self.done = true;
            return Ok(());
        };
        if self.seen.contains(&name) {
            return Err(ChangeError::RepeatedDirective(name));
        }
        self.seen.push(name);
        if name == "escape" {
            self.backquote = match value {
                "`" => true,
                "\\" => false,
                other => return Err(ChangeError::EscapeToken(other.to_owned())),
            };
        }
        Ok(())
    }

    /// The line without a continuation character at its end, and whether there was one. Two of them
    /// are an escaped one.
    pub(super) fn continuation<'a>(&self, line: &'a str) -> (&'a str, bool) {
        let rest = line
            .trim_end_matches([' ', '\t'])
            .strip_suffix(self.escape())
            .filter(|rest| !rest.ends_with(self.escape()));
        match rest {
            Some(rest) => (rest, true),
            None => (line, false),
        }
    }
}

fn directive(line: &str) -> Option<(&'static str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let name = name.trim_ascii();
    let name = NAMES
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(name))?;
    let value = value.trim_ascii();
    (!value.is_empty()).then_some((name, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape() {
        for (lines, escape) in [
            (&["# escape=`"][..], '`'),
            (&["#ESCAPE = ` "], '`'),
            (&["#escape=\\"], '\\'),
            (&["# syntax=docker/dockerfile:1", "# escape=`"], '`'),
            (&["# check=skip=all", "# escape=`"], '`'),
            (&["# a comment", "# escape=`"], '\\'),
            (&["# other=x", "# escape=`"], '\\'),
            (&["", "# escape=`"], '\\'),
            (&["# escape="], '\\'),
            (&["# escape"], '\\'),
            (&["escape=`"], '\\'),
        ] {
            let mut directives = Directives::default();
            for line in lines {
                directives.look_at(line).expect(line);
            }
            assert_eq!(directives.escape(), escape, "{lines:?}");
        }
    }

    #[test]
    fn refused() {
        let mut directives = Directives::default();
        assert_eq!(
            directives.look_at("# escape=x").expect_err("x").to_string(),
            "invalid escape token 'x' does not match ` or \\"
        );
        let mut directives = Directives::default();
        directives.look_at("# escape=`").expect("first");
        assert_eq!(
            directives.look_at("# escape=`"),
            Err(ChangeError::RepeatedDirective("escape"))
        );
    }
}
