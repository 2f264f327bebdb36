use std::str;

use sockerless_reference::{IdPrefix, Query, Reference};

/// Reads the first line of `data` as a name and the rest as a tag for it.
pub fn reference(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let (name, tag) = text.split_once('\n').unwrap_or((text, ""));
    check_parts(name);
    check_query(name);
    check_names_to_tag_with(name, tag);
}

/// The printed, shown and stored forms parse to the same value.
fn check_parts(text: &str) {
    let Ok(parsed) = Reference::parse(text) else {
        return;
    };
    assert_eq!(Reference::parse(parsed.as_str()).as_ref(), Ok(&parsed));
    let reference = parsed.with_default_tag();
    for form in [reference.to_string(), reference.familiar().to_owned()] {
        assert_eq!(Reference::parse(&form).as_ref(), Ok(&reference), "{form}");
    }
    let (tag, digest) = (reference.tag(), reference.digest());
    let rebuilt = Reference::from_parts(reference.repository(), tag, digest);
    assert_eq!(rebuilt.as_ref(), Ok(&reference));
    // A name whose first component has a dot and is no domain (`a_b.c/d`) has none, as in Docker.
    let joined = format!("{}/{}", reference.domain(), reference.path());
    let joined = joined.strip_prefix('/').unwrap_or(&joined);
    assert_eq!(reference.repository(), joined);
}

/// A text means an ID, or a name and perhaps a prefix of an ID, or nothing.
fn check_query(text: &str) {
    match Query::parse(text) {
        Ok(Query::Id(id)) => {
            let id = id.to_string();
            assert!(
                id == text || id.strip_prefix("sha256:") == Some(text),
                "{text}"
            );
        }
        Ok(Query::Name { reference, prefix }) => {
            let parsed = Reference::parse(text).map(Reference::with_default_tag);
            assert_eq!(Ok(reference), parsed);
            assert_eq!(prefix, IdPrefix::parse(text));
        }
        Err(error) => {
            assert_eq!(Some(error), Reference::parse(text).err());
            assert_eq!(None, IdPrefix::parse(text));
        }
    }
}

/// The name of a tag operation has a tag, and finds the image again.
fn check_names_to_tag_with(text: &str, tag: &str) {
    let target = Reference::tag_target(text, tag).ok();
    if let Some(target) = &target
        && !tag.is_empty()
    {
        assert_eq!(target.tag(), Some(tag));
    }
    let names = [
        Reference::from_repo_tag(text).ok(),
        Reference::from_annotation(text),
        target,
    ];
    for name in names.into_iter().flatten() {
        assert!(name.tag().is_some() && name.digest().is_none(), "{name}");
        let query = Query::parse(name.familiar());
        let finds_it = matches!(query, Ok(Query::Name { reference, .. }) if reference == name);
        assert!(finds_it, "{name} is not found again");
    }
}
