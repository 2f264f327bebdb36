//! Filters of images, for lists and for prune.

mod glob;

use std::collections::BTreeMap;

use jiff::Timestamp;
use sockerless_reference::Reference;

pub(crate) use self::glob::{BadPattern, Glob};

/// Selects images. All conditions must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageFilter {
    /// Only images without a name, or only others.
    pub dangling: Option<bool>,
    /// All of these labels.
    pub labels: Vec<LabelFilter>,
    /// None of these labels.
    pub without_labels: Vec<LabelFilter>,
    /// Made before each of these images was.
    pub before: Vec<String>,
    /// Made after each of these images was.
    pub since: Vec<String>,
    /// Made at this time or before.
    pub until: Option<Timestamp>,
    /// A name that matches one of these patterns. Only such names are shown.
    pub references: Vec<String>,
}

/// A label, with a value or with any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelFilter {
    /// Its key.
    pub key: String,
    /// Its value; `None` is any.
    pub value: Option<String>,
}

impl LabelFilter {
    /// Whether `labels` has it.
    pub fn is_in(&self, labels: &BTreeMap<String, String>) -> bool {
        labels
            .get(&self.key)
            .is_some_and(|value| self.value.as_ref().is_none_or(|wanted| wanted == value))
    }
}

impl ImageFilter {
    /// Whether an image with these labels and this time of creation matches `labels`,
    /// `without_labels` and `until`. An image without a known time counts as the oldest.
    pub(crate) fn fits(
        &self,
        labels: &BTreeMap<String, String>,
        created: Option<Timestamp>,
    ) -> bool {
        self.labels.iter().all(|label| label.is_in(labels))
            && !self.without_labels.iter().any(|label| label.is_in(labels))
            && self
                .until
                .is_none_or(|until| created.is_none_or(|created| created <= until))
    }
}

/// Whether a name matches a pattern: in its familiar or its canonical form, with or without its tag
/// or digest.
pub(crate) fn fits_name(pattern: &Glob, name: &Reference) -> bool {
    [
        name.familiar_repository(),
        name.familiar(),
        name.repository(),
        name.as_str(),
    ]
    .iter()
    .any(|form| pattern.matches(form))
}

/// The prefixes of the canonical repositories of all names that could match a pattern.
pub(crate) fn repositories_begin(pattern: &Glob) -> Vec<String> {
    let literal = pattern.beginning();
    // A colon may begin a tag, and an `@` a digest; a colon before a slash is a registry's port.
    let end = literal.find('@').unwrap_or(literal.len());
    let literal = &literal[..end];
    let path = literal.rfind('/').map_or(0, |slash| slash + 1);
    let end = literal[path..]
        .find(':')
        .map_or(literal.len(), |colon| path + colon);
    // Where no slash follows it, a port is cut off too: the prefix then covers more names than
    // needed, but misses none.
    let literal = &literal[..end];
    ["", "docker.io/", "docker.io/library/"]
        .map(|familiar| format!("{familiar}{literal}"))
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(key: &str, value: Option<&str>) -> LabelFilter {
        LabelFilter {
            key: key.to_owned(),
            value: value.map(str::to_owned),
        }
    }

    #[test]
    fn labels_and_times() {
        let labels = BTreeMap::from([("a".to_owned(), "1".to_owned())]);
        let then: Timestamp = "2024-01-01T00:00:00Z".parse().expect("a time");
        let later: Timestamp = "2025-01-01T00:00:00Z".parse().expect("a time");
        let filter = |with: &[LabelFilter], without: &[LabelFilter], until| ImageFilter {
            labels: with.to_vec(),
            without_labels: without.to_vec(),
            until,
            ..ImageFilter::default()
        };
        let a = label("a", None);
        for (filter, created, fits) in [
            (filter(&[], &[], None), None, true),
            (filter(std::slice::from_ref(&a), &[], None), None, true),
            (filter(&[label("a", Some("1"))], &[], None), None, true),
            (filter(&[label("a", Some("2"))], &[], None), None, false),
            (
                filter(&[a.clone(), label("b", None)], &[], None),
                None,
                false,
            ),
            (filter(&[], std::slice::from_ref(&a), None), None, false),
            (filter(&[], &[label("a", Some("2"))], None), None, true),
            (filter(&[], &[], Some(then)), Some(later), false),
            (filter(&[], &[], Some(then)), Some(then), true),
            (filter(&[], &[], Some(then)), None, true),
        ] {
            assert_eq!(filter.fits(&labels, created), fits, "{filter:?}");
        }
    }

    #[test]
    fn beginnings() {
        for (pattern, beginning) in [
            ("alpine", "alpine"),
            ("alpine:3.*", "alpine"),
            ("alp*", "alp"),
            ("*pine", ""),
            ("group/a[bc]", "group/a"),
            ("h:5000/x:1", "h:5000/x"),
            ("h:50*", "h"),
            ("h:5000/*:3", "h:5000/"),
            ("a\\lp?", "alp"),
            ("x@sha256:*", "x"),
        ] {
            let glob = Glob::parse(pattern).expect(pattern);
            let familiar = |host: &str| format!("{host}{beginning}");
            let expected = ["", "docker.io/", "docker.io/library/"].map(familiar);
            assert_eq!(repositories_begin(&glob), expected, "{pattern}");
        }
    }

    #[test]
    fn names_that_fit_begin_so() {
        for (pattern, name) in [
            ("alpine", "alpine:3"),
            ("alpine:*", "alpine:3"),
            ("*/*", "group/alpine:3"),
            ("docker.io/lib*/alpine:3", "alpine:3"),
            ("docker.io/group/al*", "group/alpine:3"),
            ("grou?/*", "group/alpine:3"),
            ("h:5000/*:3", "h:5000/x:3"),
            ("h:50*/x", "h:5000/x:3"),
            ("localhost/?", "localhost/x:3"),
        ] {
            let glob = Glob::parse(pattern).expect(pattern);
            let name: Reference = name.parse().expect(name);
            assert!(fits_name(&glob, &name), "{pattern} {name}");
            let begin = repositories_begin(&glob);
            let repository = name.repository();
            let fits = |begin: &String| repository.starts_with(begin.as_str());
            assert!(begin.iter().any(fits), "{pattern} {name}");
        }
    }

    #[test]
    fn names() {
        for (pattern, name, fits) in [
            ("alpine", "alpine:3", true),
            ("alpine:*", "alpine:3", true),
            ("alp*", "alpine:3", true),
            ("*", "alpine:3", true),
            ("*", "group/alpine:3", false),
            ("*/*", "group/alpine:3", true),
            ("docker.io/library/alpine", "alpine:3", true),
            ("docker.io/library/alpine:3", "alpine:3", true),
            ("library/alpine", "alpine:3", false),
            ("alpine:4", "alpine:3", false),
            ("h:5000/*:3", "h:5000/x:3", true),
        ] {
            let glob = Glob::parse(pattern).expect(pattern);
            let name: Reference = name.parse().expect(name);
            assert_eq!(fits_name(&glob, &name), fits, "{pattern} {name}");
        }
    }
}
