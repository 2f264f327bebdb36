//! Archives that require too many resources: refused, and with little memory.

use std::io::{self, Read as _, Write};

use serde_json::json;
use sockerless_testkit::compress::{self, Compression};
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::http::{Response, Sent};
use sockerless_testkit::image::Image;
use sockerless_testkit::tar::{Header, Tar, padded};

use crate::SOCKERLESS;
use crate::large::MEMORY;
use crate::outcome::visible;

on_both_backends!(
    gnu_long_name,
    gnu_long_link,
    pax_records,
    global_pax_records,
    many_headers,
    manifest,
    config,
    compressed_archive,
    compressed_layer,
    empty_streams,
    many_streams,
    holes,
    nested_json,
);

const GIB: u64 = 1 << 30;

/// Refused with a message that names the limit, and in little memory.
fn refused(
    backend: Backend,
    told: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
) -> Sent {
    let (response, sent) = attempt(backend, write);
    assert_eq!(response.status, 500, "{}", response.text());
    assert!(response.message().contains(told), "{}", response.message());
    sent
}

fn attempt(
    backend: Backend,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send,
) -> (Response, Sent) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let answer = daemon.load_stream(write);
    let peak = daemon.peak_memory();
    assert!(peak < MEMORY, "{peak} bytes of memory at the most");
    if answer.0.status != 200 {
        assert_eq!(visible(&daemon).1, 0);
    }
    let image = Image::sample("after the bomb", 1);
    assert_eq!(daemon.load(&image.docker_archive(&[]).finish()).status, 200);
    answer
}

/// A header of `kind` and `size` bytes of `byte` after it.
fn member(wire: &mut dyn Write, kind: u8, name: &str, size: u64, byte: u8) -> io::Result<()> {
    wire.write_all(&Header::new(kind, name, size).block())?;
    let block = vec![byte; 1 << 20];
    for _ in 0..size >> 20 {
        wire.write_all(&block)?;
    }
    Ok(())
}

/// A gibibyte of `byte` in an extension of a header. It is not read to its end.
fn extension(backend: Backend, kind: u8, name: &str, byte: u8) {
    let sent = refused(backend, "extensions", |wire| {
        member(wire, kind, name, GIB, byte)
    });
    assert_eq!(sent, Sent::Refused);
}

fn gnu_long_name(backend: Backend) {
    extension(backend, b'L', "././@LongLink", b'a');
}

fn gnu_long_link(backend: Backend) {
    extension(backend, b'K', "././@LongLink", b'a');
}

fn pax_records(backend: Backend) {
    extension(backend, b'x', "PaxHeaders/0", b'1');
}

fn global_pax_records(backend: Backend) {
    extension(backend, b'g', "PaxHeaders/0", b'1');
}

/// Two million empty files.
fn many_headers(backend: Backend) {
    let sent = refused(backend, "limit", |wire| {
        for block in 0..2_000 {
            let headers: Vec<u8> = (0..1_000)
                .flat_map(|n| Header::new(b'0', &format!("{block}/{n}"), 0).block())
                .collect();
            wire.write_all(&headers)?;
        }
        Ok(())
    });
    assert_eq!(sent, Sent::Refused);
}

fn manifest(backend: Backend) {
    let sent = refused(backend, "limit", |wire| {
        member(wire, b'0', "manifest.json", GIB, b' ')
    });
    assert_eq!(sent, Sent::Refused);
}

/// A config is only known to be one when the manifest has named it.
fn config(backend: Backend) {
    let manifest = json!([{"Config": "config.json", "RepoTags": [], "Layers": []}]).to_string();
    let (response, _) = attempt(backend, |wire| {
        wire.write_all(&Tar::new().file("manifest.json", manifest).without_end())?;
        member(wire, b'0', "config.json", GIB, b' ')
    });
    assert_eq!(response.status, 500, "{}", response.text());
    assert!(
        response.message().contains("config.json"),
        "{}",
        response.message()
    );
}

