//! Tests of removing and pruning containers.

use super::*;

async fn filled() -> Containers {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    for name in ["one", "two"] {
        create(&containers, "one:1", name).await;
    }
    containers
}

#[tokio::test]
async fn renaming() {
    let containers = filled().await;
    let id = containers.get("one").await.expect("here").id;
    let two = containers.get("two").await.expect("here").id;
    let invalid = Kind::InvalidParameter;
    let taken = format!(
        "Error when allocating new name: Conflict. The container name \"/two\" is already in use \
         by container \"{two}\". You have to remove (or rename) that container to be able to reuse \
         that name."
    );
    for (word, name, kind, message) in [
        ("one", "", invalid, "Neither old nor new names may be empty"),
        (
            "one",
            "one",
            invalid,
            "Renaming a container with the same name as its current name",
        ),
        (
            "/one",
            "/one",
            invalid,
            "Renaming a container with the same name as its current name",
        ),
        (
            "one",
            "a b",
            invalid,
            "Error when allocating new name: Invalid container name (/a b), only \
             [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        ),
        ("one", "two", Kind::Conflict, &taken),
        (
            "nosuch",
            "three",
            Kind::NotFound,
            "No such container: nosuch",
        ),
    ] {
        let error = refused(containers.rename(word, name).await);
        assert_eq!(error, (kind, message.to_owned()), "{word} {name}");
    }
    assert_eq!(containers.get(&id).await.expect("here").name, "one");
    containers
        .rename(&id[..30], "/three")
        .await
        .expect("renamed");
    assert_eq!(containers.get("three").await.expect("here").id, id);
    assert_eq!(refused(containers.get("one").await).0, Kind::NotFound);
    containers.rename("two", "one").await.expect("renamed");
}

#[tokio::test]
async fn removing() {
    let containers = filled().await;
    containers.remove("one").await.expect("removed");
    for word in ["one", "nosuch"] {
        let error = refused(containers.remove(word).await);
        assert_eq!(
            error,
            (Kind::NotFound, format!("No such container: {word}"))
        );
    }
    assert_eq!(
        containers.images.counts().await.expect("counts").containers,
        1
    );
    create(&containers, "one:1", "one").await;
}

#[tokio::test]
async fn pruning() {
    let containers = filled().await;
    let two = containers.get("two").await.expect("here");
    let filter = ContainerFilter {
        names: vec!["two".to_owned()],
        ..ContainerFilter::default()
    };
    let pruned = containers.prune(filter).await.expect("pruned");
    assert_eq!(pruned, [two.id]);
    for _ in 0..20 {
        create(&containers, "one:1", "").await;
    }
    let pruned = containers.prune(ContainerFilter::default()).await;
    assert_eq!(pruned.expect("pruned").len(), 21);
    let pruned = containers.prune(ContainerFilter::default()).await;
    assert_eq!(pruned.expect("pruned"), [""; 0]);
    assert_eq!(
        containers.images.counts().await.expect("counts").containers,
        0
    );
}

#[tokio::test]
async fn one_pruning_at_a_time() {
    let containers = filled().await;
    let running = containers
        .state
        .exclusive(sockerless_state::Job::PruneContainers)
        .await;
    let running = running.expect("answers").expect("nobody prunes");
    let result = containers.prune(ContainerFilter::default()).await;
    assert_eq!(
        refused(result),
        (
            Kind::Conflict,
            "a prune operation is already running".to_owned()
        )
    );
    assert_eq!(
        containers.images.counts().await.expect("counts").containers,
        2
    );
    drop(running);
    let result = containers.prune(ContainerFilter::default()).await;
    assert_eq!(result.expect("pruned").len(), 2);
}
