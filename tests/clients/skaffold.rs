//! skaffold, which pushes what it built and deploys it by its digest.

use serde_json::json;
use sockerless_testkit::http::{Request, escaped};
use sockerless_testkit::registry::Registry;

use crate::{HELPER, HELPER_NAME, daemon_with_images};

/// It checks whether the registry has the tag already, where "no" is not an error, tags by the ID,
/// pushes, and reads the digest from the last message's `aux`; without one it requests it from the
/// registry.
#[test]
fn push() {
    let registry = Registry::open();
    let daemon = daemon_with_images();
    let found = daemon.get(&format!("/images/{HELPER_NAME}/json")).json();
    assert_eq!(found["Id"], HELPER);
    let repository = format!("{}/skaffold/app", registry.host());
    let distribution = format!("/distribution/{repository}:dirty/json");
    assert_eq!(daemon.get(&distribution).status, 404);
    let tag = format!(
        "/images/{HELPER}/tag?repo={}&tag=dirty",
        escaped(&repository)
    );
    assert_eq!(daemon.post(&tag).status, 201);

    let push = Request::post(&format!("/images/{repository}/push?tag=dirty"));
    let pushed = daemon.request(&push.header("X-Registry-Auth", "e30="));
    assert_eq!(pushed.status, 200, "{}", pushed.text());
    let lines = pushed.lines();
    let digests: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["aux"]["Digest"].as_str())
        .collect();
    let [digest] = digests[..] else {
        panic!("{lines:?}");
    };
    let asked = daemon.get(&distribution).json();
    assert_eq!(asked["Descriptor"]["digest"], digest);
    let inspected = daemon
        .get(&format!("/images/{repository}@{digest}/json"))
        .json();
    assert_eq!(inspected["Id"], HELPER);
    let digests = json!([format!("{repository}@{digest}")]);
    assert_eq!(inspected["RepoDigests"], digests);
}
