//! Typed access to the members of a JSON object that a client sent, with Go's rules.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;
use sockerless_oci::json::Object;

use crate::status::Failure;

/// The members of a JSON object that a client sent, each parsed on access. Keys match in any case
/// and the last of several spellings wins, as in Go; `null` counts as absent.
#[derive(Debug)]
pub(super) struct Members<'a>(Object<&'a RawValue>);

impl<'a> Members<'a> {
    /// Reads an object, or `null` as an empty one, from a text that is [mended] already.
    ///
    /// [mended]: sockerless_oci::json::mend
    pub(super) fn parse(json: &'a [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(json).map(Self)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn text(&self, name: &str) -> Result<String, Failure> {
        Ok(self.read(name, "a string")?.unwrap_or_default())
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Failure> {
        Ok(self.read(name, "true or false")?.unwrap_or_default())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.read(name, "an integer")
    }

    pub(super) fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let list: Option<Vec<Option<String>>> = self.read(name, "a list of strings")?;
        Ok(list.map(with_empty).unwrap_or_default())
    }

    /// A command: a list of words, or one word.
    pub(super) fn words(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Words {
            One(String),
            List(Vec<Option<String>>),
        }

        let words = self.read(name, "a list of strings, or a string")?;
        Ok(words.map(|words| match words {
            Words::One(word) => vec![word],
            Words::List(words) => with_empty(words),
        }))
    }

    /// The keys of an object whose values are objects without a meaning.
    pub(super) fn keys(&self, name: &str) -> Result<BTreeSet<String>, Failure> {
        type Keys = BTreeMap<String, Option<BTreeMap<String, IgnoredAny>>>;
        let keys: Option<Keys> = self.read(name, "an object of empty objects")?;
        Ok(keys.unwrap_or_default().into_keys().collect())
    }

    pub(super) fn texts(&self, name: &str) -> Result<BTreeMap<String, String>, Failure> {
        let texts: Option<BTreeMap<String, Option<String>>> =
            self.read(name, "an object of strings")?;
        let texts = texts.unwrap_or_default().into_iter();
        Ok(texts
            .map(|(key, text)| (key, text.unwrap_or_default()))
            .collect())
    }

    /// The members of an object in this one.
    pub(super) fn members(&self, name: &str) -> Result<Option<Members<'a>>, Failure> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        let members = Members::parse(raw.get().as_bytes());
        members.map(Some).map_err(|_| wrong(name, "an object"))
    }

    /// An object with all of its members.
    pub(super) fn object(&self, name: &str) -> Result<Option<Object<Value>>, Failure> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        // The JSON is valid: an error that is not about data is a limit of the parser.
        let object = serde_json::from_str(raw.get()).map_err(|error| match error.is_data() {
            true => wrong(name, "an object"),
            false => Failure::bad_request(format!("invalid JSON: {name} is nested too deeply")),
        })?;
        Ok(Some(object))
    }

    fn read<T: for<'de> Deserialize<'de>>(
        &self,
        name: &str,
        expected: &str,
    ) -> Result<Option<T>, Failure> {
        let Some(raw) = self.get(name) else {
            return Ok(None);
        };
        // The value may be a secret: the error quotes nothing of it.
        let value = serde_json::from_str(raw.get());
        value.map(Some).map_err(|_| wrong(name, expected))
    }

    fn get(&self, name: &str) -> Option<&'a RawValue> {
        let raw = self.0.get(name).copied();
        raw.filter(|raw| raw.get() != "null")
    }
}

/// A member of another type than Docker's.
pub(super) fn wrong(name: &str, expected: &str) -> Failure {
    Failure::bad_request(format!("invalid JSON: {name} has to be {expected}"))
}

