//! `docker image ls`, `inspect`, `history`, `tag`, `rm`.

use serde_json::Value;

use super::{columns, each};
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME, strings};

#[test]
fn list() {
    each(|docker| {
        let table = docker.run(&["image", "ls", "--no-trunc"]);
        let table = columns(&table);
        assert_eq!(table.len(), 3, "{table:?}");
        // The newest comes first.
        assert_eq!(table[1][..3], ["fixture/helper", "x86_64-v18.1", HELPER]);
        assert_eq!(table[2][..3], ["fixture/base", "1", BASE]);
        assert_eq!((table[1][4], table[2][4]), ("27.5kB", "27kB"));
        let short = [&HELPER[7..19], &BASE[7..19]];
        assert_eq!(docker.lines(&["image", "ls", "-a", "-q"]), short);
    });
}

#[test]
fn filters() {
    each(|docker| {
        docker.run(&["tag", HELPER, "example.com:5000/team/helper:18"]);
        let list = |arguments: &[&str]| {
            let format = ["images", "--format", "{{.Repository}}:{{.Tag}}"];
            docker.lines(&[&format, arguments].concat())
        };
        let team = "example.com:5000/team/helper:18";
        assert_eq!(
            list(&["--filter", "reference=example.com:5000/*/helper"]),
            [team]
        );
        assert_eq!(list(&["-f", "reference=fixture/*:1"]), [BASE_NAME]);
        assert_eq!(list(&["fixture/base"]), [BASE_NAME]);
        assert_eq!(list(&["fixture/base:2"]), [""; 0]);
        assert_eq!(list(&["-f", &format!("before={HELPER_NAME}")]), [BASE_NAME]);
        assert_eq!(list(&["-f", &format!("since={BASE}")]).len(), 2);
        assert_eq!(list(&["-f", "label=com.example.tier"]).len(), 2);
        assert_eq!(list(&["-f", "label=com.example.tier=other"]), [""; 0]);
        assert_eq!(list(&["-f", "dangling=true"]), [""; 0]);
        assert_eq!(list(&["-f", "dangling=false"]).len(), 3);
        docker.refused(&["images", "--filter", "nonsense=1"], "nvalid filter");
        docker.refused(&["images", "--filter", "before=nosuch"], "o such image");
    });
}

#[test]
fn inspect() {
    each(|docker| {
        let json = docker.run(&["image", "inspect", HELPER_NAME, &BASE[..20]]);
        let json: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (&json[0]["Id"], &json[1]["Id"]),
            (&HELPER.into(), &BASE.into())
        );
        assert_eq!(json[0]["Config"]["Env"][1], "HOME=/root");
        assert_eq!(strings(&json[0]["RootFS"]["Layers"]).len(), 4);
        let template = "{{.Id}} {{json .Config.Entrypoint}} {{index .RepoTags 0}}";
        let line = docker.run(&["inspect", "--type", "image", "-f", template, HELPER_NAME]);
        let entrypoint = r#"["/usr/bin/dumb-init","/entrypoint"]"#;
        assert_eq!(line, format!("{HELPER} {entrypoint} {HELPER_NAME}\n"));
        // Without a type it looks for a container first.
        assert_eq!(
            docker.run(&["inspect", "-f", "{{.Id}}", BASE_NAME]),
            format!("{BASE}\n")
        );
        docker.refused(&["inspect", "nosuch"], "o such object: nosuch");
    });
}

#[test]
fn history() {
    each(|docker| {
        let table = docker.run(&["history", HELPER_NAME]);
        let table = columns(&table);
        assert_eq!(table.len(), 15, "{table:?}");
        assert_eq!(table[1][0], &HELPER[7..19]);
        assert!(
            table[2..].iter().all(|row| row[0] == "<missing>"),
            "{table:?}"
        );
        assert!(table[1][3].contains("CMD [\"gitlab-runner"), "{table:?}");
        let sizes = [table[12].last(), table[13].last()];
        assert_eq!(sizes, [Some(&"497B"), Some(&"20B")]);
        let format = "{{.ID}}|{{.CreatedBy}}|{{.Size}}|{{.Comment}}";
        let arguments = [
            "history",
            "--no-trunc",
            "-H=false",
            "--format",
            format,
            BASE,
        ];
        assert_eq!(
            docker.run(&arguments),
            format!("{BASE}||27019|Imported from -\n")
        );
        docker.refused(&["history", "nosuch"], "o such image: nosuch:latest");
    });
}

#[test]
fn tag_and_remove() {
    each(|docker| {
        assert_eq!(docker.run(&["tag", BASE_NAME, "two:2"]), "");
        assert_eq!(docker.run(&["rmi", "two:2"]), "Untagged: two:2\n");
        docker.refused(&["tag", "nosuch", "x"], "o such image: nosuch:latest");
        docker.refused(&["tag", BASE, "Upper"], "repository name");
        docker.run(&["image", "tag", BASE, "two:2"]);
        let several = "(must be forced) - image is referenced in multiple repositories";
        docker.refused(&["image", "rm", &BASE[7..19]], several);
        let removed = docker.lines(&["rmi", "-f", &BASE[7..19]]);
        let deleted = format!("Deleted: {BASE}");
        assert_eq!(
            removed[..3],
            ["Untagged: fixture/base:1", "Untagged: two:2", &deleted]
        );
        docker.refused(&["rmi", BASE_NAME, "nosuch"], "o such image: nosuch");
        assert_eq!(docker.lines(&["images", "-q"]), [&HELPER[7..19]]);
    });
}
