//! Tools that use the daemon through the CLI: their commands, and how they read the output.

use std::fs::File;

use serde_json::Value;

use super::each;
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME, TWO_IMAGES};

/// kind requests the ID with blanks in its template, and expects exactly one line.
#[test]
fn kind() {
    each(|docker| {
        let format = "{{ .Id }}";
        let lines = docker.lines(&["image", "inspect", "-f", format, HELPER_NAME]);
        assert_eq!(lines, [HELPER]);
        let path = docker.path("images.tar");
        docker.run(&["save", "-o", &path, HELPER_NAME, BASE_NAME]);
        assert!(std::fs::metadata(path).unwrap().len() > 0);
    });
}

/// minikube lists with a template of its own, a JSON object a line, and loads through `cat`.
#[test]
fn minikube() {
    each(|docker| {
        let lines = docker.lines(&["images", "--no-trunc", "--format", "{{json .}}"]);
        let images: Vec<Value> = lines
            .iter()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(images.len(), 2);
        assert_eq!(images[0]["ID"], HELPER);
        assert_eq!(
            (&images[1]["Repository"], &images[1]["Tag"]),
            (&"fixture/base".into(), &"1".into())
        );
        assert_eq!(images[1]["Size"], "27kB");
        let id = docker.run(&["image", "inspect", "--format", "{{.Id}}", BASE_NAME]);
        assert_eq!(id.trim(), BASE);
        docker.run(&["rmi", BASE_NAME]);
        let mut load = docker.command(&["load"]);
        load.stdin(File::open(docker.fixture(TWO_IMAGES)).unwrap());
        assert!(docker.output(&mut load).status.success());
        assert_eq!(docker.lines(&["images", "-q", "--no-trunc"]).len(), 2);
    });
}

/// jib reads `info` for the platform, and inspects the base image as JSON before it saves it.
#[test]
fn jib() {
    each(|docker| {
        let info: Value = serde_json::from_str(&docker.run(&["info", "-f", "{{json .}}"])).unwrap();
        assert_eq!(info["OSType"], "linux");
        assert!(
            info["Architecture"]
                .as_str()
                .is_some_and(|it| !it.is_empty()),
            "{info}"
        );
        let json = docker.run(&[
            "inspect",
            "-f",
            "{{json .}}",
            "--type",
            "image",
            HELPER_NAME,
        ]);
        let image: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(image["Id"], HELPER);
        assert!(
            image["Size"].as_u64().is_some_and(|size| size > 0),
            "{image}"
        );
        let saved = docker.output(&mut docker.command(&["save", HELPER_NAME]));
        crate::jib::read(&saved.stdout, 4);
    });
}
