//! What GitLab Runner does to get its helper image.

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Request, escaped};

use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(the_helper_image);

const REPOSITORY: &str = "registry.gitlab.com/gitlab-org/gitlab-runner/gitlab-runner-helper";
const TAG: &str = "x86_64-v18.1";
const ID: &str = "sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd";

fn the_helper_image(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let version = daemon.get("/version").json();
    let api = version["ApiVersion"].as_str().expect("an API version");
    let info = daemon.get(&format!("/v{api}/info")).json();
    assert_eq!(info["OSType"], "linux");
    assert!(
        info["Architecture"]
            .as_str()
            .is_some_and(|it| !it.is_empty()),
        "{info}"
    );

    let inspect = format!("/v{api}/images/{REPOSITORY}:{TAG}/json");
    let missing = daemon.get(&inspect);
    assert_eq!(missing.status, 404);
    assert_eq!(
        missing.message(),
        format!("No such image: {REPOSITORY}:{TAG}")
    );

    let archive = fixtures::read("gitlab-runner-helper.docker.tar.zst");
    let parts = archive.chunks(4096).map(<[u8]>::to_vec).collect();
    let load = Request::post(&format!("/v{api}/images/load?quiet=1"))
        .header("Content-Type", "application/x-tar")
        .chunked(parts);
    let mut connection = daemon.connect();
    connection.send(&load.to_bytes()).unwrap();
    let loaded = connection.response(false).unwrap();
    assert_eq!(loaded.status, 200, "{}", loaded.text());
    let reference = loaded
        .streams()
        .iter()
        .find_map(|text| {
            let name = text.split_once("Loaded image:").map(|(_, name)| name);
            let id = text.split_once("Loaded image ID:").map(|(_, id)| id);
            name.or(id).map(|found| found.trim().to_owned())
        })
        .expect("a loaded image");
    drop(connection);
    assert_eq!(reference, ID);

    let tag = format!(
        "/v{api}/images/{reference}/tag?repo={}&tag={TAG}",
        escaped(REPOSITORY)
    );
    let tagged = daemon.post(&tag);
    assert_eq!((tagged.status, tagged.text().as_str()), (201, ""));

    let image = daemon.get(&inspect).json();
    assert_eq!(image["Id"], ID);
    assert_eq!(image["Os"], "linux");
    assert_eq!(image["Architecture"], "amd64");
    assert_eq!(
        image["RepoTags"],
        serde_json::json!([format!("{REPOSITORY}:{TAG}")])
    );
    let entrypoint = serde_json::json!(["/usr/bin/dumb-init", "/entrypoint"]);
    assert_eq!(image["Config"]["Entrypoint"], entrypoint);
    assert_eq!(
        image["Config"]["Cmd"],
        serde_json::json!(["gitlab-runner-build"])
    );
}
