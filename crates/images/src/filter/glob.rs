//! Patterns of names, as in Go's `path.Match`, which Docker documents.

/// A pattern: `*` is any text without a slash, `?` one character that is not a slash, `[a-z]` and
/// `[^a-z]` one of a class, `\` takes what follows as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob(Vec<Token>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(char),
    /// One character that is not a slash.
    One,
    /// Any number of them.
    Any,
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

/// The pattern ends in the middle of something, or a class is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("syntax error in pattern")]
pub(crate) struct BadPattern;

impl Glob {
    pub(crate) fn parse(pattern: &str) -> Result<Self, BadPattern> {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            tokens.push(match character {
                '*' => Token::Any,
                '?' => Token::One,
                '\\' => Token::Literal(rest.next().ok_or(BadPattern)?),
                '[' => {
                    let negated = rest.next_if_eq(&'^').is_some();
                    let mut ranges = Vec::new();
                    // The first may be a bracket that would end the class.
                    while ranges.is_empty() || rest.next_if_eq(&']').is_none() {
                        let low = member(&mut rest)?;
                        let high = match rest.next_if_eq(&'-') {
                            Some(_) => member(&mut rest)?,
                            None => low,
                        };
                        ranges.push((low, high));
                    }
                    Token::Class { negated, ranges }
                }
                literal => Token::Literal(literal),
            });
        }
        Ok(Self(tokens))
    }

    /// The literal prefix of every text that matches.
    pub(crate) fn beginning(&self) -> String {
        let literals = self.0.iter().map_while(|token| match token {
            Token::Literal(character) => Some(character),
            _ => None,
        });
        literals.collect()
    }

    /// Whether the whole of `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut token, mut at) = (0, 0);
        // Where the last `*` is, and how far it reaches so far. Earlier ones need no second try: a
        // match that begins earlier leaves more to the last one.
        let mut star: Option<(usize, usize)> = None;
        loop {
            let fits = match (self.0.get(token), text.get(at)) {
                (Some(Token::Any), _) => {
                    star = Some((token + 1, at));
                    token += 1;
                    continue;
                }
                (None, None) => return true,
                (Some(token), Some(character)) => token.fits(*character),
                _ => false,
            };
            if fits {
                token += 1;
                at += 1;
                continue;
            }
            let Some((after, reached)) = star else {
                return false;
            };
            if text.get(reached).is_none_or(|character| *character == '/') {
                return false;
            }
            star = Some((after, reached + 1));
            (token, at) = (after, reached + 1);
        }
    }
}

impl Token {
    fn fits(&self, character: char) -> bool {
        match self {
            Self::Literal(literal) => *literal == character,
            Self::One => character != '/',
            Self::Any => false,
            Self::Class { negated, ranges } => {
                let within = ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&character));
                character != '/' && within != *negated
            }
        }
    }
}

/// One end of a range in a class.
fn member(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, BadPattern> {
    match rest.next() {
        None | Some('-' | ']') => Err(BadPattern),
        Some('\\') => rest.next().ok_or(BadPattern),
        Some(character) => Ok(character),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (pattern, text, fits) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "abc", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/fff", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[^e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "a\u{263a}b", true),
            ("a[^a]b", "a\u{263a}b", true),
            ("a???b", "a\u{263a}b", false),
            ("[a-\u{3b6}]*", "\u{3b1}", true),
            ("*[a-\u{3b6}]", "A", false),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-]", "-", true),
            ("[x\\-]", "x", true),
            ("[x\\-]", "z", false),
            ("[\\-x]", "x", true),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
            ("**", "ab", true),
            ("*alp*", "alpine", true),
            ("alp*:3.1?", "alpine:3.18", true),
        ] {
            let glob = Glob::parse(pattern).expect(pattern);
            assert_eq!(glob.matches(text), fits, "{pattern} {text}");
        }
    }

    #[test]
    fn bad_patterns() {
        for pattern in [
            "[]a]", "[-]", "[x-]", "[-x]", "[a-b-c]", "[", "[^", "[^bc", "a[", "\\",
        ] {
            assert_eq!(Glob::parse(pattern), Err(BadPattern), "{pattern}");
        }
    }
}
