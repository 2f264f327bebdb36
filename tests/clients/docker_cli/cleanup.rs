//! `docker image prune`, `container prune`, `system prune`.

use super::{Docker, each};
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME};

/// Moves the name of the base image, which dangles then.
fn untag_base(docker: &Docker) {
    docker.run(&["tag", HELPER, BASE_NAME]);
}

#[test]
fn dangling_images() {
    each(|docker| {
        assert_eq!(
            docker.run(&["image", "prune", "-f"]),
            "Total reclaimed space: 0B\n"
        );
        untag_base(docker);
        let dangling = ["images", "-q", "--no-trunc", "--filter", "dangling=true"];
        assert_eq!(docker.lines(&dangling), [BASE]);
        let lines = docker.lines(&["image", "prune", "-f"]);
        assert_eq!(lines[..2], ["Deleted Images:", &format!("deleted: {BASE}")]);
        assert!(
            lines.last().unwrap().starts_with("Total reclaimed space: "),
            "{lines:?}"
        );
        assert_eq!(docker.lines(&["images", "-q", "--no-trunc"]).len(), 2);
    });
}

#[test]
fn unused_images() {
    each(|docker| {
        docker.run(&["create", "--name", "user", BASE_NAME, "true"]);
        let none = docker.run(&["image", "prune", "-af", "--filter", "label=nosuch"]);
        assert_eq!(none, "Total reclaimed space: 0B\n");
        let lines = docker.lines(&["image", "prune", "-af"]);
        assert!(
            lines.contains(&format!("untagged: {HELPER_NAME}")),
            "{lines:?}"
        );
        assert!(lines.contains(&format!("deleted: {HELPER}")), "{lines:?}");
        assert_eq!(docker.lines(&["images", "-q", "--no-trunc"]), [BASE]);
    });
}

#[test]
fn containers() {
    each(|docker| {
        let id = docker.run(&["create", HELPER_NAME]);
        let lines = docker.lines(&["container", "prune", "-f"]);
        assert_eq!(lines[..2], ["Deleted Containers:", id.trim_end()]);
        assert_eq!(docker.run(&["ps", "-aq"]), "");
        let none = docker.run(&["container", "prune", "-f"]);
        assert_eq!(none, "Total reclaimed space: 0B\n");
    });
}

#[test]
fn everything() {
    each(|docker| {
        untag_base(docker);
        let id = docker.run(&["create", HELPER_NAME]);
        let lines = docker.lines(&["system", "prune", "-f"]);
        for line in ["Deleted Containers:", id.trim_end(), "Deleted Images:"] {
            assert!(
                lines.iter().any(|found| found == line),
                "{line} in {lines:?}"
            );
        }
        assert!(lines.contains(&format!("deleted: {BASE}")), "{lines:?}");
        let all = docker.lines(&["system", "prune", "-af"]);
        assert!(all.contains(&format!("deleted: {HELPER}")), "{all:?}");
        assert_eq!(docker.run(&["images", "-aq"]), "");
    });
}
