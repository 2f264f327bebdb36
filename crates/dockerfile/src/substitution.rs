//! Expansion of a word: quotes, escapes and variables.

use std::iter::Peekable;
use std::str::Chars;

use super::SubstitutionError;
use super::variables::Variables;

/// How deep substitutions may be nested: they are parsed recursively.
const DEPTH: usize = 50;

/// A word with its quotes, escapes and variables resolved.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Expanded {
    /// The text.
    pub(super) text: String,
    /// The text split at white space that is neither quoted nor escaped.
    pub(super) words: Vec<String>,
}

/// Why a word cannot be expanded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is invalid.
    Reason(SubstitutionError),
    /// It becomes too long.
    TooLarge,
}

impl From<SubstitutionError> for Failure {
    fn from(reason: SubstitutionError) -> Self {
        Self::Reason(reason)
    }
}

/// Expands `word`. The bytes of its expansion are subtracted from `budget`.
pub(super) fn expand(
    word: &str,
    escape: char,
    variables: &Variables,
    budget: &mut usize,
) -> Result<Expanded, Failure> {
    let mut lexer = Lexer {
        chars: word.chars().peekable(),
        escape,
        variables,
        budget,
        depth: 0,
    };
    lexer.until(None).map(Output::finish)
}

struct Lexer<'a, 'b> {
    chars: Peekable<Chars<'a>>,
    escape: char,
    variables: &'a Variables,
    budget: &'b mut usize,
    depth: usize,
}

impl Lexer<'_, '_> {
    /// Everything up to `stop`, or to the end.
    fn until(&mut self, stop: Option<char>) -> Result<Output, Failure> {
        let mut output = Output::default();
        while let Some(ch) = self.chars.next() {
            match ch {
                _ if Some(ch) == stop => return Ok(output),
                '\'' => {
                    let quoted = self.single_quoted()?;
                    output.push_quoted(&quoted);
                }
                '"' => {
                    let quoted = self.double_quoted()?;
                    output.push_quoted(&quoted);
                }
                '$' => {
                    let value = self.variable()?;
                    value.chars().for_each(|ch| output.push(ch));
                }
                _ if ch == self.escape => {
                    // At the very end, it escapes nothing.
                    if let Some(escaped) = self.chars.next() {
                        self.charge(escaped.len_utf8())?;
                        output.push_quoted(escaped.encode_utf8(&mut [0; 4]));
                    }
                }
                _ => {
                    self.charge(ch.len_utf8())?;
                    output.push(ch);
                }
            }
        }
        match stop {
            None => Ok(output),
            Some(_) => Err(SubstitutionError::MissingBrace.into()),
        }
    }

    /// Everything up to the closing quote, as it is.
    fn single_quoted(&mut self) -> Result<String, Failure> {
        let mut text = String::new();
        for ch in self.chars.by_ref() {
            if ch == '\'' {
                self.charge(text.len())?;
                return Ok(text);
            }
            text.push(ch);
        }
        Err(SubstitutionError::Unclosed("single-quote").into())
    }

    /// Everything up to the closing quote: variables are expanded, and the escape character only
    /// escapes itself, `"` and `$`.
    fn double_quoted(&mut self) -> Result<String, Failure> {
        let mut text = String::new();
        while let Some(ch) = self.chars.next() {
            match ch {
                '"' => return Ok(text),
                '$' => text.push_str(&self.variable()?),
                _ => {
                    let escape = self.escape;
                    let escaped = (ch == escape)
                        .then(|| {
                            self.chars
                                .next_if(|&next| matches!(next, '"' | '$') || next == escape)
                        })
                        .flatten();
                    let ch = escaped.unwrap_or(ch);
                    self.charge(ch.len_utf8())?;
                    text.push(ch);
                }
            }
        }
        Err(SubstitutionError::Unclosed("double-quote").into())
    }

