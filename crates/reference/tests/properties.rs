//! Properties of every reference and every text.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sockerless_reference::{Digest, IdPrefix, Query, Reference};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2000,
        rng_seed: RngSeed::Fixed(0x5eed),
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

fn domain() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("docker.io/".to_owned()),
        Just("index.docker.io/".to_owned()),
        Just("localhost/".to_owned()),
        "[A-Z]{1,3}/",
        "[a-z0-9]{1,5}(-{1,2}[a-zA-Z0-9]{1,3})?(\\.[a-z0-9]{1,4}){1,3}(:[0-9]{1,5})?/",
        "\\[[a-f0-9:]{1,12}\\](:[0-9]{1,5})?/",
        "[a-z]{1,3}(_|__)[a-z]{1,3}\\.[a-z]{2}/",
    ]
}

fn path() -> impl Strategy<Value = String> {
    let component = prop_oneof![
        "[a-z0-9]{1,6}((\\.|_|__|-{1,3})[a-z0-9]{1,4}){0,3}",
        "[a-f0-9]{64}",
        Just("library".to_owned()),
        Just("localhost".to_owned()),
        Just("sha256".to_owned()),
    ];
    prop::collection::vec(component, 1..4).prop_map(|components| components.join("/"))
}

fn tag() -> impl Strategy<Value = String> {
    prop_oneof!["[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "[a-f0-9]{1,64}"]
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest::from_bytes)
}

/// References with a tag, a digest, or both.
fn pinned() -> impl Strategy<Value = Reference> {
    (
        domain(),
        path(),
        prop::option::of(tag()),
        prop::option::of(digest()),
        tag(),
    )
        .prop_filter_map(
            "an image ID, or a domain that is none",
            |(domain, path, tag, digest, other)| {
                let reference: Reference = format!("{domain}{path}:x").parse().ok()?;
                let reference = match (&tag, digest) {
                    (None, Some(_)) => reference.without_tag(),
                    _ => reference.with_tag(tag.as_deref().unwrap_or(&other)).ok()?,
                };
                Some(match digest {
                    Some(digest) => reference.with_digest(digest),
                    None => reference,
                })
            },
        )
}

/// Texts that get far into the grammar; most of them are invalid.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z0-9]{1,3}",
        "[/:@._-]",
        "[A-Z\\[\\]]",
        "\\PC",
        "[a-f0-9]{64}",
        Just("sha256:".to_owned()),
        Just("@sha256:".to_owned()),
        Just("docker.io/".to_owned()),
        Just("localhost".to_owned()),
    ];
    prop::collection::vec(piece, 0..9).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn both_forms_parse_back(reference in pinned()) {
        let canonical: Reference = reference.to_string().parse()?;
        let familiar: Reference = reference.familiar().parse()?;
        prop_assert_eq!(&canonical, &reference);
        prop_assert_eq!(&familiar, &reference);
        prop_assert_eq!(familiar.domain(), reference.domain());
        prop_assert_eq!(familiar.path(), reference.path());
        prop_assert_eq!(familiar.tag(), reference.tag());
        prop_assert_eq!(familiar.digest(), reference.digest());
    }

    #[test]
    fn stored_parts_give_the_same_reference(reference in pinned()) {
        let (tag, digest) = (reference.tag(), reference.digest());
        let rebuilt = Reference::from_parts(reference.repository(), tag, digest)?;
        prop_assert_eq!(&rebuilt, &reference);
        prop_assert_eq!(rebuilt.path(), reference.path());
    }

    #[test]
    fn the_order_is_that_of_the_parts(a in pinned(), b in pinned(), tag in tag()) {
        let c = a.clone().with_tag(&tag)?;
        for (x, y) in [(&a, &b), (&a, &c), (&c, &a)] {
            let parts = |r: &Reference| {
                (r.repository().to_owned(), r.tag().map(str::to_owned), r.digest())
            };
            prop_assert_eq!(x.cmp(y), parts(x).cmp(&parts(y)));
        }
    }

    #[test]
    fn any_text_has_one_meaning(text in prop_oneof![nearly(), any::<String>()]) {
        let parsed = Reference::parse(&text);
        if let Ok(reference) = &parsed {
            prop_assert_eq!(&Reference::parse(reference.as_str())?, reference);
        }
        match Query::parse(&text) {
            Ok(Query::Id(id)) => {
                let full = id.to_string();
                prop_assert!(full == text || full.ends_with(&text) && text.len() == 64);
            }
            Ok(Query::Name { reference, prefix }) => {
                prop_assert_eq!(Ok(reference), parsed.map(Reference::with_default_tag));
                prop_assert_eq!(prefix, IdPrefix::parse(&text));
            }
            Err(error) => {
                prop_assert_eq!(Some(error), parsed.err());
                prop_assert_eq!(None, IdPrefix::parse(&text));
            }
        }
    }

    #[test]
    fn names_to_tag_with_have_a_tag_and_no_digest(text in nearly(), tag in "|[a-z.]{1,3}") {
        let names = [
            Reference::from_repo_tag(&text).ok(),
            Reference::from_annotation(&text),
            Reference::tag_target(&text, &tag).ok(),
        ];
        for name in names.into_iter().flatten() {
            prop_assert!(name.tag().is_some() && name.digest().is_none(), "{}", name);
            // A tagged image is found under the name that is shown.
            let query = Query::parse(name.familiar())?;
            let is_name = matches!(query, Query::Name { reference, .. } if reference == name);
            prop_assert!(is_name, "{}", name);
        }
    }

    #[test]
    fn bounds_of_a_prefix_agree_with_its_matches(
        (prefix, inside, other) in (digest(), 1..=64_usize, digest(), digest()).prop_map(
            |(of, length, rest, other)| {
                let hex = &of.hex()[..length];
                let inside = format!("{hex}{}", &rest.hex()[length..]);
                let near = format!("{}{}", &hex[..length - 1], &other.hex()[length - 1..]);
                (hex.to_owned(), inside, near)
            }
        )
    ) {
        let id_prefix = IdPrefix::parse(&prefix).ok_or_else(|| TestCaseError::fail("valid"))?;
        let (lowest, highest) = id_prefix.bounds();
        for hex in [inside, other] {
            let digest = Digest::from_hex(&hex)?;
            prop_assert_eq!(id_prefix.matches(&digest), hex.starts_with(&prefix));
            prop_assert_eq!(id_prefix.matches(&digest), (lowest..=highest).contains(&digest));
        }
    }
}
