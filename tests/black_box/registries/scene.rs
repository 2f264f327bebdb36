//! Shared parts of the tests of registries.

use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Request, Response};
use sockerless_testkit::image::{Image, Layer};
use sockerless_testkit::layout::{Blob, Layout, index, named};
use sockerless_testkit::tar::Tar;

use crate::SOCKERLESS;
use crate::outcome::strings;

/// A launch of a daemon that stages in the repository `staging` of `host`. Its temporary files are
/// in its data root too, so that a test sees leftovers.
pub(super) fn launch(backend: Backend, host: &str) -> Launch {
    let launch = Launch::new(SOCKERLESS, backend);
    let data_root = launch.folder().join("data");
    std::fs::create_dir(&data_root).unwrap();
    launch
        .variable("TMPDIR", data_root)
        .argument("--staging")
        .argument(format!("{host}/staging"))
}

/// The same with SQLite and the content kept, started.
pub(super) fn staging_at(host: &str) -> Daemon {
    launch(Backend::Sqlite, host).start()
}

/// Loads as GitLab Runner and `docker load -q` do.
pub(super) fn load_quietly(daemon: &Daemon, archive: &[u8]) -> Response {
    daemon.request(&Request::post("/images/load?quiet=1").body(archive))
}

/// Loads an archive, which must succeed.
pub(super) fn load(daemon: &Daemon, archive: &[u8]) -> Response {
    let response = daemon.load(archive);
    assert_eq!(response.status, 200, "{}", response.text());
    let lines = response.lines();
    let error = lines.iter().find(|line| line.get("errorDetail").is_some());
    assert_eq!(error, None, "{}", response.text());
    response
}

/// The digest of the manifest that a load says it staged for the image with this ID.
pub(super) fn staged(loaded: &Response, host: &str, id: &str) -> Result<String, String> {
    let lines = loaded.lines();
    let aux = lines.iter().find(|line| line["aux"]["ID"] == id);
    let aux = aux.ok_or_else(|| format!("no aux for {id} in {}", loaded.text()))?;
    let digests = strings(&aux["aux"]["RepoDigests"]);
    match digests.as_slice() {
        [digest] => digest
            .strip_prefix(&format!("{host}/staging@"))
            .map(str::to_owned)
            .ok_or_else(|| format!("{digest} is not in {host}/staging")),
        _ => Err(format!("one repository digest expected: {digests:?}")),
    }
}

/// An image with one layer of 300 KB that no compression shortens.
pub(super) fn noisy(seed: &str) -> Image {
    let mut state = seed.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(300_000)
    .collect();
    let tar = Tar::new().file("noise", noise).finish();
    Image::with_layers(seed, vec![Layer { tar }])
}

/// An OCI archive of zstd layers, which are uploaded when everything has arrived and not before.
pub(super) fn zstd_archive(image: &Image, name: &str) -> Vec<u8> {
    let mut layout = Layout::new();
    let manifest = layout.image(image, Blob::Zstd);
    layout.finish(&index(&[named(manifest, name)])).finish()
}

/// A docker archive of [`noisy`], called `SEED:1`.
pub(super) fn noisy_archive(seed: &str) -> Vec<u8> {
    noisy(seed).docker_archive(&[&format!("{seed}:1")]).finish()
}

/// The message of the only error of a response: a status or, after 30 s of silence or any progress,
/// the last line. No line may report a loaded image.
pub(super) fn failure(response: &Response) -> String {
    let text = response.text();
    assert!(!text.contains("Loaded image"), "{text}");
    if response.status != 200 {
        return response.message();
    }
    let lines: Vec<serde_json::Value> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (last, before) = lines.split_last().expect("a line");
    assert!(
        before.iter().all(|line| line.get("errorDetail").is_none()),
        "one error: {text}"
    );
    assert_eq!(last["error"], last["errorDetail"]["message"], "{text}");
    last["error"].as_str().expect("an error").to_owned()
}
