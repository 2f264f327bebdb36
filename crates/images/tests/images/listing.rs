use sockerless_images::{ImageFilter, Kind, LabelFilter};

use crate::scene::{DOCKER, OCI, Scene};

async fn names(scene: &Scene, filter: ImageFilter) -> Vec<Vec<String>> {
    let mut list = scene.images.list(filter, false).await.expect("list");
    let mut names = Vec::new();
    loop {
        let page = list.next_page().await.expect("page");
        if page.is_empty() {
            names.sort();
            return names;
        }
        let familiar = page.iter().map(|row| {
            let names = row.found.names.iter();
            names.map(|name| name.familiar().to_owned()).collect()
        });
        names.extend(familiar);
    }
}

#[tokio::test]
async fn filters() {
    let scene = Scene::keeping().await;
    scene.load("docker-20.10-two-images.tar").await;
    scene.load(OCI).await;
    let helper = vec!["fixture/helper:x86_64-v18.1".to_owned()];
    let base = vec!["fixture/base:1".to_owned()];
    let unnamed: Vec<String> = Vec::new();
    let filter = ImageFilter::default;
    let label = |value: Option<&str>| LabelFilter {
        key: "org.opencontainers.image.title".to_owned(),
        value: value.map(str::to_owned),
    };
    for (case, filter, expected) in [
        (
            "all",
            filter(),
            vec![unnamed.clone(), base.clone(), helper.clone()],
        ),
        (
            "dangling",
            ImageFilter {
                dangling: Some(true),
                ..filter()
            },
            vec![unnamed.clone()],
        ),
        (
            "not dangling",
            ImageFilter {
                dangling: Some(false),
                ..filter()
            },
            vec![base.clone(), helper.clone()],
        ),
        (
            "reference",
            ImageFilter {
                references: vec!["fixture/h*".to_owned()],
                ..filter()
            },
            vec![helper.clone()],
        ),
        (
            "no such label",
            ImageFilter {
                labels: vec![label(Some("another"))],
                ..filter()
            },
            Vec::new(),
        ),
        (
            "before",
            ImageFilter {
                before: vec![helper[0].clone()],
                references: vec!["*/*".to_owned()],
                ..filter()
            },
            vec![base.clone()],
        ),
        (
            "since",
            ImageFilter {
                since: vec![base[0].clone()],
                references: vec!["*/*".to_owned()],
                ..filter()
            },
            vec![helper.clone()],
        ),
    ] {
        assert_eq!(names(&scene, filter).await, expected, "{case}");
    }
    let bad = ImageFilter {
        references: vec!["[".to_owned()],
        ..filter()
    };
    let error = scene.images.list(bad, false).await.expect_err("a pattern");
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::InvalidParameter, "syntax error in pattern")
    );
    let missing = ImageFilter {
        since: vec!["nosuch".to_owned()],
        ..filter()
    };
    let error = scene.images.list(missing, false).await.expect_err("none");
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn shared_layers_are_counted_once() {
    let scene = Scene::keeping().await;
    scene.load("docker-20.10-two-images.tar").await;
    scene.container("fixture/base:1").await;
    let (usage, sharing) = scene.images.usage().await.expect("usage");
    let list = scene.images.used_images(sharing).await;
    let rows = list.expect("list").next_page().await.expect("page");
    let size = |name: &str| {
        let mut rows = rows.iter();
        let row = rows.find(|row| row.found.names[0].familiar() == name);
        let row = row.expect(name);
        (
            row.found.content_size.expect("known"),
            row.shared_size.expect("asked for"),
            row.containers,
        )
    };
    let (base, base_shared, users) = size("fixture/base:1");
    let (helper, helper_shared, _) = size("fixture/helper:x86_64-v18.1");
    assert_eq!((base_shared, helper_shared, users), (base, base, 1));
    assert_eq!(usage.layers_size, helper);
    assert_eq!((usage.images, usage.used_images), (2, 1));
    assert_eq!(usage.used_size, 0, "all of it is shared");
    assert!(base > 0 && helper > base);
}

#[tokio::test]
async fn history_has_sizes_and_the_image_on_top() {
    let scene = Scene::keeping().await;
    let loaded = scene.load(DOCKER).await;
    let id = loaded.images[0].id;
    let steps = scene.images.history(&id.to_string(), None).await;
    let steps = steps.expect("history");
    assert_eq!(steps[0].id, Some(id));
    assert_eq!(steps[0].tags, loaded.images[0].names);
    assert!(steps[1..].iter().all(|step| step.id.is_none()));
    let found = scene.images.inspect(&id.to_string(), None).await;
    let total: Option<u64> = steps.iter().map(|step| step.size).sum();
    assert_eq!(total, found.expect("found").content_size);
}
