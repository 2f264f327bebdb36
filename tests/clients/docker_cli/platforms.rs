//! The option `--platform` of those CLIs that have it.

use super::{Docker, each};
use crate::saved::files;

const MULTI: &str = "fixture/multi:1";
const ARM64: &str = "sha256:595b19eef05d8907c1062dabce34885a82feac46f50fddb3dfaa6ab3032f3853";

fn knows_platforms(docker: &Docker, command: &[&str]) -> bool {
    let help = docker.run(&[command, &["--help"]].concat());
    help.contains("--platform")
}

#[test]
fn one_of_two() {
    each(|docker| {
        let archive = docker.fixture("podman-4.3-multi-platform-oci-archive.tar");
        docker.run(&["load", "-i", &archive]);
        let architecture = |options: &[&str]| {
            let inspect = ["image", "inspect", "-f", "{{.Architecture}}"];
            docker.run(&[&inspect, options, &[MULTI]].concat())
        };
        assert_eq!(architecture(&[]), "amd64\n");
        if knows_platforms(docker, &["image", "inspect"]) {
            let arm = ["--platform", "linux/arm64"];
            assert_eq!(architecture(&arm), "arm64\n");
        }
        if knows_platforms(docker, &["save"]) {
            let saved = docker.path("arm64.tar");
            let save = ["save", "--platform", "linux/arm64", "-o", &saved, MULTI];
            docker.run(&save);
            let files = files(&std::fs::read(&saved).unwrap());
            assert!(files.contains_key(&format!("blobs/sha256/{}", &ARM64[7..])));
            let missing = ["save", "--platform", "linux/s390x", "-o", &saved, MULTI];
            docker.refused(&missing, "linux/s390x");
        }
        if knows_platforms(docker, &["history"]) {
            let history = [
                "history",
                "-q",
                "--no-trunc",
                "--platform",
                "linux/arm64",
                MULTI,
            ];
            assert_eq!(docker.lines(&history)[0], ARM64);
        }
        let create = [
            "create",
            "--platform",
            "linux/arm64",
            "--name",
            "arm",
            MULTI,
            "true",
        ];
        docker.run(&create);
        let image = docker.run(&["inspect", "-f", "{{.Image}}", "arm"]);
        assert_eq!(image.trim(), ARM64);
    });
}
