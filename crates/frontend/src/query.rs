//! Parameters of a request: its query and, for some, a form in its body. Go's rules.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

/// Names and values, in the order in which Docker reads them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
}

/// Why parameters cannot be parsed, with Docker's messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ParamsError {
    #[error("invalid URL escape {escape:?}")]
    Escape { escape: String },
    #[error("invalid semicolon separator in query")]
    Semicolon,
}

impl Params {
    /// Parses `a=1&b=2`.
    pub(crate) fn parse(query: &str) -> Result<Self, ParamsError> {
        if query.contains(';') {
            return Err(ParamsError::Semicolon);
        }
        check_escapes(query).map_err(|escape| ParamsError::Escape { escape })?;
        let pairs = form_urlencoded::parse(query.as_bytes())
            .map(owned)
            .collect();
        Ok(Self { pairs })
    }

    /// Puts the values of a form before those of the query, as Go does.
    pub(crate) fn with_form(mut self, form: Self) -> Self {
        self.pairs.splice(..0, form.pairs);
        self
    }

    /// The first value of `name`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// The first value of `name` unless that is empty.
    pub(crate) fn non_empty(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// Every value of `name`.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether `name` is set to anything but Docker's words for no. False when it is absent.
    pub(crate) fn flag(&self, name: &str) -> bool {
        let value = self.get(name).unwrap_or_default().trim().to_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }
}

fn owned((name, value): (Cow<'_, str>, Cow<'_, str>)) -> (String, String) {
    (name.into_owned(), value.into_owned())
}

/// Checks that every `%` of `text` is followed by two hexadecimal digits. The error is the first
/// that is not and what follows, three characters at most.
pub(crate) fn check_escapes(text: &str) -> Result<(), String> {
    for (at, _) in text.match_indices('%') {
        let escape: String = text[at..].chars().take(3).collect();
        // A decoder leaves an invalid escape unchanged.
        let decoded = percent_decode_str(&escape).count();
        if decoded != 1 || escape.len() != 3 {
            return Err(escape);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let params = Params::parse("a=1&b=%2F+x&a=2&c&=d&%61=3").expect("valid");
        assert_eq!(params.get("a"), Some("1"));
        assert_eq!(params.all("a").collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(params.get("b"), Some("/ x"));
        assert_eq!(params.get("c"), Some(""));
        assert_eq!(params.non_empty("c"), None);
        assert_eq!(params.get("d"), None);
        let form = Params::parse("a=form&e=5").expect("valid");
        let params = params.with_form(form);
        assert_eq!(params.all("a").collect::<Vec<_>>(), ["form", "1", "2", "3"]);
        assert_eq!(params.get("e"), Some("5"));
    }

    #[test]
    fn booleans() {
        for no in [
            "", "x=1", "q", "q=", "q=0", "q=no", "q=FALSE", "q=+None+", "q=0&q=1",
        ] {
            assert!(!Params::parse(no).expect("valid").flag("q"), "{no}");
        }
        for yes in ["q=1", "q=true", "q=yes", "q=2", "q=n", "q=off", "q=1&q=0"] {
            assert!(Params::parse(yes).expect("valid").flag("q"), "{yes}");
        }
    }

    #[test]
    fn broken() {
        for (query, message) in [
            ("a=%zz", "invalid URL escape \"%zz\""),
            ("a=%4", "invalid URL escape \"%4\""),
            ("a=%", "invalid URL escape \"%\""),
            ("a=%41%é", "invalid URL escape \"%é\""),
            ("a=1;b=2", "invalid semicolon separator in query"),
        ] {
            let error = Params::parse(query).expect_err(query);
            assert_eq!(error.to_string(), message);
        }
    }
}
