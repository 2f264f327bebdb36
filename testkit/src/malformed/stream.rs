//! Bodies that are not an archive, or an incomplete one.

use super::Fault;
use crate::compress::Compression;
use crate::image::{Image, Layer};
use crate::tar::Tar;

pub(super) fn faults() -> Vec<Fault> {
    let image = Image::with_layers("truncated", vec![Layer { tar: noise_layer() }]);
    let layer = format!("{}/layer.tar", image.layers[0].hex());
    let whole = image.docker_archive(&["malformed:stream"]).finish();
    let mut faults = vec![
        Fault::new("empty body", Vec::new(), &["empty"]),
        Fault::new("only zero blocks", vec![0; 10_240], &["manifest.json"]),
        Fault::new(
            "garbage of several blocks",
            b"\x01\xff".repeat(2500),
            &["header"],
        ),
        Fault::new("short garbage", b"\x01\xff\xfe".to_vec(), &["3"]),
        Fault::new("a text", b"garbage".to_vec(), &["it is a text"]),
        Fault::new(
            "tar cut in a layer",
            whole[..whole.len() / 2].to_vec(),
            &[&layer],
        ),
        Fault::new("tar cut in a header", whole[..100].to_vec(), &["100"]),
    ];
    for (compression, name) in [
        (Compression::Gzip, "gzip cut"),
        (Compression::Bzip2, "bzip2 cut"),
        (Compression::Xz, "xz cut"),
        (Compression::Zstd, "zstd cut"),
    ] {
        let body = compression.compress(&whole);
        let kind = name.trim_end_matches(" cut");
        faults.push(Fault::new(name, body[..body.len() / 2].to_vec(), &[kind]));
    }
    for (compression, name) in [
        (Compression::Gzip, "gzip with a wrong checksum"),
        (Compression::Xz, "xz with a wrong checksum"),
        (Compression::Zstd, "zstd with a wrong checksum"),
    ] {
        let mut body = compression.compress(&whole);
        let at = match compression {
            Compression::Gzip => body.len() - 8,
            Compression::Zstd => body.len() - 4,
            // The checksum of the index is before the twelve bytes of the footer.
            _ => body.len() - 16,
        };
        body[at] ^= 0xff;
        let kind = name.split(' ').next().unwrap_or_default();
        faults.push(Fault::new(name, body, &[kind]));
    }
    faults
}

/// A layer that no compression shortens much, so that half a body ends within it.
fn noise_layer() -> Vec<u8> {
    let mut state = 7_u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(60_000)
    .collect();
    Tar::new().file("noise", noise).finish()
}
