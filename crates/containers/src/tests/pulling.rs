//! Tests of pull references.

use super::*;

const STAGING: &str = "registry.example:5000/staging";
const ORIGIN: &str = "registry.example:5000/team/app";

fn shown(reference: Option<Reference>) -> Option<String> {
    reference.map(|reference| reference.to_string())
}

async fn pull_reference(containers: &Containers, row: &ContainerRow) -> Option<String> {
    shown(containers.pull_reference(row).await.expect("answered"))
}

fn one() -> Sample {
    Sample::new(json!({ "Cmd": ["run"] })).named("one:1")
}

#[tokio::test]
async fn by_where_the_image_came_from() {
    let other = Digest::of("made anew for a push");
    let target = one().image.target;
    for (case, staging, sample, expected) in [
        ("loaded", None, one(), None),
        (
            "loaded and staged as it came",
            Some(STAGING),
            one()
                .staged(STAGING, 0, "as it came")
                .from(STAGING, Digest::of("as it came")),
            Some(format!("{STAGING}@{}", Digest::of("as it came"))),
        ),
        (
            "staged, and pushed elsewhere",
            Some(STAGING),
            one()
                .staged(STAGING, 0, "staged")
                .from("a.example/x", target),
            Some(format!("{STAGING}@{}", Digest::of("staged"))),
        ),
        (
            "staged by a daemon that staged elsewhere",
            None,
            one()
                .staged(STAGING, 0, "staged")
                .from(STAGING, Digest::of("staged")),
            Some(format!("{STAGING}@{}", Digest::of("staged"))),
        ),
        (
            "pulled",
            Some(STAGING),
            one().from(ORIGIN, target),
            Some(format!("{ORIGIN}@{target}")),
        ),
        (
            "pushed in another form",
            None,
            one().from(ORIGIN, other),
            Some(format!("{ORIGIN}@{other}")),
        ),
    ] {
        let containers = containers_with(staging).await;
        sample.add_to(&containers).await;
        let row = create(&containers, "one:1", "").await;
        assert_eq!(pull_reference(&containers, &row).await, expected, "{case}");
        assert_eq!(shown(row.spec.pull_reference), expected, "{case}");
    }
}

#[tokio::test]
async fn the_repository_that_was_named_comes_first() {
    let containers = containers().await;
    let target = one().image.target;
    let sample = one().named("z.example/app:1").named("b.example/app:2");
    let sample = sample
        .from("a.example/x", target)
        .from("z.example/app", target);
    sample.add_to(&containers).await;
    for (named, repository) in [
        ("z.example/app:1", "z.example/app"),
        ("b.example/app:2", "a.example/x"),
        ("one:1", "a.example/x"),
        (&target.to_string(), "a.example/x"),
    ] {
        let row = create(&containers, named, "").await;
        let expected = format!("{repository}@{target}");
        assert_eq!(
            pull_reference(&containers, &row).await,
            Some(expected),
            "{named}"
        );
    }
}

/// A backend is never given an index, from which it could take another platform.
#[tokio::test]
async fn an_index_is_named_by_the_manifest_of_the_platform() {
    let containers = containers().await;
    let sample = Sample::index("multi", &["amd64", "arm64"]).named("multi:1");
    let index = sample.image.target;
    let image = sample.from(ORIGIN, index).add_to(&containers).await;
    for (architecture, variant) in ["amd64", "arm64"].iter().zip(&image.variants) {
        let request = CreateContainer {
            platform: Some(linux(architecture)),
            ..request("multi:1", "")
        };
        let created = containers.create(request).await.expect("created");
        let row = containers.get(&created.id).await.expect("here");
        let expected = format!("{ORIGIN}@{}", variant.manifest);
        assert_eq!(pull_reference(&containers, &row).await, Some(expected));
    }
}

/// Only some of several platforms may be in a registry, and its name does not say which.
#[tokio::test]
async fn a_platform_that_is_nowhere() {
    let containers = containers_with(Some(STAGING)).await;
    let sample = Sample::index("multi", &["amd64", "arm64"]).named("multi:1");
    let made = Digest::of("made anew");
    let sample = sample.staged(STAGING, 0, "made anew").from(STAGING, made);
    sample.add_to(&containers).await;
    let amd = create(&containers, "multi:1", "").await;
    assert_eq!(
        pull_reference(&containers, &amd).await,
        Some(format!("{STAGING}@{made}"))
    );
    let request = CreateContainer {
        platform: Some(linux("arm64")),
        ..request("multi:1", "")
    };
    let arm = containers.create(request).await.expect("created").id;
    let arm = containers.get(&arm).await.expect("here");
    assert_eq!(pull_reference(&containers, &arm).await, None);
}

#[tokio::test]
async fn later_is_better_and_gone_is_not_forgotten() {
    let containers = containers().await;
    let target = one().image.target;
    one().add_to(&containers).await;
    let before = create(&containers, "one:1", "before").await;
    assert_eq!(pull_reference(&containers, &before).await, None);
    let name = format!("{ORIGIN}@{target}");
    let origin = [name.parse().expect("a name")];
    assert!(
        containers
            .state
            .record_push(target, &origin, &[])
            .await
            .expect("recorded")
    );
    assert_eq!(
        pull_reference(&containers, &before).await,
        Some(name.clone())
    );
    let after = create(&containers, "one:1", "after").await;
    remove_image(&containers, "one:1").await;
    assert_eq!(pull_reference(&containers, &before).await, None);
    assert_eq!(pull_reference(&containers, &after).await, Some(name));
}
