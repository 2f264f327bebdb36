//! An image and a container that cannot be read, as a damaged state has them: they must not hide
//! others.

use jiff::Timestamp;
use sockerless_containers::{ContainerFilter, CreateContainer};
use sockerless_images::{Digest, ImageFilter, Kind, LabelFilter};
use sockerless_state::{
    Addition, Container, ContainerAdded, ContainerState, ContainerStore as _, Image,
    ImageStore as _, Origin, Variant,
};

use crate::scene::{DOCKER, Scene};

const CONFIG: &str = r#"{"config":"#;

/// An image of which the config cannot be read, called `broken:1`.
fn broken() -> Image {
    let (config, manifest) = (Digest::of(CONFIG), Digest::of("manifest"));
    Image {
        target: manifest,
        media_type: String::new(),
        size: 8,
        id: config,
        origin: Origin::Original,
        variants: vec![Variant {
            platform: sockerless_images::Platform::new("linux", "amd64", ""),
            manifest,
            config,
            layers: Vec::new(),
            created: Some(Timestamp::UNIX_EPOCH),
        }],
        documents: Vec::new(),
        blobs: Vec::new(),
        loaded_at: Timestamp::UNIX_EPOCH,
    }
}

async fn scene(name: Option<&str>) -> Scene {
    let scene = Scene::keeping().await;
    scene.load(DOCKER).await;
    let image = broken();
    let names = name.map(|name| (name.parse().expect("a name"), image.target));
    let addition = Addition {
        documents: vec![(image.id, CONFIG.into()), (image.target, "manifest".into())],
        names: names.into_iter().collect(),
        images: vec![image],
        ..Addition::default()
    };
    scene.state.add(addition).await.expect("added");
    scene
}

#[tokio::test]
async fn lists_show_what_is_known() {
    let scene = scene(Some("broken:1")).await;
    let mut list = scene
        .images
        .list(ImageFilter::default(), true)
        .await
        .expect("list");
    let rows = list.next_page().await.expect("rows");
    assert_eq!(rows.len(), 2);
    let id = broken().id;
    let row = rows.iter().find(|row| row.found.image.id == id);
    let row = row.expect("the broken one");
    let created = row.created.map(|time| time.to_string());
    assert_eq!(created.as_deref(), Some("1970-01-01T00:00:00Z"));
    assert!(row.labels.is_empty());
    let (usage, _) = scene.images.usage().await.expect("usage");
    assert_eq!(usage.images, 2);
    let steps = scene
        .images
        .history("broken:1", None)
        .await
        .expect("history");
    assert_eq!(steps, []);
    let since = ImageFilter {
        since: vec!["broken:1".to_owned()],
        ..ImageFilter::default()
    };
    let mut list = scene.images.list(since, false).await.expect("list");
    assert_eq!(list.next_page().await.expect("rows").len(), 1);
    // Operations that need its config are refused.
    let request = CreateContainer {
        image: "broken:1".to_owned(),
        ..Default::default()
    };
    let error = scene
        .containers()
        .create(request)
        .await
        .expect_err("no command is known");
    assert_eq!(error.kind(), Kind::Internal);
    assert!(error.to_string().contains("load it again"), "{error}");
    scene.remove("broken:1", false).await.expect("removed");
}

#[tokio::test]
async fn prunings_leave_what_a_label_may_keep() {
    let scene = scene(None).await;
    let kept = ImageFilter {
        without_labels: vec![LabelFilter {
            key: "keep".to_owned(),
            value: None,
        }],
        ..ImageFilter::default()
    };
    let until = ImageFilter {
        until: Some(Timestamp::now()),
        ..ImageFilter::default()
    };
    for filter in [kept, until] {
        let pruned = scene.images.prune(filter).await.expect("pruned");
        assert_eq!(pruned.items, []);
    }
    let pruned = scene
        .images
        .prune(ImageFilter::default())
        .await
        .expect("pruned");
    assert_eq!(pruned.items.len(), 1);
}

#[tokio::test]
async fn containers() {
    let scene = scene(None).await;
    let image = broken();
    let container = Container {
        id: "c".repeat(64),
        name: "broken".to_owned(),
        target: image.target,
        image: image.id,
        created_at: Timestamp::UNIX_EPOCH,
        state: ContainerState::default(),
        revision: 0,
        spec: "no spec".into(),
    };
    let added = scene.state.add_container(&container).await.expect("added");
    assert!(matches!(added, ContainerAdded::Added), "{added:?}");
    let mut list = scene
        .containers()
        .list(ContainerFilter::default())
        .await
        .expect("list");
    assert!(list.next_page().await.expect("rows").is_empty());
}
