//! GitLab Runner's helper image from a root file system: the same requests as the runner's.

use serde_json::json;
use sockerless_testkit::http::{Request, escaped};

use crate::{daemon, read};

const REPOSITORY: &str = "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper";
const TAG: &str = "x86_64-v18.1";

#[test]
fn import() {
    let daemon = daemon();
    let inspect = format!("/v1.44/images/{REPOSITORY}:{TAG}/json");
    assert_eq!(daemon.get(&inspect).status, 404);

    let entrypoint = json!(["/usr/bin/dumb-init", "/entrypoint"]);
    let changes = escaped(&format!("ENTRYPOINT {entrypoint}"));
    let repository = escaped(REPOSITORY);
    let query = format!("changes={changes}&fromSrc=-&repo={repository}&tag={TAG}");
    let archive = read("gitlab-runner-helper-rootfs.tar.xz");
    let parts = archive.chunks(4096).map(<[u8]>::to_vec).collect();
    // The Go client sends no type for this body.
    let import = Request::post(&format!("/v1.44/images/create?{query}")).chunked(parts);
    let imported = daemon.request(&import);
    assert_eq!(imported.status, 200, "{}", imported.text());
    let lines = imported.lines();
    assert!(
        lines.iter().all(|line| line.get("errorDetail").is_none()),
        "{lines:?}"
    );

    let image = daemon.get(&inspect).json();
    assert_eq!(image["Config"]["Entrypoint"], entrypoint);
    assert_eq!(image["RepoTags"], json!([format!("{REPOSITORY}:{TAG}")]));
    assert_eq!(image["Id"], lines.last().expect("a line")["status"]);
    assert_eq!(image["Os"], "linux");

    // The job's container is created from its ID.
    let create = json!({"Image": image["Id"], "Cmd": ["gitlab-runner-build"], "OpenStdin": true, "StdinOnce": true});
    let create = Request::post("/v1.44/containers/create?name=runner-predefined-0")
        .header("Content-Type", "application/json")
        .body(create.to_string());
    let created = daemon.request(&create);
    assert_eq!(created.status, 201, "{}", created.text());
    let container = daemon
        .get("/v1.44/containers/runner-predefined-0/json")
        .json();
    assert_eq!(container["Image"], image["Id"]);
    assert_eq!(container["Path"], "/usr/bin/dumb-init");
}
