//! Requests that are refused.

use crate::scene::Scene;

#[tokio::test]
async fn routes_that_are_newer_than_the_client() {
    let scene = Scene::new().await;
    for (path, message) in [
        (
            "/v1.24/images/prune",
            "POST /images/prune requires minimum API version 1.25",
        ),
        (
            "/v1.24/containers/prune",
            "POST /containers/prune requires minimum API version 1.25",
        ),
        (
            "/v1.30/build/prune",
            "POST /build/prune requires minimum API version 1.31",
        ),
    ] {
        let refusal = scene.post(path, Vec::new()).await.refusal();
        assert_eq!(refusal, (400, message.to_owned()));
    }
    for (path, message) in [
        (
            "/v1.54/images/a/b:1/attestations",
            "GET /images/{name:.*}/attestations requires minimum API version 1.55",
        ),
        (
            "/v1.29/distribution/a/json",
            "GET /distribution/{name:.*}/json requires minimum API version 1.30",
        ),
    ] {
        assert_eq!(scene.get(path).await.refusal(), (400, message.to_owned()));
    }
}

#[tokio::test]
async fn not_here() {
    let scene = Scene::new().await;
    for (path, words) in [
        (
            "/images/a/attestations",
            "the legacy image store does not support attestations",
        ),
        (
            "/images/search?term=x",
            "sockerless does not search registries",
        ),
        (
            "/v1.41/swarm",
            "sockerless does not serve GET /swarm: it loads, pulls",
        ),
    ] {
        let (status, message) = scene.get(path).await.refusal();
        assert_eq!(status, 501, "{path}");
        assert!(message.starts_with(words), "{message}");
    }
}