/// Go reads `null` in a list as an empty text.
fn with_empty(list: Vec<Option<String>>) -> Vec<String> {
    list.into_iter().map(Option::unwrap_or_default).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused<T: std::fmt::Debug>(result: Result<T, Failure>) -> String {
        let failure = result.expect_err("refused");
        assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
        failure.message
    }

    fn read<T>(result: Result<T, Failure>) -> T {
        result.map_err(|failure| failure.message).expect("valid")
    }

    #[test]
    fn values() {
        let json = br#"{
            "text": "a", "FLAG": true, "number": -5, "list": ["a", null], "words": "a",
            "none": [], "keys": {"b": {}, "a": null}, "texts": {"a": "b", "c": null},
            "null": null, "object": {"A": [1]}
        }"#;
        let members = Members::parse(json).expect("an object");
        assert_eq!(read(members.text("Text")), "a");
        assert!(read(members.flag("Flag")));
        assert_eq!(read(members.number("Number")), Some(-5));
        assert_eq!(read(members.list("List")), ["a", ""]);
        assert_eq!(read(members.words("Words")), Some(vec!["a".to_owned()]));
        assert_eq!(
            read(members.words("List")).map(|words| words.len()),
            Some(2)
        );
        assert_eq!(read(members.words("None")), Some(Vec::new()));
        let keys = read(members.keys("Keys"));
        assert_eq!(keys.iter().collect::<Vec<_>>(), ["a", "b"]);
        let texts = read(members.texts("Texts"));
        let texts: Vec<_> = texts
            .iter()
            .map(|(key, text)| format!("{key}={text}"))
            .collect();
        assert_eq!(texts, ["a=b", "c="]);
        let object = read(members.object("Object")).expect("an object");
        assert_eq!(object.get("a").map(|list| &list[0]), Some(&Value::from(1)));
        let inner = read(members.members("object")).expect("an object");
        assert!(inner.get("a").is_some());
        for absent in ["Null", "absent"] {
            assert_eq!(read(members.text(absent)), "");
            assert!(!read(members.flag(absent)));
            assert_eq!(read(members.number(absent)), None);
            assert_eq!(read(members.list(absent)), [""; 0]);
            assert_eq!(read(members.words(absent)), None);
            assert!(read(members.keys(absent)).is_empty());
            assert!(read(members.texts(absent)).is_empty());
            assert!(read(members.object(absent)).is_none());
            assert!(read(members.members(absent)).is_none());
        }
        for (json, expected) in [
            (&br#"{"image":"a","Image":"b"}"#[..], "b"),
            (br#"{"Image":"a","image":"b"}"#, "b"),
        ] {
            let twice = Members::parse(json).expect("an object");
            assert_eq!(read(twice.text("Image")), expected);
        }
    }

    #[test]
    fn other_types() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let json = format!(
            r#"{{"a":["s3cret"],"b":5,"c":{{"d":["s3cret"]}},"deep":{deep},
                "deeper":{{"s3cret":{deep}}}}}"#
        );
        let members = Members::parse(json.as_bytes()).expect("an object");
        for (message, expected) in [
            (refused(members.text("a")), "a has to be a string"),
            (refused(members.flag("b")), "b has to be true or false"),
            (refused(members.number("a")), "a has to be an integer"),
            (refused(members.list("b")), "b has to be a list of strings"),
            (
                refused(members.words("b")),
                "b has to be a list of strings, or a string",
            ),
            (
                refused(members.keys("c")),
                "c has to be an object of empty objects",
            ),
            (
                refused(members.texts("c")),
                "c has to be an object of strings",
            ),
            (refused(members.object("a")), "a has to be an object"),
            (refused(members.members("a")), "a has to be an object"),
            (refused(members.object("b")), "b has to be an object"),
            (refused(members.object("deep")), "deep has to be an object"),
            (
                refused(members.object("deeper")),
                "deeper is nested too deeply",
            ),
        ] {
            assert_eq!(message, format!("invalid JSON: {expected}"));
        }
        for none in ["[]", "5", r#""s3cret""#] {
            Members::parse(none.as_bytes()).expect_err("no object");
        }
        assert!(Members::parse(b"null").expect("nothing").is_empty());
    }
}
