use super::*;

async fn filled() -> Images {
    let images = engine().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&images)
        .await;
    for name in ["one", "two"] {
        create(&images, "one:1", name).await;
    }
    images
}

#[tokio::test]
async fn renaming() {
    let images = filled().await;
    let id = images.container("one").await.expect("here").id;
    let two = images.container("two").await.expect("here").id;
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
        let error = refused(images.rename_container(word, name).await);
        assert_eq!(error, (kind, message.to_owned()), "{word} {name}");
    }
    assert_eq!(images.container(&id).await.expect("here").name, "one");
    images
        .rename_container(&id[..30], "/three")
        .await
        .expect("renamed");
    assert_eq!(images.container("three").await.expect("here").id, id);
    assert_eq!(refused(images.container("one").await).0, Kind::NotFound);
    images
        .rename_container("two", "one")
        .await
        .expect("renamed");
}

#[tokio::test]
async fn removing() {
    let images = filled().await;
    images.remove_container("one").await.expect("removed");
    for word in ["one", "nosuch"] {
        let error = refused(images.remove_container(word).await);
        assert_eq!(
            error,
            (Kind::NotFound, format!("No such container: {word}"))
        );
    }
    assert_eq!(images.counts().await.expect("counts").containers, 1);
    create(&images, "one:1", "one").await;
}

#[tokio::test]
async fn pruning() {
    let images = filled().await;
    let two = images.container("two").await.expect("here");
    let filter = ContainerFilter {
        names: vec!["two".to_owned()],
        ..ContainerFilter::default()
    };
    let pruned = images.prune_containers(filter).await.expect("pruned");
    assert_eq!(pruned, [two.id]);
    for _ in 0..20 {
        create(&images, "one:1", "").await;
    }
    let pruned = images.prune_containers(ContainerFilter::default()).await;
    assert_eq!(pruned.expect("pruned").len(), 21);
    let pruned = images.prune_containers(ContainerFilter::default()).await;
    assert_eq!(pruned.expect("pruned"), [""; 0]);
    assert_eq!(images.counts().await.expect("counts").containers, 0);
}

#[tokio::test]
async fn one_pruning_at_a_time() {
    let images = filled().await;
    let running = images
        .state
        .exclusive(sockerless_state::Job::PruneContainers)
        .await;
    let running = running.expect("answers").expect("nobody prunes");
    let result = images.prune_containers(ContainerFilter::default()).await;
    assert_eq!(
        refused(result),
        (
            Kind::Conflict,
            "a prune operation is already running".to_owned()
        )
    );
    assert_eq!(images.counts().await.expect("counts").containers, 2);
    drop(running);
    let result = images.prune_containers(ContainerFilter::default()).await;
    assert_eq!(result.expect("pruned").len(), 2);
}
