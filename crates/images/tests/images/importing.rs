use sockerless_images::{ImportRequest, Kind};

use crate::scene::{Scene, linux, read};

const ROOT: &str = "gitlab-runner-helper-rootfs.tar.xz";

fn named(repository: &str, changes: &[&str]) -> ImportRequest {
    ImportRequest {
        repository: repository.to_owned(),
        changes: changes.iter().map(|change| (*change).to_owned()).collect(),
        ..ImportRequest::default()
    }
}

#[tokio::test]
async fn a_root_file_system_becomes_an_image() {
    let scene = Scene::keeping().await;
    let request = ImportRequest {
        tag: "v18".to_owned(),
        message: "a helper".to_owned(),
        platform: Some(linux("arm64")),
        ..named(
            "gitlab/helper",
            &[r#"ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]"#],
        )
    };
    let id = scene.import(read(ROOT), request).await.expect("imported");
    let found = scene.images.inspect("gitlab/helper:v18", None).await;
    let found = found.expect("found");
    assert_eq!(found.image.id.to_string(), id);
    assert_eq!(found.image.variants[0].platform, linux("arm64"));
    let config: serde_json::Value = serde_json::from_slice(&found.config).expect("JSON");
    assert_eq!(
        config["config"]["Entrypoint"],
        serde_json::json!(["/usr/bin/dumb-init", "/entrypoint"])
    );
    assert_eq!(config["history"][0]["comment"], "a helper");
    assert_eq!((scene.blobs(), found.content_size > Some(0)), (1, true));
    let steps = scene.images.history(&id, None).await.expect("history");
    assert_eq!((steps.len(), steps[0].size), (1, found.content_size));
    scene.save(&[&id]).await.expect("whole");
}

#[tokio::test]
async fn it_is_staged() {
    let scene = Scene::staging().await;
    let id = scene.import(read(ROOT), named("staged", &[])).await;
    let found = scene.images.inspect(&id.expect("imported"), None).await;
    let found = found.expect("found");
    let [staged] = found.repo_digests.as_slice() else {
        panic!("staged: {:?}", found.repo_digests)
    };
    let digest = staged.digest().expect("a digest").to_string();
    let registry = scene.registry.as_ref().expect("registry");
    assert!(registry.manifest("staging", &digest).is_some());
}

#[tokio::test]
async fn wrong_wishes_are_refused_and_leave_nothing() {
    let scene = Scene::keeping().await;
    for (request, message) in [
        (
            named("", &["RUN true"]),
            "RUN is not a valid change command",
        ),
        (named("Upper", &[]), "invalid reference format"),
    ] {
        let error = scene.import(read(ROOT), request).await;
        let error = error.expect_err(message);
        assert_eq!(error.kind(), Kind::InvalidParameter);
        assert!(error.message().contains(message), "{error}");
    }
    let garbage = vec![b'x'; 2048];
    let error = scene.import(garbage, named("x", &[])).await;
    assert_eq!(error.expect_err("no tar").kind(), Kind::Internal);
    let cut = read(ROOT).slice(..1000);
    let error = scene.import(cut, named("x", &[])).await;
    assert_eq!(error.expect_err("cut").kind(), Kind::Internal);
    assert_eq!(scene.blobs(), 0);
    assert_eq!(scene.images.counts().await.expect("counts").images, 0);
}

#[tokio::test]
async fn nothing_is_an_empty_file_system() {
    let scene = Scene::keeping().await;
    let id = scene.import("", named("empty", &[])).await;
    scene.save(&[&id.expect("imported")]).await.expect("whole");
    let zeros = scene.import(vec![0; 1024], named("zeros", &[])).await;
    let zeros = scene.images.inspect(&zeros.expect("imported"), None).await;
    let zeros = zeros.expect("found");
    assert_eq!(zeros.content_size, Some(0), "there is no file");
    assert!(zeros.last_tagged_at.is_some());
}
