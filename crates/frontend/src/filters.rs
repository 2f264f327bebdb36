//! The parameter `filters`: which objects a request selects.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use sockerless_images::LabelFilter;
use sockerless_oci::json::decode;

use crate::query::Params;
use crate::status::Failure;
use crate::timestamp;

/// Keys, each with the values that a client allows for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filters {
    values: BTreeMap<String, BTreeSet<String>>,
}

/// `{"k":{"v":true}}`, which clients since 2015 write. Go makes `null` the empty value of each type.
type Sets = BTreeMap<String, Option<BTreeMap<String, Option<bool>>>>;
/// `{"k":["v"]}`, which older clients write.
type Lists = BTreeMap<String, Option<Vec<Option<String>>>>;

impl Filters {
    /// Reads the parameter; there are no filters when it is absent or empty.
    ///
    /// # Errors
    /// 400 for anything but these two forms.
    pub(crate) fn parse(params: &Params) -> Result<Self, Failure> {
        let Some(json) = params.non_empty("filters") else {
            return Ok(Self::default());
        };
        if let Ok(sets) = decode::<Option<Sets>>(json.as_bytes()) {
            return Ok(Self::from_sets(sets.unwrap_or_default()));
        }
        match decode::<Lists>(json.as_bytes()) {
            Ok(lists) => Ok(Self::from_lists(lists)),
            Err(_) => Err(Failure::bad_request("invalid filter")),
        }
    }

    fn from_sets(sets: Sets) -> Self {
        let wanted = |set: BTreeMap<String, Option<bool>>| {
            let wanted = set.into_iter().filter(|(_, wanted)| *wanted == Some(true));
            wanted.map(|(value, _)| value).collect()
        };
        let sets = sets.into_iter();
        Self {
            values: sets
                .map(|(key, set)| (key, set.map(wanted).unwrap_or_default()))
                .collect(),
        }
    }

    fn from_lists(lists: Lists) -> Self {
        let lists = lists.into_iter();
        Self {
            values: lists
                .map(|(key, list)| {
                    let values = list.into_iter().flatten().map(Option::unwrap_or_default);
                    (key, values.collect())
                })
                .collect(),
        }
    }

    /// Adds a value of another parameter.
    pub(crate) fn add(&mut self, key: &str, value: &str) {
        let values = self.values.entry(key.to_owned()).or_default();
        values.insert(value.to_owned());
    }

    /// Refuses every key that is not `known`: a filter that is ignored would select objects that
    /// the client did not mean.
    ///
    /// # Errors
    /// 400, with Docker's message.
    pub(crate) fn check(&self, known: &[&str]) -> Result<(), Failure> {
        match self
            .values
            .keys()
            .find(|key| !known.contains(&key.as_str()))
        {
            None => Ok(()),
            Some(key) => Err(Failure::bad_request(format!("invalid filter '{key}'"))),
        }
    }

