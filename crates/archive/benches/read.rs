//! The stages of a load: decoding, walking, and the whole with hashing and writing.
#![allow(
    clippy::unwrap_used,
    reason = "what cannot be measured is a panic with its reason"
)]

use std::hint::black_box;
use std::io::Write as _;
use std::time::Duration;

use bytes::Bytes;
use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};
use serde_json::json;
use sockerless_archive::{Limits, Platform, ReadOptions, decode, read};
use sockerless_content::ContentStore;
use sockerless_reference::Digest;
use tar::{Builder, Header};

/// Bytes of the layer of a large archive.
const LAYER: usize = 32 << 20;

/// Bytes in which an archive arrives.
const CHUNK: usize = 64 * 1024;

/// Members of an archive without images.
const MEMBERS: usize = 15_000;

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(4))
        .configure_from_args();
    let archive = image(&text(LAYER));
    let compressed = [
        ("plain", archive.clone()),
        ("zstd", zstd::encode_all(&*archive, 9).unwrap()),
        ("gzip", gzip(&archive)),
        ("xz", xz(&archive)),
    ];

    let limits = Limits::default();
    let mut group = criterion.benchmark_group("decode");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Bytes(archive.len() as u64));
    for (name, bytes) in &compressed {
        let chunks = chunks(bytes);
        group.bench_function(*name, |bencher| {
            bencher.iter(|| {
                let decoded = decode(chunks.iter().cloned().map(Ok), &limits);
                let length: usize = decoded.unwrap().map(|it| it.unwrap().len()).sum();
                assert_eq!(black_box(length), archive.len());
            });
        });
    }
    group.finish();

    let mut group = criterion.benchmark_group("decode, hash and write");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Bytes(archive.len() as u64));
    for (name, bytes) in &compressed {
        let folder = tempfile::tempdir().unwrap();
        let content = ContentStore::open(folder.path()).unwrap();
        load(&mut group, name, &chunks(bytes), &content);
    }
    group.finish();

    let mut group = criterion.benchmark_group("walk");
    group.sampling_mode(SamplingMode::Flat);
    group.throughput(Throughput::Elements(MEMBERS as u64));
    let many = chunks(&many_members());
    load(
        &mut group,
        "small members",
        &many,
        &ContentStore::discarding(),
    );
    group.finish();
    criterion.final_summary();
}

/// Reads an archive without committing it.
fn load(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    chunks: &[Bytes],
    content: &ContentStore,
) {
    let (limits, preferred) = (Limits::default(), Platform::default());
    group.bench_function(name, |bencher| {
        bencher.iter(|| {
            let chunks = chunks.iter().cloned().map(Ok);
            let archive = read(chunks, content, &ReadOptions::new(&limits, &preferred));
            assert_eq!(black_box(archive.unwrap()).images.len(), 1);
        });
    });
}

fn chunks(bytes: &[u8]) -> Vec<Bytes> {
    bytes.chunks(CHUNK).map(Bytes::copy_from_slice).collect()
}

/// A docker archive of one image with this layer.
fn image(content: &[u8]) -> Vec<u8> {
    let mut layer = Builder::new(Vec::new());
    append(&mut layer, "file", content);
    let mut archive = Builder::new(Vec::new());
    finish(&mut archive, &layer.into_inner().unwrap());
    archive.into_inner().unwrap()
}

/// As [`image`], with many members that no image needs.
fn many_members() -> Vec<u8> {
    let mut archive = Builder::new(Vec::new());
    for number in 0..MEMBERS {
        append(&mut archive, &format!("file{number}"), b"x");
    }
    let mut layer = Builder::new(Vec::new());
    append(&mut layer, "file", b"x");
    finish(&mut archive, &layer.into_inner().unwrap());
    archive.into_inner().unwrap()
}

fn finish(archive: &mut Builder<Vec<u8>>, layer: &[u8]) {
    append(archive, "layer.tar", layer);
    let rootfs = json!({"type": "layers", "diff_ids": [Digest::of(layer).to_string()]});
    let config = json!({"architecture": "amd64", "os": "linux", "rootfs": rootfs});
    append(archive, "config.json", config.to_string().as_bytes());
    let manifest = json!([{"Config": "config.json", "RepoTags": [], "Layers": ["layer.tar"]}]);
    append(archive, "manifest.json", manifest.to_string().as_bytes());
}

fn append(tar: &mut Builder<Vec<u8>>, name: &str, bytes: &[u8]) {
    let mut header = Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, name, bytes).unwrap();
}

/// Bytes that compress about as well as programs do: words of a small vocabulary, and noise.
fn text(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(length + 16);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        match state % 4 {
            0 => bytes.extend(state.to_le_bytes()),
            _ => bytes.extend(((state >> 32) % 500).to_string().repeat(4).bytes()),
        }
    }
    bytes.truncate(length);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut xz = liblzma::write::XzEncoder::new(Vec::new(), 1);
    xz.write_all(bytes).unwrap();
    xz.finish().unwrap()
}
