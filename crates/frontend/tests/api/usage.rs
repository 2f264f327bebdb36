//! `docker system df`.

use bollard_stubs::models;
use serde_json::json;

use crate::scene::Scene;

#[tokio::test]
async fn both_forms() {
    let scene = Scene::with_images(&["p/one:1", "p/two:1"]).await;
    let old = scene.get("/v1.51/system/df").await.json();
    assert_eq!(old["Images"].as_array().expect("images").len(), 2);
    assert_eq!(old["Images"][0]["RepoTags"], json!(["p/two:1"]));
    assert!(old["LayersSize"].as_u64().expect("bytes") > 0);
    assert_eq!(old["Containers"], json!([]));
    assert_eq!(old["Volumes"], json!([]));
    assert_eq!(old["BuildCache"], json!([]));
    assert_eq!(old.get("ImageUsage"), None);
    let both = scene.get("/system/df").await.json();
    assert_eq!(both["Images"].as_array().expect("images").len(), 2);
    assert_eq!(both["ImageUsage"].get("Items"), None);
    assert_eq!(both["ImageUsage"]["TotalCount"], 2);
    assert_eq!(both["ImageUsage"]["TotalSize"], both["LayersSize"]);
    assert_eq!(both["ImageUsage"]["Reclaimable"], both["LayersSize"]);
    assert_eq!(both["ImageUsage"].get("ActiveCount"), None);
    let new = scene.get("/system/df?verbose=1").await.json();
    assert_eq!(new.get("Images"), None);
    assert_eq!(new["ImageUsage"]["Items"], both["Images"]);
    assert_eq!(new["ImageUsage"]["TotalSize"], both["LayersSize"]);
    serde_json::from_value::<models::SystemDataUsageResponse>(new).expect("a usage");
}

#[tokio::test]
async fn some_kinds() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    let volumes = scene
        .get("/v1.42/system/df?type=volume&type=build-cache")
        .await;
    assert_eq!(volumes.json(), json!({ "Volumes": [], "BuildCache": [] }));
    let containers = scene.get("/system/df?type=container&verbose=1").await;
    assert_eq!(containers.json(), json!({ "ContainerUsage": {} }));
    let refusal = scene.get("/system/df?type=bogus").await.refusal();
    assert_eq!(refusal, (400, "unknown object type: bogus".to_owned()));
    let old = scene.get("/v1.41/system/df?type=bogus").await.json();
    assert_eq!(old["Images"].as_array().expect("images").len(), 1);
}
