//! The `docker` command line against the daemon.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::image::Image;
use sockerless_testkit::tool::DOCKER;

use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(
    load_tag_inspect,
    load_from_standard_input,
    load_failure,
    list,
    version_and_info
);

const HELPER: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";

/// A daemon and a `docker` command with a configuration of its own.
pub(crate) struct Docker {
    pub(crate) daemon: Daemon,
    config: tempfile::TempDir,
}

impl Docker {
    fn new(backend: Backend) -> Self {
        Self::with(Daemon::start(SOCKERLESS, backend))
    }

    /// For a running daemon.
    pub(crate) fn with(daemon: Daemon) -> Self {
        let config = tempfile::tempdir().unwrap();
        Self { daemon, config }
    }

    /// The file in which `docker login` keeps credentials; empty when there is none.
    pub(crate) fn config_file(&self) -> String {
        std::fs::read_to_string(self.config.path().join("config.json")).unwrap_or_default()
    }

    /// Runs it and returns its standard error; it must fail.
    pub(crate) fn fail(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments, Stdio::null());
        let stdout = String::from_utf8_lossy(&output.stdout);
        assert!(
            !output.status.success(),
            "docker {arguments:?}: {stdout}\n{}",
            self.daemon.log()
        );
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = DOCKER.command();
        command.arg("-H").arg(self.daemon.host()).args(arguments);
        command
            .env("DOCKER_CONFIG", self.config.path())
            .env("HOME", self.config.path());
        for variable in [
            "DOCKER_HOST",
            "DOCKER_CONTEXT",
            "DOCKER_API_VERSION",
            "DOCKER_TLS_VERIFY",
        ] {
            command.env_remove(variable);
        }
        command
    }

    fn output(&self, arguments: &[&str], stdin: Stdio) -> Output {
        DOCKER.output(self.command(arguments).stdin(stdin))
    }

    /// Its standard output; it must succeed.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        self.success(arguments, Stdio::null())
    }

    fn success(&self, arguments: &[&str], stdin: Stdio) -> String {
        let output = self.output(arguments, stdin);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "docker {arguments:?}: {stderr}\n{}",
            self.daemon.log()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn load(&self, path: &Path) -> String {
        self.run(&["load", "-i", path.to_str().unwrap()])
    }
}

fn load_tag_inspect(backend: Backend) {
    let docker = Docker::new(backend);
    let loaded = docker.load(&fixtures::path("docker-20.10-tagged.tar"));
    let lines: Vec<&str> = loaded.lines().collect();
    assert_eq!(
        lines,
        [
            "Loaded image: fixture/helper:x86_64-v18.1",
            "Loaded image: registry.example.com:5000/group/helper:v18",
            &format!("Loaded image ID: {HELPER}"),
        ]
    );
    assert_eq!(
        docker.run(&[
            "tag",
            "fixture/helper:x86_64-v18.1",
            "example.com/tagged:cli"
        ]),
        ""
    );
    assert_eq!(docker.run(&["tag", &HELPER[7..19], "by-id"]), "");
    for name in ["example.com/tagged:cli", "by-id", HELPER, &HELPER[7..19]] {
        let id = docker.run(&["image", "inspect", "-f", "{{.Id}}", name]);
        assert_eq!(id.trim(), HELPER, "{name}");
    }
    let inspected = docker.run(&["image", "inspect", "by-id"]);
    let inspected: serde_json::Value = serde_json::from_str(&inspected).unwrap();
    assert_eq!(
        inspected[0]["Config"]["Cmd"],
        serde_json::json!(["gitlab-runner-build"])
    );
    let missing = docker.output(&["image", "inspect", "nosuch"], Stdio::null());
    assert!(!missing.status.success());
    let stderr = String::from_utf8_lossy(&missing.stderr).to_lowercase();
    // Older CLIs print the given name, newer ones the daemon's message.
    assert!(stderr.contains("no such image: nosuch"), "{stderr}");
}

