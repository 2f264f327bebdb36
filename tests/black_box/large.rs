//! Archives far larger than the memory that a load may take.

use std::io::{self, Write};

use serde_json::json;
use sockerless_testkit::compress;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::digest::Hasher;
use sockerless_testkit::http::Sent;
use sockerless_testkit::image::{Image, Layer};
use sockerless_testkit::layout::{Blob, Layout, index};
use sockerless_testkit::sample::Expected;
use sockerless_testkit::tar::{Header, Tar};

use crate::SOCKERLESS;
use crate::outcome::{Faults, check, inspect, same, strings};

on_both_backends!(four_gibibytes, large_windows, many_layers);

/// The memory that a load may take, for every archive.
pub(crate) const MEMORY: u64 = 64 << 20;

const LAYERS: u64 = 4;
/// More than 4 GiB in all.
const FILE: u64 = (1 << 30) + (1 << 20);
const BLOCK: usize = 1 << 20;

/// Cheap noise: one block with a counter in it.
struct Noise {
    block: Vec<u8>,
    count: u64,
}

impl Noise {
    fn new() -> Self {
        let mut state = 42_u64;
        let block = std::iter::repeat_with(|| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        });
        Self {
            block: block.take(BLOCK).collect(),
            count: 0,
        }
    }

    fn next(&mut self) -> &[u8] {
        self.count += 1;
        self.block[..8].copy_from_slice(&self.count.to_le_bytes());
        &self.block
    }
}

/// The layers are hashed while they are sent; config and manifest come last.
fn four_gibibytes(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let (told, heard) = std::sync::mpsc::sync_channel(1);
    let (response, sent) = daemon.load_stream(move |wire| {
        let mut noise = Noise::new();
        let mut diff_ids = Vec::new();
        for n in 0..LAYERS {
            diff_ids.push(layer(wire, &mut noise, n)?);
        }
        let config = json!({
            "architecture": "amd64", "os": "linux",
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let paths: Vec<String> = (0..LAYERS).map(|n| format!("{n}/layer.tar")).collect();
        let manifest = json!([{"Config": "c.json", "RepoTags": ["large:1"], "Layers": paths}]);
        told.send(diff_ids).map_err(io::Error::other)?;
        let end = Tar::new().file("c.json", config.to_string());
        wire.write_all(&end.file("manifest.json", manifest.to_string()).finish())
    });
    assert_eq!(
        (response.status, sent),
        (200, Sent::Whole),
        "{}",
        response.text()
    );
    let inspected = inspect(&daemon, "large:1").unwrap();
    assert_eq!(
        strings(&inspected["RootFS"]["Layers"]),
        heard.recv().unwrap()
    );
    assert_eq!(inspected["Size"], LAYERS * FILE);
    let peak = daemon.peak_memory();
    assert!(peak < MEMORY, "{peak} bytes of memory at the most");
}

/// One layer: a tar of one file of noise. Returns its digest.
fn layer(wire: &mut dyn Write, noise: &mut Noise, n: u64) -> io::Result<String> {
    let end = [0; 1024];
    let size = 512 + FILE + end.len() as u64;
    wire.write_all(&Header::new(b'0', &format!("{n}/layer.tar"), size).block())?;
    let mut hasher = Hasher::default();
    let mut write = |bytes: &[u8]| {
        hasher.update(bytes);
        wire.write_all(bytes)
    };
    write(&Header::new(b'0', "noise", FILE).block())?;
    for _ in 0..FILE / BLOCK as u64 {
        write(noise.next())?;
    }
    write(&end)?;
    Ok(hasher.finish())
}

/// Compressed data may require a window larger than the whole memory: it is refused or it fits.
fn large_windows(backend: Backend) {
    let image = {
        let mut noise = Noise::new();
        let content = noise.next().repeat(100);
        let layer = Layer {
            tar: Tar::new().file("repeats", content).finish(),
        };
        Image::with_layers("window", vec![layer])
    };
    let archive = image.docker_archive(&["window:1"]).finish();
    let mut faults = Faults::default();
    for (case, must_load, body) in [
        (
            "zstd, 8 MiB",
            true,
            compress::zstd_with_window(&archive, 23),
        ),
        (
            "zstd, 128 MiB",
            false,
            compress::zstd_with_window(&archive, 27),
        ),
        (
            "xz, 8 MiB",
            true,
            compress::xz_with_dictionary(&archive, 8 << 20),
        ),
        (
            "xz, 64 MiB",
            false,
            compress::xz_with_dictionary(&archive, 64 << 20),
        ),
    ] {
        let daemon = Daemon::start(SOCKERLESS, backend);
        let response = daemon.load(&body);
        let peak = daemon.peak_memory();
        faults.note(
            case,
            same(
                &format!("{peak} bytes are below the bound"),
                peak < MEMORY,
                true,
            ),
        );
        let expected = Expected::new(&image, &["window:1"]);
        let result = match response.status {
            500 if !must_load => {
                let message = response.message();
                same(
                    &format!("{message:?} speaks of the window"),
                    message.contains("window"),
                    true,
                )
            }
            _ => check(&daemon, &response, &[expected]),
        };
        faults.note(case, result);
    }
    faults.finish();
}

/// Layers through zstd with the window of `zstd -19`, many at once in one archive.
fn many_layers(backend: Backend) {
    let layers: Vec<Layer> = (0..120)
        .map(|n| Layer::with_file(&format!("{n}"), "many\n"))
        .collect();
    let image = Image::with_layers("many layers", layers);
    let mut layout = Layout::new();
    let manifest = layout.image(&image, Blob::Zstd);
    let daemon = Daemon::start(SOCKERLESS, backend);
    let response = daemon.load(&layout.finish(&index(&[manifest])).finish());
    assert_eq!(response.status, 200, "{}", response.text());
    assert_eq!(
        strings(&inspect(&daemon, &image.id()).unwrap()["RootFS"]["Layers"]),
        image.diff_ids()
    );
    let peak = daemon.peak_memory();
    assert!(peak < MEMORY, "{peak} bytes of memory at the most");
}
