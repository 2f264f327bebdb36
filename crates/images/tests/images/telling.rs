use jiff::Timestamp;
use sockerless_events::{Action, Events, ObjectType, Subscription};
use sockerless_images::ImportRequest;
use sockerless_state::PostgresStore;
use sockerless_testkit::postgres::Postgres;

use crate::scene::{DOCKER, Scene, read};

const HELPER: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";

/// All events up to now: actions, IDs and names.
async fn told(mut reader: Subscription) -> Vec<(Action, String, String)> {
    let mut told = Vec::new();
    while let Some(event) = reader.next().await {
        let name = event.attributes.get("name").cloned().unwrap_or_default();
        told.push((event.action, event.id.clone(), name));
    }
    told
}

#[tokio::test]
async fn what_happens_to_an_image() {
    let scene = Scene::keeping().await;
    scene.load(DOCKER).await;
    scene.images.tag(HELPER, "other", "1").await.expect("tag");
    scene.save(&["other:1"]).await.expect("save");
    let request = ImportRequest {
        repository: "imported".to_owned(),
        ..ImportRequest::default()
    };
    let root = read("gitlab-runner-helper-rootfs.tar.xz");
    let imported = scene.import(root, request).await.expect("import");
    scene.remove(HELPER, true).await.expect("remove");
    scene.images.prune(Default::default()).await.expect("prune");
    let reader = scene
        .images
        .events()
        .subscribe(Some(Timestamp::UNIX_EPOCH), Some(Timestamp::now()))
        .await;
    let of = |action, id: &str, name: &str| (action, id.to_owned(), name.to_owned());
    assert_eq!(
        told(reader).await,
        [
            of(Action::Load, HELPER, HELPER),
            of(Action::Tag, HELPER, "other:1"),
            of(Action::Save, HELPER, HELPER),
            of(Action::Tag, &imported, "imported:latest"),
            of(Action::Import, &imported, &imported),
            of(Action::Untag, HELPER, HELPER),
            of(Action::Untag, HELPER, HELPER),
            of(Action::Untag, HELPER, HELPER),
            of(Action::Delete, HELPER, HELPER),
            of(Action::Prune, "", ""),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_heard_from_every_daemon() {
    let start = || {
        let server = Postgres::start();
        server.create_database("sockerless");
        server
    };
    let server = tokio::task::spawn_blocking(start).await.expect("a server");
    let sharing = async || {
        let mut scene = Scene::keeping().await;
        let state = PostgresStore::open(&server.url("sockerless")).await;
        let feed = state.expect("a database").feed();
        scene.images = scene.images.with_events(Events::shared(feed));
        scene
    };
    let (one, other) = (sharing().await, sharing().await);
    let mut live = other.images.events().subscribe(None, None).await;
    one.load(DOCKER).await;
    one.images.tag(HELPER, "one", "1").await.expect("tag");
    other.load(DOCKER).await;
    one.remove(HELPER, true).await.expect("remove");
    other.images.prune(Default::default()).await.expect("prune");
    let (since, until) = (Some(Timestamp::UNIX_EPOCH), Some(Timestamp::now()));
    let expected = [
        (Action::Load, HELPER),
        (Action::Tag, HELPER),
        (Action::Load, HELPER),
        (Action::Untag, HELPER),
        (Action::Untag, HELPER),
        (Action::Untag, HELPER),
        (Action::Delete, HELPER),
        (Action::Prune, ""),
    ];
    for scene in [&one, &other] {
        let told = told(scene.images.events().subscribe(since, until).await).await;
        let told: Vec<_> = told
            .iter()
            .map(|(action, id, _)| (*action, id.as_str()))
            .collect();
        assert_eq!(told, expected);
    }
    for (action, id) in expected {
        let event = live.next().await.expect("an event");
        assert_eq!((event.action, event.id.as_str()), (action, id));
    }
}

#[tokio::test]
async fn labels_come_along_and_a_reader_hears_it_live() {
    let scene = Scene::keeping().await;
    let mut reader = scene.images.events().subscribe(None, None).await;
    scene.load(DOCKER).await;
    let event = reader.next().await.expect("an event");
    assert_eq!(
        (event.object, event.action),
        (ObjectType::Image, Action::Load)
    );
    assert_eq!(
        event.attributes.get("com.example.tier").map(String::as_str),
        Some("ci, runner")
    );
}
