//! Data roots that were changed or damaged since the daemon left them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use sockerless_testkit::daemon::{Backend, Daemon, Launch};

use crate::SOCKERLESS;
use crate::fixtures;
use crate::outcome::visible;

fn launch(root: &Path) -> Launch {
    Launch::new(SOCKERLESS, Backend::Sqlite).with_data_root(root)
}

fn check(root: &Path, deep: bool) -> (ExitStatus, String) {
    let check = launch(root).command("check");
    match deep {
        true => check.argument("--deep").run(),
        false => check.run(),
    }
}

/// A daemon that has loaded something.
fn filled(root: &Path) -> Daemon {
    let daemon = launch(root).start();
    for fixture in fixtures::all() {
        assert_eq!(daemon.load(&fixture.bytes).status, 200, "{}", fixture.name);
    }
    daemon
}

/// Every file below `folder`: its size, the sum of its bytes and its time of modification.
fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, u64, i64)> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let (path, facts) = entry.map(|it| (it.path(), it.metadata().unwrap())).unwrap();
            if facts.is_dir() {
                folders.push(path);
                continue;
            }
            let sum = fs::read(&path).unwrap().iter().map(|b| u64::from(*b)).sum();
            found.insert(path, (facts.len(), sum, facts.mtime_nsec()));
        }
    }
    found
}

fn blobs(root: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(root.join("content/blobs/sha256")).unwrap();
    let mut blobs: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    blobs.sort();
    blobs
}

/// Whatever happens to the state's file, no daemon treats it as a state without images.
#[test]
fn a_state_that_is_lost_or_damaged_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    filled(root).stop();
    let other = tempfile::tempdir().unwrap();
    launch(other.path()).start().stop();

    let state = root.join("state.sqlite");
    let whole = fs::read(&state).unwrap();
    let before = blobs(root);
    assert!(!before.is_empty());
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = whole.clone();
        change(&mut bytes);
        Some(bytes)
    };
    let middle = |bytes: &mut Vec<u8>| {
        let page = bytes.len() / 4096 / 2 * 4096;
        bytes[page..page + 4096].fill(0xa5);
    };
    for (what, bytes, said) in [
        ("deleted", None, "is missing, and"),
        ("emptied", Some(Vec::new()), "is empty, and"),
        ("cut", with(&|b| b.truncate(b.len() / 2)), "is damaged"),
        ("cut in a page", with(&|b| b.truncate(100)), "state.sqlite"),
        ("zeros", with(&|b| b.fill(0)), "holds no sockerless state"),
        (
            "no header",
            with(&|b| b[..16].fill(b'x')),
            "holds no sockerless state",
        ),
        ("a page", with(&middle), "is damaged"),
        (
            "text",
            Some(b"hello ".repeat(1000)),
            "holds no sockerless state",
        ),
        (
            "another",
            Some(fs::read(other.path().join("state.sqlite")).unwrap()),
            "is not the one of this data root",
        ),
    ] {
        match &bytes {
            Some(bytes) => fs::write(&state, bytes).unwrap(),
            None => fs::remove_file(&state).unwrap(),
        }
        let (status, table) = check(root, false);
        assert!(!status.success(), "{what}: {table}");
        assert!(table.contains(said), "{what}: {table}");
        let (status, log) = launch(root).run();
        assert_eq!(status.code(), Some(1), "{what}: {log}");
        assert!(log.contains(said), "{what}: {log}");
        assert!(
            log.contains("backup") || log.contains("remove"),
            "{what}: {log}"
        );
        assert_eq!(blobs(root), before, "{what}");
        for left in ["state.sqlite-wal", "state.sqlite-shm"] {
            // Files that SQLite made beside a refused one.
            drop(fs::remove_file(root.join(left)));
        }
    }
    fs::write(&state, &whole).unwrap();
    let daemon = launch(root).start();
    assert_ne!(visible(&daemon).1, 0, "the right file is taken");
}

/// A check changes nothing: neither a missing data root, nor an intact one, nor one that a crash
/// left with a log, nor one in use.
#[test]
fn a_check_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("data");
    let (status, table) = check(&root, true);
    assert!(status.success(), "{table}");
    assert!(!root.exists());

    let daemon = filled(&root);
    for deep in [false, true] {
        let (status, table) = check(&root, deep);
        assert!(status.success(), "{table}");
        assert!(table.contains("in use by a running daemon"), "{table}");
    }
    daemon.crash();
    let log = root.join("state.sqlite-wal");
    assert!(
        fs::metadata(&log).unwrap().len() > 0,
        "a crash leaves a log"
    );
    for stop in [true, false] {
        let before = files(&root);
        for deep in [false, true] {
            let (status, table) = check(&root, deep);
            assert!(status.success(), "{table}");
            assert!(!table.contains("INFO"), "{table}");
            assert!(!table.contains(" 0 images"), "{table}");
        }
        assert_eq!(files(&root), before);
        if stop {
            launch(&root).start().stop();
        }
    }
}

#[test]
fn a_deep_check_reads_every_blob_and_document() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path();
    filled(root).stop();
    let (status, table) = check(root, true);
    assert!(status.success(), "{table}");
    let blobs = blobs(root);
    assert!(
        table.contains(&format!("{} blobs read", blobs.len())),
        "{table}"
    );

    let damaged = &blobs[0];
    let mut bytes = fs::read(damaged).unwrap();
    bytes[0] ^= 1;
    fs::write(damaged, bytes).unwrap();
    fs::remove_file(&blobs[1]).unwrap();
    fs::write(root.join("content/blobs/sha256/README"), "x").unwrap();
    let digest = |path: &Path| format!("sha256:{}", path.file_name().unwrap().to_str().unwrap());
    let (status, table) = check(root, false);
    assert!(
        status.success(),
        "nothing of it shows without reading all: {table}"
    );
    let (status, table) = check(root, true);
    assert_eq!(status.code(), Some(1), "{table}");
    for words in [
        &format!("blob {} is damaged on disk", digest(damaged)),
        &format!("blob {} is missing", digest(&blobs[1])),
        "needed by fixture/",
        "README is not a blob",
        "to do: load or pull the image again",
    ] {
        assert!(table.contains(words), "{words}: {table}");
    }
}

#[test]
fn a_data_root_that_others_can_change_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let real = folder.path().join("real");
    fs::create_dir(&real).unwrap();
    let link = folder.path().join("link");
    symlink(&real, &link).unwrap();
    let open = folder.path().join("open");
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    for (path, said) in [
        (&link, "is a symbolic link to"),
        (&open, "chmod go-w"),
        (&file, "is a file: name a folder"),
    ] {
        let (status, log) = launch(path).run();
        assert_eq!(status.code(), Some(1), "{log}");
        assert!(log.contains(said), "{log}");
    }
    assert_eq!(fs::read_dir(&real).unwrap().count(), 0);
    assert_eq!(fs::read_dir(&open).unwrap().count(), 0);
}

/// With every umask of the daemon.
#[test]
fn what_is_kept_is_for_the_user_alone() {
    let root = tempfile::tempdir().unwrap();
    let daemon = filled(&root.path().join("data"));
    for (path, _) in files(root.path()) {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    drop(daemon);
}