fn load_from_standard_input(backend: Backend) {
    let docker = Docker::new(backend);
    let file = File::open(fixtures::path("gitlab-runner-helper.docker.tar.zst")).unwrap();
    let loaded = docker.success(&["load"], file.into());
    let id = "sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd";
    assert_eq!(loaded.trim(), format!("Loaded image ID: {id}"));
    let file = File::open(fixtures::path("podman-4.3-oci-archive.tar")).unwrap();
    let loaded = docker.success(&["load", "-q"], file.into());
    let name = "Loaded image: localhost/fixture/helper:x86_64-v18.1";
    assert_eq!(
        loaded.lines().collect::<Vec<_>>(),
        [name, &format!("Loaded image ID: {id}")]
    );
    let path = fixtures::path("podman-4.3-multi-platform-oci-archive.tar");
    let path = path.to_str().unwrap();
    let one_platform = ["load", "--platform", "linux/arm64", "-i", path];
    if docker.run(&["load", "--help"]).contains("--platform") {
        let loaded = docker.run(&one_platform);
        assert!(loaded.contains("595b19eef05d"), "{loaded}");
    } else {
        let refused = docker.output(&one_platform, Stdio::null());
        assert!(String::from_utf8_lossy(&refused.stderr).contains("unknown flag: --platform"));
    }
}

fn load_failure(backend: Backend) {
    let docker = Docker::new(backend);
    let archive = docker.config.path().join("broken.tar");
    let mut bytes = Image::sample("broken", 1)
        .docker_archive(&["broken:1"])
        .finish();
    bytes.truncate(3_000);
    std::fs::write(&archive, bytes).unwrap();
    let output = docker.output(&["load", "-i", archive.to_str().unwrap()], Stdio::null());
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("layer.tar"), "{stderr}");
    assert_eq!(docker.run(&["images", "-q"]), "");
}

fn list(backend: Backend) {
    let docker = Docker::new(backend);
    docker.load(&fixtures::path("docker-20.10-two-images.tar"));
    docker.load(&fixtures::path("skopeo-1.9-docker-archive-untagged.tar"));
    let format = "{{.Repository}}:{{.Tag}} {{.ID}}";
    let images = docker.run(&["images", "--no-trunc", "--format", format]);
    let mut images: Vec<&str> = images.lines().collect();
    images.sort_unstable();
    assert_eq!(
        images,
        [
            "<none>:<none> sha256:36d6ba6089d119774988fdafb12a863bcc7b4007aea71d6026581a0b92c6b4fd",
            "fixture/base:1 sha256:73ed4e88b05f31f66a0daf462ca68c6883939a00d76881821a680d2e93691daf",
            &format!("fixture/helper:x86_64-v18.1 {HELPER}"),
        ]
    );
    let table = docker.run(&["image", "ls", "--digests"]);
    let header: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(
        header,
        [
            "REPOSITORY",
            "TAG",
            "DIGEST",
            "IMAGE",
            "ID",
            "CREATED",
            "SIZE"
        ]
    );
    assert_eq!(table.lines().count(), 4, "{table}");
    let row = table
        .lines()
        .find(|row| row.starts_with("fixture/base"))
        .unwrap();
    let row: Vec<&str> = row.split_whitespace().collect();
    assert_eq!(row[1..4], ["1", "<none>", "73ed4e88b05f"], "{table}");
}

fn version_and_info(backend: Backend) {
    let docker = Docker::new(backend);
    let version = docker.run(&[
        "version",
        "--format",
        "{{.Server.APIVersion}} {{.Server.Os}}",
    ]);
    assert_eq!(version.trim(), "1.55 linux");
    docker.load(&fixtures::path("docker-29-graphdriver.tar"));
    let info = docker.run(&[
        "info",
        "--format",
        "{{.Images}} {{.OSType}} {{.Containers}}",
    ]);
    assert_eq!(info.trim(), "1 linux 0");
}
