//! Tests of listing and filtering containers.

use std::collections::BTreeSet;

use sockerless_images::LabelFilter;

use super::*;

/// The names of the containers that match, in byte order.
async fn listed(
    containers: &Containers,
    filter: ContainerFilter,
) -> Result<Vec<String>, sockerless_images::Error> {
    let mut list = containers.list(filter).await?;
    let mut names = BTreeSet::new();
    loop {
        let page = list.next_page().await?;
        if page.is_empty() {
            return Ok(names.into_iter().collect());
        }
        for row in page {
            assert!(names.insert(row.name), "a container is listed twice");
        }
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

fn label(key: &str, value: Option<&str>) -> LabelFilter {
    LabelFilter {
        key: key.to_owned(),
        value: value.map(str::to_owned),
    }
}

async fn filled() -> (Containers, Image) {
    let containers = containers().await;
    let labels = json!({ "Cmd": ["run"], "Labels": { "kind": "a", "x": "1" } });
    let one = Sample::new(labels)
        .named("p/one:1")
        .add_to(&containers)
        .await;
    let labels = json!({ "Cmd": ["run"], "Labels": { "kind": "b" } });
    Sample::new(labels).named("two:1").add_to(&containers).await;
    for (image, name) in [("p/one:1", "web-1"), ("p/one:1", "web-2"), ("two:1", "db")] {
        create(&containers, image, name).await;
    }
    (containers, one)
}

#[tokio::test]
async fn filters() {
    let (containers, one) = filled().await;
    let web = containers.get("web-1").await.expect("here");
    let database = containers.get("db").await.expect("here");
    let id = one.id.to_string();
    let all = ["db", "web-1", "web-2"];
    let filter = ContainerFilter::default;
    for (filter, expected) in [
        (filter(), &all[..]),
        (
            ContainerFilter {
                ancestors: texts(&["p/one:1"]),
                ..filter()
            },
            &all[1..],
        ),
        (
            ContainerFilter {
                ancestors: texts(&[&id]),
                ..filter()
            },
            &all[1..],
        ),
        (
            ContainerFilter {
                ancestors: texts(&[&one.id.hex()[..8]]),
                ..filter()
            },
            &all[1..],
        ),
        (
            ContainerFilter {
                ancestors: texts(&["nosuch", "two:1"]),
                ..filter()
            },
            &all[..1],
        ),
        (
            ContainerFilter {
                ancestors: texts(&["p/one", "UPPER", ""]),
                ..filter()
            },
            &[],
        ),
        (
            ContainerFilter {
                names: texts(&["web"]),
                ..filter()
            },
            &all[1..],
        ),
        (
            ContainerFilter {
                names: texts(&["^/web-1$"]),
                ..filter()
            },
            &all[1..2],
        ),
        (
            ContainerFilter {
                names: texts(&["^web-1$"]),
                ..filter()
            },
            &all[1..2],
        ),
        (
            ContainerFilter {
                names: texts(&["WEB"]),
                ..filter()
            },
            &[],
        ),
        (
            ContainerFilter {
                names: texts(&["1", "^/d"]),
                ..filter()
            },
            &all[..2],
        ),
        (
            ContainerFilter {
                names: texts(&[""]),
                ..filter()
            },
            &all[..],
        ),
        (
            ContainerFilter {
                ids: texts(&[&web.id[..20]]),
                ..filter()
            },
            &all[1..2],
        ),
        (
            ContainerFilter {
                ids: texts(&[&web.id, &database.id]),
                ..filter()
            },
            &all[..2],
        ),
        (
            ContainerFilter {
                ids: texts(&["", "web-1", &web.id[1..]]),
                ..filter()
            },
            &[],
        ),
        (
            ContainerFilter {
                labels: vec![label("kind", None)],
                ..filter()
            },
            &all[..],
        ),
        (
            ContainerFilter {
                labels: vec![label("kind", Some("b"))],
                ..filter()
            },
            &all[..1],
        ),
        (
            ContainerFilter {
                labels: vec![label("kind", None), label("x", Some("1"))],
                ..filter()
            },
            &all[1..],
        ),
        (
            ContainerFilter {
                without_labels: vec![label("x", None)],
                ..filter()
            },
            &all[..1],
        ),
        (
            ContainerFilter {
                until: Some(Timestamp::UNIX_EPOCH),
                ..filter()
            },
            &[],
        ),
        (
            ContainerFilter {
                until: Some(Timestamp::MAX),
                ..filter()
            },
            &all[..],
        ),
        (
            ContainerFilter {
                before: texts(&["web-1"]),
                ..filter()
            },
            &[],
        ),
        (
            ContainerFilter {
                since: texts(&["web-1"]),
                ..filter()
            },
            &["db", "web-2"],
        ),
        (
            ContainerFilter {
                since: texts(&["/web-2"]),
                ..filter()
            },
            &all[..1],
        ),
        (
            ContainerFilter {
                before: texts(&["db", "web-2"]),
                ..filter()
            },
            &all[1..2],
        ),
        (
            ContainerFilter {
                names: texts(&["web"]),
                since: texts(&["web-1"]),
                before: texts(&["db"]),
                ..filter()
            },
            &all[2..],
        ),
    ] {
        let case = format!("{filter:?}");
        assert_eq!(
            listed(&containers, filter).await.expect(&case),
            expected,
            "{case}"
        );
    }
}

#[tokio::test]
async fn bad_filters() {
    let (containers, _) = filled().await;
    let filter = ContainerFilter {
        names: texts(&["("]),
        ..ContainerFilter::default()
    };
    let (kind, message) = refused(listed(&containers, filter).await);
    assert_eq!(kind, Kind::InvalidParameter);
    assert!(message.starts_with("invalid filter 'name': "), "{message}");
    // A short pattern may compile to a large program.
    let huge = "((a{1000}){1000}){1000}";
    let filter = ContainerFilter {
        names: texts(&[huge]),
        ..ContainerFilter::default()
    };
    assert_eq!(
        refused(listed(&containers, filter).await).0,
        Kind::InvalidParameter
    );
    for filter in [
        ContainerFilter {
            before: texts(&["nosuch"]),
            ..ContainerFilter::default()
        },
        ContainerFilter {
            since: texts(&["nosuch"]),
            ..ContainerFilter::default()
        },
    ] {
        let error = refused(listed(&containers, filter).await);
        assert_eq!(
            error,
            (Kind::NotFound, "No such container: nosuch".to_owned())
        );
    }
}

#[tokio::test]
async fn more_than_a_page() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    let mut expected = BTreeSet::new();
    for _ in 0..30 {
        expected.insert(create(&containers, "one:1", "").await.name);
    }
    let names = listed(&containers, ContainerFilter::default()).await;
    assert_eq!(names.expect("listed"), Vec::from_iter(expected));
}

#[tokio::test]
async fn words_for_a_container() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    let mut ids = Vec::new();
    // Of seventeen IDs, two begin with the same character.
    for _ in 0..17 {
        ids.push(create(&containers, "one:1", "").await.id);
    }
    ids.sort_unstable();
    let twice = ids.windows(2).find(|pair| pair[0][..1] == pair[1][..1]);
    let prefix = &twice.expect("two that begin alike")[0][..1];
    assert_eq!(
        refused(containers.get(prefix).await),
        (
            Kind::InvalidParameter,
            format!("multiple IDs found with provided prefix: {prefix}")
        )
    );
    for id in &ids {
        let row = containers.get(&id[..20]).await.expect("here");
        assert_eq!(row.id, *id);
        for word in [row.name.clone(), format!("/{}", row.name), id.clone()] {
            assert_eq!(containers.get(&word).await.expect("here").id, *id);
        }
    }
    assert_eq!(
        refused(containers.get("").await),
        (
            Kind::InvalidParameter,
            "invalid name or ID supplied: \"\"".to_owned()
        )
    );
    for word in ["nosuch", "/"] {
        let error = refused(containers.get(word).await);
        assert_eq!(
            error,
            (Kind::NotFound, format!("No such container: {word}"))
        );
    }
}

#[tokio::test]
async fn a_name_that_means_another_image_by_now() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["old"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    let row = create(&containers, "one:1", "").await;
    assert!(containers.is_current(&row).await.expect("answered"));
    Sample::new(json!({ "Cmd": ["new"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    assert!(!containers.is_current(&row).await.expect("answered"));
    remove_image(&containers, "one:1").await;
    assert!(!containers.is_current(&row).await.expect("answered"));
}
