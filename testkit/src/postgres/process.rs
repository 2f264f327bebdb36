//! Ends the processes of a server, in order or as a crash.

use std::fs;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long processes may take to react to a signal.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a signal to a server and waits until it has ended; `None` when it does not end.
pub(super) fn end(child: &mut Child, signal: Signal) -> Option<ExitStatus> {
    // One that has ended already needs no signal.
    let _gone = kill_process(Pid::from_child(child), signal);
    wait(|| child.try_wait().expect("a child can be waited for"))
}

/// Kills a server and the processes it started. None of them can do anything more, not even notice
/// the end of the others.
///
/// # Panics
/// When one of them cannot be killed.
pub(super) fn kill(child: &mut Child) {
    let server = Pid::from_child(child);
    // A stopped process starts no others.
    let _gone = kill_process(server, Signal::STOP);
    let stopped = wait(|| matches!(state(server), None | Some('T' | 'Z')).then_some(()));
    assert!(stopped.is_some(), "{server:?} does not stop");
    let started = children(server);
    for process in &started {
        let _gone = kill_process(*process, Signal::KILL);
    }
    for process in started {
        let ended = wait(|| (!runs(process)).then_some(()));
        assert!(ended.is_some(), "{process:?} does not end");
    }
    let ended = end(child, Signal::KILL);
    assert!(ended.is_some(), "{server:?} does not end");
}

/// Frees the shared memory of a server that was killed; its number is in the seventh line of what
/// the server left in `postmaster.pid`. It would stay until the machine is restarted.
pub(super) fn free_shared_memory(lock: &str) {
    let line = lock.lines().nth(6);
    if let Some(number) = line.and_then(|line| line.split_whitespace().nth(1)) {
        // It may be freed already.
        let _output = Command::new("ipcrm").args(["--shmem-id", number]).output();
    }
}

/// The processes that this one started and that still exist.
pub(super) fn children(parent: Pid) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers
        .filter_map(Pid::from_raw)
        .filter(|process| {
            let parents = stat(*process).and_then(|stat| stat.get(1)?.parse().ok());
            parents == Some(parent.as_raw_nonzero().get())
        })
        .collect()
}

/// Whether it exists and has not ended.
pub(super) fn runs(process: Pid) -> bool {
    !matches!(state(process), None | Some('Z'))
}

/// `T` when it is stopped, `Z` when it has ended and was not waited for; `None` when it is gone.
fn state(process: Pid) -> Option<char> {
    stat(process)?.first()?.chars().next()
}

/// The kernel's fields of a process after its name: its state, its parent and more.
fn stat(process: Pid) -> Option<Vec<String>> {
    let path = format!("/proc/{}/stat", process.as_raw_nonzero());
    let stat = fs::read_to_string(path).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// Calls `ask` until it returns a value; `None` after the timeout.
fn wait<T>(mut ask: impl FnMut() -> Option<T>) -> Option<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return Some(answer);
        }
        if Instant::now() >= deadline {
            return None;
        }
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
