use sockerless_images::{Kind, RemoveRequest, RemovedItem};

use crate::scene::{DOCKER, INDEX, OCI, Scene, linux};

const HELPER: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";
const FIRST: &str = "fixture/helper:x86_64-v18.1";
const SECOND: &str = "registry.example.com:5000/group/helper:v18";

fn untagged(items: &[RemovedItem]) -> Vec<&str> {
    let untagged = items.iter().filter_map(|item| match item {
        RemovedItem::Untagged(name) => Some(name.as_str()),
        _ => None,
    });
    untagged.collect()
}

fn layers(items: &[RemovedItem]) -> usize {
    let layers = items
        .iter()
        .filter(|item| matches!(item, RemovedItem::DeletedLayer(_)));
    layers.count()
}

#[tokio::test]
async fn the_last_name_takes_the_image_and_its_blobs_along() {
    let scene = Scene::keeping().await;
    scene.load(DOCKER).await;
    assert_eq!(scene.blobs(), 4);
    let first = scene.remove(FIRST, false).await.expect("untagged");
    assert_eq!(first, [RemovedItem::Untagged(FIRST.to_owned())]);
    assert_eq!(scene.blobs(), 4);
    let last = scene.remove(SECOND, false).await.expect("removed");
    assert_eq!(untagged(&last), [SECOND]);
    assert_eq!(last[1], RemovedItem::Deleted(HELPER.parse().expect("ID")));
    assert_eq!((layers(&last), last.len()), (4, 6));
    assert_eq!(scene.blobs(), 0);
    let error = scene.remove(HELPER, true).await.expect_err("gone");
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.message(), format!("No such image: {HELPER}"));
    scene.load(DOCKER).await;
    assert_eq!(scene.blobs(), 4, "it can come back");
}

#[tokio::test]
async fn shared_layers_stay() {
    let scene = Scene::keeping().await;
    scene.load("docker-20.10-two-images.tar").await;
    let removed = scene.remove(HELPER, true).await.expect("removed");
    let base = scene.images.inspect("fixture/base:1", None).await;
    let base = base.expect("it shares the first layers");
    let kept = base.image.variants[0].layers.len();
    assert_eq!(scene.blobs(), kept);
    assert_eq!(layers(&removed), 4 - kept);
    scene.save(&["fixture/base:1"]).await.expect("whole");
}

#[tokio::test]
async fn several_names_and_containers_need_force() {
    let scene = Scene::keeping().await;
    scene.load(DOCKER).await;
    let error = scene.remove(HELPER, false).await.expect_err("two names");
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Conflict,
            "conflict: unable to delete b33d9f2e7c92 (must be forced) - image is referenced in \
             multiple repositories"
        )
    );
    scene.remove(SECOND, false).await.expect("one of two");
    let container = scene.container(FIRST).await;
    let short = &container[..12];
    let error = scene.remove(FIRST, false).await.expect_err("in use");
    assert_eq!(
        error.message(),
        format!(
            "conflict: unable to remove repository reference \"{FIRST}\" (must force) - container \
             {short} is using its referenced image b33d9f2e7c92"
        )
    );
    let error = scene.remove(&HELPER[7..], false).await.expect_err("in use");
    assert_eq!(
        error.message(),
        format!(
            "conflict: unable to delete b33d9f2e7c92 (must be forced) - image is being used by \
             stopped container {short}"
        )
    );
    assert_eq!(scene.blobs(), 4);
    let forced = scene.remove(FIRST, true).await.expect("forced");
    assert_eq!((untagged(&forced), layers(&forced)), (vec![FIRST], 4));
    assert_eq!(scene.blobs(), 0);
}