    /// The variable after a `$`.
    fn variable(&mut self) -> Result<String, Failure> {
        let value = if self.chars.next_if_eq(&'{').is_some() {
            self.in_braces()?
        } else {
            let name = self.name();
            if name.is_empty() {
                "$".to_owned()
            } else {
                self.variables.get(&name).unwrap_or_default().to_owned()
            }
        };
        self.charge(value.len())?;
        Ok(value)
    }

    fn in_braces(&mut self) -> Result<String, Failure> {
        match self.chars.peek() {
            None => return Err(SubstitutionError::MissingBrace.into()),
            Some('{' | '}' | ':') => return Err(SubstitutionError::Bad.into()),
            Some(_) => {}
        }
        let name = self.name();
        let mut modifier = match self.chars.next() {
            None => return Err(SubstitutionError::MissingBrace.into()),
            Some('}') => return Ok(self.variables.get(&name).unwrap_or_default().to_owned()),
            Some(ch) => ch,
        };
        let colon = modifier == ':';
        if colon {
            modifier = self.chars.next().ok_or(SubstitutionError::MissingBrace)?;
        }
        let word = self.inner_word()?;
        let value = self.variables.get(&name);
        let usable = value.filter(|value| !(colon && value.is_empty()));
        match modifier {
            '-' => Ok(usable.map_or(word, str::to_owned)),
            '+' => Ok(usable.map(|_| word).unwrap_or_default()),
            '?' => usable.map(str::to_owned).ok_or_else(|| {
                let message = match (word.is_empty(), value) {
                    (false, _) => word,
                    (true, None) => "is not allowed to be unset".to_owned(),
                    (true, Some(_)) => "is not allowed to be empty".to_owned(),
                };
                SubstitutionError::Required { name, message }.into()
            }),
            _ => {
                let colon = if colon { ":" } else { "" };
                Err(SubstitutionError::Modifier(format!("{colon}{modifier}")).into())
            }
        }
    }

    /// The word after a modifier, up to the closing brace.
    fn inner_word(&mut self) -> Result<String, Failure> {
        if self.depth == DEPTH {
            return Err(SubstitutionError::TooDeep { limit: DEPTH }.into());
        }
        self.depth += 1;
        let word = self.until(Some('}'));
        self.depth -= 1;
        match word {
            Ok(output) => Ok(output.text),
            // Anything unclosed inside is reported as the missing brace at the end of the text.
            Err(Failure::Reason(SubstitutionError::Unclosed(_))) => {
                Err(SubstitutionError::MissingBrace.into())
            }
            Err(failure) => Err(failure),
        }
    }

    /// A name: letters, digits and `_`; or digits only; or one of the shell's special parameters.
    fn name(&mut self) -> String {
        let mut name = String::new();
        if let Some(special) = self.chars.next_if(|ch| "@*#?-$!".contains(*ch)) {
            name.push(special);
            return name;
        }
        let digits = self.chars.peek().is_some_and(char::is_ascii_digit);
        let belongs = |ch: &char| match digits {
            true => ch.is_ascii_digit(),
            false => ch.is_alphanumeric() || *ch == '_',
        };
        while let Some(ch) = self.chars.next_if(belongs) {
            name.push(ch);
        }
        name
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Failure> {
        *self.budget = self.budget.checked_sub(bytes).ok_or(Failure::TooLarge)?;
        Ok(())
    }
}

#[derive(Default)]
struct Output {
    text: String,
    words: Vec<String>,
    word: String,
}

impl Output {
    /// Adds an unquoted character, which separates words if it is white space.
    fn push(&mut self, ch: char) {
        self.text.push(ch);
        if !ch.is_whitespace() {
            self.word.push(ch);
        } else if !self.word.is_empty() {
            self.words.push(std::mem::take(&mut self.word));
        }
    }

    fn push_quoted(&mut self, text: &str) {
        self.text.push_str(text);
        self.word.push_str(text);
    }

    fn finish(mut self) -> Expanded {
        if !self.word.is_empty() {
            self.words.push(self.word);
        }
        Expanded {
            text: self.text,
            words: self.words,
        }
    }
}

#[cfg(test)]
mod tests;
