//! Starts a dockerd in namespaces of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::http::{Address, Connection, Request, Response};
use crate::log::Log;
use crate::tool::{DOCKERD, SUDO, UNSHARE};

/// How long a dockerd may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// What runs first in namespaces of its own. The machine's `/run` is hidden: dockerd would use a
/// containerd that it finds there. When standard input ends, which it does when the test ends in
/// any way, dockerd is killed; with this process, the first of its namespace, the kernel ends all
/// others: the containerd of dockerd too. The mounts go with their namespace.
const FIRST_PROCESS: &str = r#"
set -e
mount -t tmpfs tmpfs /run
exec 3<&0
"$@" </dev/null 3<&- &
dockerd=$!
{ cat <&3 >/dev/null; kill -KILL $dockerd; } &
wait $dockerd
"#;

/// A running dockerd with a socket and a data root of its own, no network and no containers. It
/// ends when this is dropped. It needs root, and is started through `sudo -n` otherwise.
#[derive(Debug)]
pub struct Dockerd {
    folder: TempDir,
    child: Child,
    log: Log,
}

impl Dockerd {
    /// Starts one and waits until it responds.
    ///
    /// # Panics
    /// When it is not installed, may not be started, ends or stays silent; with its output.
    #[must_use]
    pub fn start() -> Self {
        if let Err(error) = std::fs::metadata(DOCKERD.program) {
            DOCKERD.is_missing(&error);
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(config(folder.path()), configuration(folder.path()))
            .expect("a file in a temporary folder");
        let (tool, mut command) = command(folder.path());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| tool.is_missing(&error));
        let mut log = Log::default();
        log.follow(child.stdout.take().expect("a pipe"));
        log.follow(child.stderr.take().expect("a pipe"));
        let mut dockerd = Self { folder, child, log };
        dockerd.wait_until_ready();
        dockerd
    }

    /// Its Unix socket.
    #[must_use]
    pub fn address(&self) -> Address {
        Address::Unix(socket(self.folder.path()))
    }

    /// Sends one request on a connection of its own.
    ///
    /// # Panics
    /// When there is no complete response; with dockerd's output.
    #[must_use]
    pub fn request(&self, request: &Request) -> Response {
        Connection::open(&self.address())
            .and_then(|mut connection| connection.exchange(request))
            .unwrap_or_else(|error| {
                let head = String::from_utf8_lossy(&request.head_bytes()).into_owned();
                panic!("{head}: {error}\n{}", self.log.text())
            })
    }

    fn wait_until_ready(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        let ping = Request::get("/_ping");
        loop {
            let answer = Connection::open(&self.address()).and_then(|mut it| it.exchange(&ping));
            if answer.is_ok_and(|response| response.status == 200) {
                return;
            }
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                panic!("dockerd ended: {status}\n{}", self.log.text());
            }
            assert!(
                Instant::now() < deadline,
                "dockerd is silent\n{}",
                self.log.text()
            );
            std::thread::park_timeout(Duration::from_millis(5));
        }
    }
}

impl Drop for Dockerd {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _status = self.child.wait();
        if !is_root() {
            // Its remaining files belong to root, and only root can remove them.
            let _removed = as_root()
                .args(["rm", "-rf", "--"])
                .arg(self.folder.path())
                .status();
        }
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join("docker.sock")
}

fn config(folder: &Path) -> PathBuf {
    folder.join("daemon.json")
}

/// Instead of the machine's `/etc/docker/daemon.json` and `/etc/docker/key.json`.
fn configuration(folder: &Path) -> Vec<u8> {
    let key = folder.join("key.json");
    crate::image::bytes(&serde_json::json!({"deprecated-key-path": key}))
}

fn command(folder: &Path) -> (crate::tool::Tool, Command) {
    let (tool, mut command) = if is_root() {
        (UNSHARE, Command::new("env"))
    } else {
        let mut command = as_root();
        command.arg("env");
        (SUDO, command)
    };
    command
        .args(["-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"])
        // It would decompress with pigz where that is installed, and report other errors.
        .arg("MOBY_DISABLE_PIGZ=1")
        .arg(UNSHARE.program)
        .args(["--mount", "--pid", "--cgroup", "--fork", "--mount-proc"])
        .args(["sh", "-c", FIRST_PROCESS, "sh"])
        .arg(DOCKERD.program)
        .arg("--config-file")
        .arg(config(folder))
        .arg("--data-root")
        .arg(folder.join("data"))
        .arg("--exec-root")
        .arg(folder.join("exec"))
        .arg("--pidfile")
        .arg(folder.join("pid"))
        .arg("--host")
        .arg(format!("unix://{}", socket(folder).display()))
        .arg(format!("--group={}", rustix::process::getgid().as_raw()))
        .args(["--storage-driver=vfs", "--bridge=none"])
        .args(["--iptables=false", "--ip6tables=false"]);
    (tool, command)
}

fn as_root() -> Command {
    let mut command = Command::new(SUDO.program);
    command.arg("-n");
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
