//! The socket and the data root at the start.

use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;

use sockerless_testkit::daemon::{Backend, Daemon, Launch};

use crate::SOCKERLESS;

on_both_backends!(
    socket_mode,
    stale_socket,
    socket_in_use,
    a_file_in_the_way,
    data_root_after_a_crash,
);

fn socket_mode(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let metadata = std::fs::metadata(daemon.socket()).unwrap();
    assert!(metadata.file_type().is_socket());
    assert_eq!(metadata.permissions().mode() & 0o777, 0o660);
}

/// A socket without a listener is replaced.
fn stale_socket(backend: Backend) {
    let launch = Launch::new(SOCKERLESS, backend);
    let socket = launch.folder().join("sockerless.sock");
    drop(UnixListener::bind(&socket).unwrap());
    assert!(socket.exists());
    assert_eq!(launch.start().get("/_ping").text(), "OK");
}

/// A socket with a listener is not.
fn socket_in_use(backend: Backend) {
    let launch = Launch::new(SOCKERLESS, backend);
    let socket = launch.folder().join("sockerless.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    let (status, log) = launch.run_keeping(|folder| {
        assert!(
            folder.join("sockerless.sock").exists(),
            "the other's socket stays"
        );
    });
    assert!(!status.success());
    assert!(log.contains("sockerless.sock"), "{log}");
    drop(listener);
}

fn a_file_in_the_way(backend: Backend) {
    let launch = Launch::new(SOCKERLESS, backend);
    std::fs::write(launch.folder().join("sockerless.sock"), "precious").unwrap();
    let (status, log) = launch.run_keeping(|folder| {
        let content = std::fs::read_to_string(folder.join("sockerless.sock")).unwrap();
        assert_eq!(content, "precious");
    });
    assert!(!status.success());
    assert!(log.contains("sockerless.sock"), "{log}");
}

/// Only one daemon uses a data root. Without files on disk there is none to lock.
#[test]
fn data_root_in_use() {
    let first = Daemon::start(SOCKERLESS, Backend::Sqlite);
    let second = Launch::new(SOCKERLESS, Backend::Sqlite).with_data_root(&first.data_root());
    let (status, log) = second.run();
    assert!(!status.success());
    let root = first.data_root();
    assert!(
        log.contains(root.to_str().unwrap()),
        "it names the data root: {log}"
    );
    assert!(!log.contains("panicked"), "{log}");
    assert_eq!(first.get("/_ping").text(), "OK");
}

fn data_root_after_a_crash(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend).crash_and_restart();
    assert_eq!(daemon.get("/_ping").text(), "OK");
}
