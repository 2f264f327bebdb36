//! Listing, history, removing and pruning.

use bollard_stubs::models;
use serde_json::{Value, json};

use crate::scene::{Answer, Scene, sample};

fn tags(answer: &Answer) -> Vec<Value> {
    let rows = answer.json();
    let rows = rows.as_array().expect("rows");
    rows.iter().map(|row| row["RepoTags"].clone()).collect()
}

#[tokio::test]
async fn a_list_is_sorted_and_filtered() {
    let scene = Scene::with_images(&["p/one:1", "alpine:3", "p/two:1"]).await;
    scene.load(&sample("unnamed", 0), &[]).await;
    let (one, alpine, two) = (json!(["p/one:1"]), json!(["alpine:3"]), json!(["p/two:1"]));
    let list = scene.get("/images/json").await;
    assert_eq!(tags(&list)[..2], [two.clone(), alpine.clone()]);
    assert_eq!(tags(&list).len(), 4);
    let rows: Vec<models::ImageSummary> = serde_json::from_slice(&list.body).expect("summaries");
    assert_eq!(rows[0].containers, 0);
    for (query, expected) in [
        (r#"filters={"reference":["p/*"]}"#, vec![&two, &one]),
        (r#"filters={"dangling":{"true":true}}"#, vec![&json!([])]),
        (
            r#"filters={"label":["org.example.seed=alpine:3"]}"#,
            vec![&alpine],
        ),
        (r#"filters={"since":["alpine:3"]}"#, vec![&two]),
        (
            r#"filters={"before":["alpine:3"],"dangling":["false"]}"#,
            vec![&one],
        ),
    ] {
        let query = query
            .replace('"', "%22")
            .replace('{', "%7B")
            .replace('}', "%7D");
        let list = scene.get(&format!("/images/json?{query}")).await;
        assert_eq!(tags(&list).iter().collect::<Vec<_>>(), expected, "{query}");
    }
    let old = scene.get("/v1.24/images/json?filter=alp*").await;
    assert_eq!(tags(&old), [alpine]);
    assert_eq!(old.json()[0]["Containers"], -1);
}

#[tokio::test]
async fn a_list_tells_more_when_asked() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    let row = |answer: Answer| answer.json()[0].clone();
    let plain = row(scene.get("/images/json").await);
    assert_eq!(plain["SharedSize"], -1);
    assert_eq!(plain.get("Manifests"), None);
    let more = row(scene
        .get("/images/json?shared-size=1&manifests=1&identity=1")
        .await);
    assert_eq!(more["SharedSize"], 0);
    assert_eq!(more["Manifests"][0]["Kind"], "image");
    serde_json::from_value::<models::ImageSummary>(more).expect("a summary");
    let old = row(scene
        .get("/v1.41/images/json?shared-size=1&manifests=1")
        .await);
    assert_eq!(old["SharedSize"], -1);
    assert_eq!(old.get("Manifests"), None);
    for (path, message) in [
        (
            "/images/json?identity=1",
            "conflicting options: identity requires manifests=1",
        ),
        ("/images/json?filters=x", "invalid filter"),
        (
            "/images/json?filters=%7B%22bogus%22:%5B%221%22%5D%7D",
            "invalid filter 'bogus'",
        ),
    ] {
        let refusal = scene.get(path).await.refusal();
        assert_eq!(refusal, (400, message.to_owned()), "{path}");
    }
}

#[tokio::test]
async fn history_begins_with_the_newest_step() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    let answer = scene.get("/images/p/one:1/history").await;
    let steps: Vec<models::ImageHistoryResponseItem> =
        serde_json::from_slice(&answer.body).expect("history");
    assert_eq!(steps.len(), 1);
    assert_eq!(steps[0].id, sample("p/one:1", 0).id());
    assert_eq!(steps[0].tags, ["p/one:1"]);
    assert_eq!(steps[0].created_by, "COPY 0");
    let missing = scene.get("/images/nosuch/history").await.refusal();
    assert_eq!(missing, (404, "No such image: nosuch:latest".to_owned()));
    let refusal = scene
        .get("/images/p/one:1/history?platform=x")
        .await
        .refusal();
    assert_eq!(refusal.0, 400);
    let old = scene.get("/v1.47/images/p/one:1/history?platform=x").await;
    assert_eq!(old.status, 200);
}

#[tokio::test]
async fn removing_tells_what_went() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    scene
        .post("/images/p/one:1/tag?repo=p/two&tag=1", Vec::new())
        .await;
    let id = sample("p/one:1", 0).id();
    let untagged = scene.delete("/images/p/two:1").await;
    assert_eq!(untagged.json(), json!([{ "Untagged": "p/two:1" }]));
    let deleted = scene.delete("/images/p/one:1?noprune=1").await.json();
    assert_eq!(deleted[0], json!({ "Untagged": "p/one:1" }));
    assert_eq!(deleted[1], json!({ "Deleted": id }));
    serde_json::from_value::<Vec<models::ImageDeleteResponseItem>>(deleted).expect("items");
    let missing = scene.delete("/images/p/one:1").await.refusal();
    assert_eq!(missing, (404, "No such image: p/one:1".to_owned()));
    for blank in ["/images/", "/images/%20"] {
        let refusal = scene.delete(blank).await.refusal();
        assert_eq!(refusal, (400, "image name cannot be blank".to_owned()));
    }
}

#[tokio::test]
async fn an_id_with_several_names_has_to_be_forced() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    scene
        .post("/images/p/one:1/tag?repo=p/two&tag=1", Vec::new())
        .await;
    let path = format!("/images/{}", sample("p/one:1", 0).id());
    let (status, message) = scene.delete(&path).await.refusal();
    assert_eq!(status, 409, "{message}");
    assert!(message.contains("must be forced"), "{message}");
    let removed = scene.delete(&format!("{path}?force=1")).await.json();
    let removed = removed.as_array().expect("items");
    assert_eq!(
        removed[..2],
        [
            json!({ "Untagged": "p/one:1" }),
            json!({ "Untagged": "p/two:1" })
        ]
    );
}

#[tokio::test]
async fn pruning_reads_filters_in_query_and_form() {
    let scene = Scene::with_images(&["p/one:1"]).await;
    let nothing = scene.post("/images/prune", Vec::new()).await.json();
    assert_eq!(
        nothing,
        json!({ "ImagesDeleted": null, "SpaceReclaimed": 0 })
    );
    let form = hyper::Request::post("/images/prune")
        .header("content-type", "application/x-www-form-urlencoded");
    let body = b"filters=%7B%22dangling%22:%5B%22false%22%5D%7D".to_vec();
    let pruned = scene.send(form, body).await.json();
    assert_eq!(pruned["ImagesDeleted"][0], json!({ "Untagged": "p/one:1" }));
    assert!(pruned["SpaceReclaimed"].as_u64().expect("bytes") > 0);
    serde_json::from_value::<models::ImagePruneResponse>(pruned).expect("an answer");
    let refusal = scene
        .post(
            "/images/prune?filters=%7B%22before%22:%5B%22x%22%5D%7D",
            Vec::new(),
        )
        .await
        .refusal();
    assert_eq!(refusal, (400, "invalid filter 'before'".to_owned()));
}
