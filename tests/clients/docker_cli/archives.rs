//! `docker save`, `load`, `import`.

use std::fs::File;

use serde_json::Value;
use sockerless_testkit::image::Layer;
use sockerless_testkit::tar::Tar;

use super::{Docker, each};
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME, strings};

#[test]
fn save_and_load() {
    each(|docker| {
        let path = docker.path("saved.tar");
        docker.run(&["save", "-o", &path, HELPER_NAME, BASE_NAME]);
        let saved = manifest(&std::fs::read(&path).unwrap());
        let mut names: Vec<String> = saved
            .iter()
            .flat_map(|item| strings(&item["RepoTags"]))
            .collect();
        names.sort();
        assert_eq!(names, [BASE_NAME, HELPER_NAME]);
        docker.run(&["rmi", HELPER_NAME, BASE_NAME]);
        assert_eq!(docker.run(&["images", "-q"]), "");

        let mut load = docker.command(&["load"]);
        load.stdin(File::open(&path).unwrap());
        let loaded = docker.output(&mut load);
        let loaded = String::from_utf8(loaded.stdout).unwrap();
        for line in [HELPER_NAME, BASE_NAME].map(|name| format!("Loaded image: {name}\n")) {
            assert!(loaded.contains(&line), "{loaded}");
        }
        let ids = docker.lines(&["images", "-q", "--no-trunc"]);
        assert_eq!(ids, [HELPER, BASE]);
    });
}

/// Through a pipe, as in `docker save | ssh other docker load`.
#[test]
fn save_to_standard_output() {
    each(|docker| {
        let named = docker.output(&mut docker.command(&["save", "fixture/base"]));
        // The name alone means all its tags; there is no `latest`.
        assert!(named.status.success(), "{named:?}");
        assert_eq!(
            strings(&manifest(&named.stdout)[0]["RepoTags"]),
            [BASE_NAME]
        );
        let by_id = docker.output(&mut docker.command(&["save", &BASE[7..19]]));
        assert_eq!(strings(&manifest(&by_id.stdout)[0]["RepoTags"]), [""; 0]);
        docker.refused(&["save", "nosuch"], "o such image: nosuch");
        docker.refused(&["save", BASE_NAME, "nosuch"], "o such image: nosuch");
    });
}

fn manifest(archive: &[u8]) -> Vec<Value> {
    let tar = Tar::parse(archive);
    let manifest = tar.content("manifest.json").expect("manifest.json");
    serde_json::from_slice(manifest).unwrap()
}

fn root_file_system(docker: &Docker) -> (String, String) {
    let layer = Layer::with_file("hello", "hello\n");
    let path = docker.path("rootfs.tar");
    std::fs::write(&path, &layer.tar).unwrap();
    (path, layer.diff_id())
}

#[test]
fn import() {
    each(|docker| {
        let (path, diff_id) = root_file_system(docker);
        let changes = [
            "--change",
            r#"CMD ["serve"]"#,
            "-c",
            "ENV A=b",
            "--message",
            "by hand",
        ];
        let id = docker.run(&[&["import"], &changes[..], &[&path, "team/imported:1"]].concat());
        let template = "{{.Id}} {{json .Config.Cmd}} {{json .Config.Env}} {{json .RootFS.Layers}}";
        let image = docker.run(&["image", "inspect", "-f", template, "team/imported:1"]);
        let expected = format!(r#"{} ["serve"] ["A=b"] ["{diff_id}"]"#, id.trim_end());
        assert_eq!(image.trim_end(), expected);
        let comment = docker.run(&["history", "--format", "{{.Comment}}", "team/imported:1"]);
        assert_eq!(comment, "by hand\n");

        let mut command = docker.command(&["import", "-", "from/stdin"]);
        command.stdin(File::open(docker.fixture("gitlab-runner-helper-rootfs.tar.xz")).unwrap());
        let output = docker.output(&mut command);
        let id = String::from_utf8(output.stdout).unwrap();
        let found = docker.run(&["image", "inspect", "-f", "{{.Id}}", "from/stdin:latest"]);
        assert_eq!(found, id);
    });
}

#[test]
fn import_is_refused() {
    each(|docker| {
        let (path, _) = root_file_system(docker);
        let change = ["import", "--change", "RUN true", &path, "bad"];
        docker.refused(&change, "is not a valid change command");
        docker.refused(&["import", &path, "Upper"], "must be lowercase");
        let broken = docker.path("broken.tar");
        std::fs::write(&broken, vec![b'x'; 2000]).unwrap();
        docker.refused(&["import", &broken, "bad"], "tar");
        assert_eq!(docker.run(&["images", "-q", "bad"]), "");
    });
}