/// A file of a tebibyte of zeros: frames of 64 MiB, each of a few KiB.
fn compressed_archive(backend: Backend) {
    let frame = compress::zstd(&vec![0; 64 << 20]);
    let header = compress::zstd(&Header::new(b'0', "layer.tar", 1 << 40).block());
    refused(backend, "limit", move |wire| {
        wire.write_all(&header)?;
        for _ in 0..(1 << 40) / (64_u64 << 20) {
            wire.write_all(&frame)?;
        }
        Ok(())
    });
}

/// The same within a layer.
fn compressed_layer(backend: Backend) {
    let members = 1 << 14;
    let member = compress::zstd(&vec![0; 64 << 20]);
    let inner = compress::zstd(&Header::new(b'0', "zeros", 1 << 40).block());
    let size = (inner.len() + member.len() * members) as u64;
    let image = Image::sample("layer bomb", 1);
    let manifest = json!([{"Config": "c", "RepoTags": [], "Layers": ["bomb"]}]).to_string();
    let first = Tar::new()
        .file("c", &image.config)
        .file("manifest.json", manifest)
        .without_end();
    refused(backend, "limit", move |wire| {
        wire.write_all(&first)?;
        wire.write_all(&Header::new(b'0', "bomb", size).block())?;
        wire.write_all(&inner)?;
        for _ in 0..members {
            wire.write_all(&member)?;
        }
        // The padding and the two blocks at the end.
        let end = 1024 + (size.next_multiple_of(512) - size);
        io::copy(&mut io::repeat(0).take(end), wire).map(|_| ())
    });
}

/// Empty streams whose decoders cannot be reused: of the archive, and of a layer.
fn empty_streams(backend: Backend) {
    for compression in [Compression::Bzip2, Compression::Xz] {
        let streams = compression.compress(b"").repeat(30_000);
        let image = Image::sample("empty streams", 1);
        let manifest = json!([{"Config": "c", "RepoTags": [], "Layers": ["bomb"]}]).to_string();
        let layer = Tar::new()
            .file("c", &image.config)
            .file("bomb", &streams)
            .file("manifest.json", manifest);
        for archive in [&streams, &layer.finish()] {
            refused(backend, "max-expansion-ratio", |wire| {
                wire.write_all(archive)
            });
        }
    }
}

/// More streams than a load may have; these are cheap, and the allowed number is accepted.
fn many_streams(backend: Backend) {
    let whole = Image::sample("many streams", 1)
        .docker_archive(&[])
        .finish();
    for (compression, skipped) in [
        (Compression::Gzip, compress::gzip(b"")),
        (Compression::Zstd, compress::zstd(b"")),
        (Compression::Zstd, compress::zstd_skippable(b"")),
    ] {
        for (count, status) in [(900_000, 200), (1_000_000, 500)] {
            let archive = compression.compress(&whole);
            let (response, _) = attempt(backend, |wire| {
                for _ in 0..count / 10_000 {
                    wire.write_all(&skipped.repeat(10_000))?;
                }
                wire.write_all(&archive)
            });
            assert_eq!(response.status, status, "{}", response.text());
            if status == 500 {
                let message = response.message();
                assert!(message.contains("max-compressed-streams"), "{message}");
            }
        }
    }
}

/// A sparse file of eight exbibytes without data in the archive.
fn holes(backend: Backend) {
    let size = i64::MAX.to_string();
    let records = [
        ("GNU.sparse.major", "1"),
        ("GNU.sparse.minor", "0"),
        ("GNU.sparse.name", "layer.tar"),
        ("GNU.sparse.realsize", &size),
    ];
    let archive = Tar::new().pax_file("x", &records, &padded(b"0\n")).finish();
    refused(backend, "max-expansion-ratio", |wire| {
        wire.write_all(&archive)
    });
}

/// A document of nothing but brackets must not exhaust the stack.
fn nested_json(backend: Backend) {
    for document in ["manifest.json", "index.json"] {
        let archive = Tar::new()
            .file(document, "[".repeat(1 << 20))
            .file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
            .finish();
        let (response, _) = attempt(backend, |wire| wire.write_all(&archive));
        assert_eq!(response.status, 500, "{}", response.text());
        assert!(
            response.message().contains(document),
            "{}",
            response.message()
        );
    }
}