#[tokio::test]
async fn a_staged_image_has_one_name_only_for_its_user() {
    let scene = Scene::staging().await;
    let loaded = scene.load(OCI).await;
    let id = loaded.images[0].id.to_string();
    let staged = loaded.images[0].repo_digests[0].clone();
    let names = &loaded.images[0].names;
    assert_eq!(names.len(), 0);
    scene.images.tag(&id, "one", "").await.expect("tag");
    let removed = scene.remove(&id, false).await.expect("one name");
    assert_eq!(untagged(&removed), ["one:latest", &staged]);
    scene.load(OCI).await;
    scene.images.tag(&id, "one", "").await.expect("tag");
    let removed = scene.remove("one", false).await.expect("its last name");
    assert_eq!(untagged(&removed), ["one:latest", &staged]);
    assert!(removed.len() > 2, "{removed:?}");
    scene.load(OCI).await;
    let removed = scene.remove(&staged, false).await.expect("it is an ID");
    assert_eq!(untagged(&removed), [staged.as_str()]);
    assert_eq!(scene.blobs(), 0);
}

#[tokio::test]
async fn a_platform_of_an_index_goes_alone() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(INDEX).await;
    let id = loaded.images[0].id;
    scene
        .images
        .tag(&id.to_string(), "multi", "")
        .await
        .expect("tag");
    let before = scene.images.inspect("multi", None).await.expect("found");
    assert_eq!(before.image.variants.len(), 2);
    let blobs = scene.blobs();
    let request = |architecture: &str| RemoveRequest {
        name: "multi".to_owned(),
        force: true,
        platforms: vec![linux(architecture)],
    };
    let error = scene.images.remove(request("s390x")).await;
    assert_eq!(error.expect_err("no such").kind(), Kind::NotFound);
    let removed = scene.images.remove(request("amd64")).await;
    let removed = removed.expect("one platform");
    assert_eq!(removed[0], RemovedItem::Deleted(id));
    assert_eq!(scene.blobs(), blobs, "both have the same layers");
    let after = scene.images.inspect("multi", None).await.expect("found");
    assert_eq!(after.image.target, before.image.target);
    assert_eq!(after.image.id, before.image.variants[1].config);
    let removed = scene.images.remove(request("arm64")).await.expect("last");
    assert_eq!(untagged(&removed), ["fixture/multi:1", "multi:latest"]);
    assert_eq!(scene.blobs(), 0);
}

#[tokio::test]
async fn pruning_takes_what_has_no_name_and_no_container() {
    let scene = Scene::keeping().await;
    scene.load(DOCKER).await;
    scene.load(OCI).await;
    let unnamed = scene.blobs() - 4;
    let default = sockerless_images::ImageFilter::default();
    let pruned = scene.images.prune(default.clone()).await.expect("pruned");
    assert_eq!(scene.blobs(), 4);
    assert_eq!(layers(&pruned.items), unnamed);
    assert!(pruned.reclaimed > 0);
    let again = scene.images.prune(default.clone()).await.expect("nothing");
    assert_eq!((again.items.len(), again.reclaimed), (0, 0));
    let all = sockerless_images::ImageFilter {
        dangling: Some(false),
        ..default
    };
    let container = scene.container(FIRST).await;
    let used = scene.images.prune(all.clone()).await.expect("in use");
    assert_eq!(used.items, []);
    scene
        .containers()
        .remove(&container)
        .await
        .expect("removed");
    let pruned = scene.images.prune(all).await.expect("pruned");
    assert_eq!(untagged(&pruned.items), [FIRST, SECOND]);
    assert_eq!(scene.blobs(), 0);
}

#[tokio::test]
async fn loads_and_removals_of_one_image_do_not_hurt_each_other() {
    let scene = std::sync::Arc::new(Scene::keeping().await);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let loads = std::sync::Arc::clone(&scene);
        tasks.spawn(async move {
            for _ in 0..8 {
                loads.load(DOCKER).await;
            }
        });
        let removals = std::sync::Arc::clone(&scene);
        tasks.spawn(async move {
            for _ in 0..8 {
                match removals.remove(HELPER, true).await {
                    Ok(_) => {}
                    Err(error) => assert_eq!(error.kind(), Kind::NotFound, "{error}"),
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no panic");
    }
    match scene.images.inspect(HELPER, None).await {
        Ok(_) => {
            scene.save(&[FIRST]).await.expect("whole");
        }
        Err(_) => assert_eq!(scene.blobs(), 0),
    }
}
