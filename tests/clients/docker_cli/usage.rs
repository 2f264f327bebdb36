//! `docker system df`, `volume ls`, `network ls`, `info`.

use super::{columns, each};
use crate::{BASE_NAME, HELPER_NAME};

#[test]
fn summary() {
    each(|docker| {
        docker.run(&["create", HELPER_NAME]);
        let table = docker.run(&["system", "df"]);
        let table = columns(&table);
        assert_eq!(table[1][..4], ["Images", "2", "1", "27.54kB"], "{table:?}");
        assert_eq!(table[2][..4], ["Containers", "1", "0", "0B"], "{table:?}");
        assert_eq!(
            table[3][..4],
            ["Local Volumes", "0", "0", "0B"],
            "{table:?}"
        );
        assert_eq!(table[4][..4], ["Build Cache", "0", "0", "0B"], "{table:?}");
        let format = "{{.Type}} {{.TotalCount}} {{.Reclaimable}}";
        let lines = docker.lines(&["system", "df", "--format", format]);
        // What an image shares with others counts as reclaimable, though it is in use.
        assert_eq!(lines[0], "Images 2 27.02kB (98%)");
    });
}

#[test]
fn verbose() {
    each(|docker| {
        docker.run(&["create", "--name", "user", BASE_NAME, "true"]);
        let text = docker.run(&["system", "df", "-v"]);
        let table = columns(&text);
        let row = |name: &str| table.iter().find(|row| row.contains(&name)).unwrap();
        let helper = row("fixture/helper");
        // Shared, unique, containers.
        assert_eq!(helper[5..], ["27.02kB", "517B", "0"], "{text}");
        let base = row("fixture/base");
        assert_eq!(base[5..], ["27.02kB", "0B", "1"], "{text}");
        let user = row("user");
        assert_eq!(user[1..3], [BASE_NAME, "\"true\""], "{text}");
    });
}

#[test]
fn what_there_is_none_of() {
    each(|docker| {
        assert_eq!(docker.run(&["volume", "ls", "-q"]), "");
        assert_eq!(columns(&docker.run(&["volume", "ls"])).len(), 1);
        docker.run(&["network", "ls"]);
        let info = docker.run(&[
            "info",
            "-f",
            "{{.Images}} {{.Containers}} {{.ContainersStopped}}",
        ]);
        assert_eq!(info, "2 0 0\n");
    });
}