    /// Whether there is such a key, with values or without.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.values.contains_key(key)
    }

    /// The values of `key`, in the order of their bytes.
    pub(crate) fn all(&self, key: &str) -> impl Iterator<Item = &str> {
        let values = self.values.get(key);
        values.into_iter().flatten().map(String::as_str)
    }

    /// The value of a key that is true or false; `None` when it is absent.
    ///
    /// # Errors
    /// 400 for any other value, and for both.
    pub(crate) fn flag(&self, key: &str) -> Result<Option<bool>, Failure> {
        if !self.has(key) {
            return Ok(None);
        }
        let is_any_of = |words: [&str; 2]| self.all(key).any(|value| words.contains(&value));
        match (is_any_of(["1", "true"]), is_any_of(["0", "false"])) {
            (true, false) => Ok(Some(true)),
            (false, true) => Ok(Some(false)),
            _ => Err(self.invalid(key)),
        }
    }

    /// The values of `key` as labels: `key`, or `key=value`.
    pub(crate) fn labels(&self, key: &str) -> Vec<LabelFilter> {
        let labels = self.all(key).map(|label| match label.split_once('=') {
            Some((key, value)) => LabelFilter {
                key: key.to_owned(),
                value: Some(value.to_owned()),
            },
            None => LabelFilter {
                key: label.to_owned(),
                value: None,
            },
        });
        labels.collect()
    }

    /// The time of the key `until`; `None` when it is absent.
    ///
    /// # Errors
    /// 400 for an invalid time, and for several.
    pub(crate) fn until(&self) -> Result<Option<Timestamp>, Failure> {
        if !self.has("until") {
            return Ok(None);
        }
        let mut values = self.all("until");
        match (values.next(), values.next()) {
            (Some(value), None) => timestamp::parse(value, Timestamp::now())
                .map(Some)
                .map_err(|error| Failure::bad_request(error.to_string())),
            (None, _) => Err(self.invalid("until")),
            (Some(_), Some(_)) => Err(Failure::bad_request("more than one until filter specified")),
        }
    }

    /// Docker's message for invalid values of `key`.
    fn invalid(&self, key: &str) -> Failure {
        let values: Vec<&str> = self.all(key).collect();
        Failure::bad_request(if values.is_empty() {
            format!("invalid filter '{key}'")
        } else {
            format!("invalid filter '{key}=[{}]'", values.join(" "))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filters(json: &str) -> Result<Filters, String> {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.append_pair("filters", json).finish();
        let params = Params::parse(&query).expect("valid");
        Filters::parse(&params).map_err(|failure| {
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            failure.message
        })
    }

    fn message<T: std::fmt::Debug>(result: Result<T, Failure>) -> Result<T, String> {
        result.map_err(|failure| failure.message)
    }

    #[test]
    fn both_spellings() {
        for json in [
            r#"{"a":["y","x","x"],"b":[]}"#,
            r#"{"a":{"x":true,"y":true,"z":false},"b":{}}"#,
            r#"{"a":["x","y"],"b":null}"#,
        ] {
            let filters = filters(json).expect(json);
            assert_eq!(filters.all("a").collect::<Vec<_>>(), ["x", "y"], "{json}");
            assert!(filters.has("b") && !filters.has("c"), "{json}");
            assert_eq!(filters.all("b").count() + filters.all("c").count(), 0);
        }
        for nothing in ["", "{}", "null"] {
            assert_eq!(filters(nothing), Ok(Filters::default()), "{nothing}");
        }
        let absent = Params::parse("filter=x").expect("valid");
        assert_eq!(message(Filters::parse(&absent)), Ok(Filters::default()));
        for broken in [
            "[]",
            "{",
            "x",
            r#""dangling""#,
            r#"{"a":"b"}"#,
            r#"{"a":{"b":1}}"#,
            r#"{"a":["b"],"c":{"d":true}}"#,
        ] {
            assert_eq!(
                filters(broken),
                Err("invalid filter".to_owned()),
                "{broken}"
            );
        }
    }

    #[test]
    fn values_as_go_reads_them() {
        for (json, expected) in [
            (r#"{"a":{"x":null,"y":true}}"#, "y"),
            (r#"{"a":["x",null]}"#, ",x"),
            (r#"{"a":["\ud800"]}"#, "\u{fffd}"),
            // Filters are the keys of a map: they match in one case only.
            (r#"{"a":["x"],"A":["y"]}"#, "x"),
            (r#"{"a":["x"],"a":["y"]}"#, "y"),
        ] {
            let filters = filters(json).expect(json);
            let values: Vec<_> = filters.all("a").collect();
            assert_eq!(values.join(","), expected, "{json}");
        }
    }

    #[test]
    fn unknown_keys() {
        let filters = filters(r#"{"label":["x"],"bogus":["y"]}"#).expect("valid");
        assert_eq!(message(filters.check(&["label", "bogus"])), Ok(()));
        assert_eq!(
            message(filters.check(&["label", "until"])),
            Err("invalid filter 'bogus'".to_owned())
        );
    }

    #[test]
    fn flags() {
        let flag = |json: &str| message(filters(json).expect("valid").flag("dangling"));
        let invalid = |values: &str| Err(format!("invalid filter 'dangling{values}'"));
        for (json, expected) in [
            ("{}", Ok(None)),
            (r#"{"dangling":["true"]}"#, Ok(Some(true))),
            (r#"{"dangling":{"1":true}}"#, Ok(Some(true))),
            (r#"{"dangling":["false","0"]}"#, Ok(Some(false))),
            (r#"{"dangling":["x"]}"#, invalid("=[x]")),
            (r#"{"dangling":["True"]}"#, invalid("=[True]")),
            (r#"{"dangling":["true","0"]}"#, invalid("=[0 true]")),
            (r#"{"dangling":[]}"#, invalid("")),
        ] {
            assert_eq!(flag(json), expected, "{json}");
        }
    }

    #[test]
    fn labels() {
        let filters = filters(r#"{"label":["a","b=","c=d=e"]}"#).expect("valid");
        let labels = filters.labels("label").into_iter();
        let labels: Vec<_> = labels.map(|label| (label.key, label.value)).collect();
        let expected = [("a", None), ("b", Some("")), ("c", Some("d=e"))]
            .map(|(key, value)| (key.to_owned(), value.map(str::to_owned)));
        assert_eq!(labels, expected);
        assert_eq!(filters.labels("label!"), []);
    }

    #[test]
    fn times() {
        let until = |json: &str| message(filters(json).expect("valid").until());
        assert_eq!(until("{}"), Ok(None));
        let minute = Timestamp::from_second(60).expect("a time");
        assert_eq!(until(r#"{"until":["60"]}"#), Ok(Some(minute)));
        for (json, message) in [
            (r#"{"until":[]}"#, "invalid filter 'until'"),
            (
                r#"{"until":["1","2"]}"#,
                "more than one until filter specified",
            ),
            (
                r#"{"until":["soon"]}"#,
                "failed to parse value as time or duration: \"soon\"",
            ),
        ] {
            assert_eq!(until(json), Err(message.to_owned()), "{json}");
        }
    }

    #[test]
    fn other_parameters() {
        let mut filters = Filters::default();
        filters.add("reference", "alpine");
        assert_eq!(filters.all("reference").collect::<Vec<_>>(), ["alpine"]);
    }
}
