//! `docker create`, `ps`, `container inspect`, `rename`, `start`, `rm`.

use serde_json::{Value, json};

use super::{columns, each};
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME};

#[test]
fn create_and_inspect() {
    each(|docker| {
        let options = [
            "--name",
            "job",
            "--label",
            "job=1",
            "-e",
            "CI=true",
            "-v",
            "/srv:/srv:ro",
            "-p",
            "127.0.0.1:18080:80",
            "--user",
            "1001",
            "-w",
            "/src",
            "--memory",
            "64m",
        ];
        let id = docker.run(
            &[
                &["create"],
                &options[..],
                &[HELPER_NAME, "sh", "-c", "make"],
            ]
            .concat(),
        );
        let id = id.trim_end();
        assert_eq!(id.len(), 64);
        let inspected = docker.run(&["container", "inspect", "job"]);
        let inspected: Value = serde_json::from_str(&inspected).unwrap();
        let container = &inspected[0];
        assert_eq!(
            (&container["Id"], &container["Name"]),
            (&json!(id), &json!("/job"))
        );
        assert_eq!(container["Image"], HELPER);
        assert_eq!(container["State"]["Status"], "created");
        assert_eq!(
            container["Args"],
            json!(["/entrypoint", "sh", "-c", "make"])
        );
        assert_eq!(container["Config"]["User"], "1001");
        assert_eq!(container["Config"]["WorkingDir"], "/src");
        assert_eq!(container["Config"]["Labels"]["job"], "1");
        assert_eq!(container["HostConfig"]["Binds"], json!(["/srv:/srv:ro"]));
        assert_eq!(container["HostConfig"]["Memory"], 64 << 20);
        let port = json!([{"HostIp": "127.0.0.1", "HostPort": "18080"}]);
        assert_eq!(container["HostConfig"]["PortBindings"]["80/tcp"], port);

        let again = ["create", "--name", "job", BASE_NAME, "true"];
        docker.refused(&again, "is already in use by container");
        let missing = ["create", "--pull", "never", "nosuch:1"];
        docker.refused(&missing, "o such image: nosuch:1");
    });
}

#[test]
fn list() {
    each(|docker| {
        docker.run(&[
            "create",
            "--name",
            "first",
            "--label",
            "stage=one",
            HELPER_NAME,
            "make",
        ]);
        docker.run(&[
            "create",
            "--name",
            "second",
            "--entrypoint",
            "/bin/true",
            BASE,
        ]);
        assert_eq!(columns(&docker.run(&["ps"])).len(), 1);
        let table = docker.run(&["ps", "-a"]);
        let table = columns(&table);
        assert_eq!(table[1][1..3], [&BASE[7..19], "\"/bin/true\""]);
        assert_eq!(table[1].last(), Some(&"second"), "{table:?}");
        assert_eq!(table[2][1], HELPER_NAME);
        assert_eq!(table[2][4..], ["Created", "first"], "{table:?}");
        let names = |arguments: &[&str]| {
            docker.lines(&[&["ps", "-a", "--format", "{{.Names}}"], arguments].concat())
        };
        assert_eq!(names(&[]), ["second", "first"]);
        assert_eq!(names(&["--filter", "label=stage=one"]), ["first"]);
        assert_eq!(names(&["--filter", "name=sec"]), ["second"]);
        assert_eq!(
            names(&["--filter", &format!("ancestor={BASE_NAME}")]),
            ["second"]
        );
        assert_eq!(names(&["--filter", "status=exited"]), [""; 0]);
        assert_eq!(names(&["--last", "1"]), ["second"]);
        docker.refused(&["ps", "--filter", "nonsense=1"], "nvalid filter");
    });
}

#[test]
fn rename_and_remove() {
    each(|docker| {
        let id = docker.run(&["create", "--name", "job", HELPER_NAME]);
        docker.run(&["rename", "job", "work"]);
        assert_eq!(
            docker.run(&["inspect", "-f", "{{.Name}}", id[..12].trim()]),
            "/work\n"
        );
        docker.refused(
            &["rmi", HELPER_NAME],
            "is using its referenced image b33d9f2e7c92",
        );
        docker.refused(&["start", "work"], "no execution backend is configured");
        assert_eq!(docker.run(&["rm", "work"]), "work\n");
        docker.refused(&["rm", "work"], "o such container: work");
        docker.refused(&["container", "inspect", "work"], "o such container: work");
    });
}

/// It creates the container, and reports why it cannot start.
#[test]
fn run() {
    each(|docker| {
        let run = ["run", "--detach", HELPER_NAME, "true"];
        docker.refused(&run, "no execution backend is configured");
    });
}
