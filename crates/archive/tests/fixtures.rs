//! Archives that docker, podman and skopeo wrote, read in every form they may arrive in.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::path::Path;

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use serde::Deserialize;
use sockerless_archive::{Archive, Error, Limits, Platform, Presence, ReadOptions, read};
use sockerless_content::ContentStore;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

#[derive(Debug, Deserialize)]
struct Expected {
    images: Vec<ExpectedImage>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct ExpectedImage {
    id: String,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    manifest: Option<String>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
    os: String,
    architecture: String,
    diff_ids: Vec<String>,
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(FOLDER).join(name)).expect("fixture")
}

fn expected() -> BTreeMap<String, Expected> {
    serde_json::from_slice(&fixture("expected.json")).expect("expected.json")
}

fn linux_amd64() -> Platform {
    Platform {
        os: "linux".into(),
        architecture: "amd64".into(),
        ..Platform::default()
    }
}

fn read_chunks(chunks: Vec<Bytes>) -> Result<Archive, Error> {
    let chunks = chunks.into_iter().map(Ok::<_, io::Error>);
    let content = ContentStore::discarding();
    let (limits, preferred) = (Limits::default(), linux_amd64());
    read(chunks, &content, &ReadOptions::new(&limits, &preferred))
}

fn read_bytes(bytes: &[u8]) -> Result<Archive, Error> {
    read_chunks(bytes.chunks(100_000).map(Bytes::copy_from_slice).collect())
}

/// What was read, in the form of expected.json: one item per variant.
fn seen(archive: &Archive) -> Vec<ExpectedImage> {
    let images = archive.images.iter();
    let variants = images.flat_map(|image| {
        image.variants.iter().map(|variant| ExpectedImage {
            id: variant.config.digest.to_string(),
            names: image
                .names
                .iter()
                .map(|name| name.familiar().to_owned())
                .collect(),
            manifest: variant.manifest.as_ref().map(|m| m.digest.to_string()),
            annotations: BTreeMap::new(),
            os: variant.platform.os.clone(),
            architecture: variant.platform.architecture.clone(),
            diff_ids: variant
                .layers
                .iter()
                .map(|layer| layer.diff_id.to_string())
                .collect(),
        })
    });
    variants.collect()
}

/// What should have been read: the names of OCI archives come from their annotations, and a bare
/// tag is not a name.
fn wanted(expected: &Expected, oci: bool) -> Vec<ExpectedImage> {
    let images = expected.images.iter().cloned().map(|mut image| {
        let name = image
            .annotations
            .remove("org.opencontainers.image.ref.name");
        image
            .names
            .extend(name.filter(|name| name.contains([':', '/'])));
        if !oci {
            image.manifest = None;
        }
        image
    });
    images.collect()
}

fn assert_nothing_left_out(archive: &Archive, name: &str) {
    let variants = archive.images.iter().flat_map(|image| &image.variants);
    let mut layers = variants.flat_map(|variant| variant.layers.iter());
    assert!(
        layers.all(|layer| matches!(layer.presence, Presence::Here(_))),
        "{name}"
    );
}

#[test]
fn every_fixture_reads_as_expected() {
    let all = expected();
    assert_eq!(all.len(), 12);
    for (name, expected) in &all {
        let archive = read_bytes(&fixture(name)).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_nothing_left_out(&archive, name);
        let mut seen = seen(&archive);
        if name.starts_with("docker-29") {
            seen.iter_mut()
                .for_each(|image| assert!(image.manifest.take().is_some(), "{name}"));
        }
        assert_eq!(seen, wanted(expected, name.contains("oci")), "{name}");
    }
}

#[test]
fn one_platform_of_many() {
    let wish = Platform {
        architecture: "arm64".into(),
        ..linux_amd64()
    };
    let bytes = Bytes::from(fixture("podman-4.3-multi-platform-oci-archive.tar"));
    let read = |only: &Platform| {
        let content = ContentStore::discarding();
        let chunks = [Ok(bytes.clone())].into_iter();
        let (limits, preferred) = (Limits::default(), linux_amd64());
        let options = ReadOptions {
            only: Some(only),
            ..ReadOptions::new(&limits, &preferred)
        };
        read(chunks, &content, &options)
    };
    let archive = read(&wish).expect("arm64 is there");
    assert_eq!(archive.images[0].variants.len(), 1);
    assert_eq!(archive.images[0].variants[0].platform.architecture, "arm64");
    let wish = Platform {
        architecture: "s390x".into(),
        ..linux_amd64()
    };
    assert_eq!(
        read(&wish).expect_err("not there").to_string(),
        "the archive has no image to load: requested platform(s) ([linux/s390x]) not found: image \
         might be filtered out"
    );
}

fn compressed(bytes: &[u8], format: usize) -> Vec<u8> {
    let out = Vec::new();
    match format {
        0 => return bytes.to_vec(),
        1 => {
            let mut encoder = flate2::write::GzEncoder::new(out, flate2::Compression::fast());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        2 => {
            let mut encoder = bzip2::write::BzEncoder::new(out, bzip2::Compression::fast());
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        3 => {
            let mut encoder = liblzma::write::XzEncoder::new(out, 0);
            encoder.write_all(bytes).and_then(|()| encoder.finish())
        }
        _ => zstd::encode_all(bytes, 1),
    }
    .expect("encode")
}

/// The entries of a tar, each with its header blocks.
fn entries(bytes: &[u8]) -> Vec<(tar::Header, String, Option<String>, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let entries = archive.entries().expect("entries").map(|entry| {
        let mut entry = entry.expect("entry");
        let path = entry.path().expect("path").to_string_lossy().into_owned();
        let link = entry
            .link_name()
            .expect("link")
            .map(|l| l.to_string_lossy().into_owned());
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("bytes");
        (entry.header().clone(), path, link, bytes)
    });
    entries.collect()
}

fn reordered(bytes: &[u8], keys: &[u32]) -> Vec<u8> {
    let mut entries: Vec<_> = entries(bytes).into_iter().enumerate().collect();
    entries.sort_by_key(|(index, _)| keys[index % keys.len()].wrapping_mul(*index as u32 + 1));
    let mut builder = tar::Builder::new(Vec::new());
    for (_, (mut header, path, link, bytes)) in entries {
        match link {
            Some(link) => builder.append_link(&mut header, path, link),
            None => builder.append_data(&mut header, path, bytes.as_slice()),
        }
        .expect("append");
    }
    builder.into_inner().expect("tar")
}

fn tars() -> Vec<String> {
    expected()
        .into_keys()
        .filter(|name| name.ends_with(".tar"))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, rng_seed: RngSeed::Fixed(0x50c4), ..ProptestConfig::default() })]

    #[test]
    fn order_compression_and_chunking_do_not_matter(
        name in prop::sample::select(tars()),
        keys in prop::collection::vec(any::<u32>(), 1..20),
        format in 0usize..5,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..20),
    ) {
        let bytes = fixture(&name);
        let plain = seen(&read_bytes(&bytes).expect("fixture"));
        let bytes = Bytes::from(compressed(&reordered(&bytes, &keys), format));
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let chunks = places.windows(2).map(|w| bytes.slice(w[0]..w[1])).collect();
        let other = read_chunks(chunks).expect("the same archive");
        assert_nothing_left_out(&other, &name);
        let other = seen(&other);
        prop_assert_eq!(plain, other);
    }

    #[test]
    fn a_flipped_bit_never_gives_other_content(
        name in prop::sample::select(tars()),
        place in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let mut bytes = fixture(&name);
        let plain = seen(&read_bytes(&bytes).expect("fixture"));
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        // A name or an unreferenced file may change, but not an image.
        if let Ok(archive) = read_bytes(&bytes) {
            for image in seen(&archive) {
                let same = plain.iter().find(|other| other.id == image.id);
                let same = same.expect("no other image");
                prop_assert_eq!(&same.diff_ids, &image.diff_ids);
            }
        }
    }

    #[test]
    fn a_cut_archive_is_an_error_or_the_same(
        name in prop::sample::select(tars()),
        place in any::<prop::sample::Index>(),
    ) {
        let bytes = fixture(&name);
        let plain = seen(&read_bytes(&bytes).expect("fixture"));
        let place = place.index(bytes.len());
        if let Ok(archive) = read_bytes(&bytes[..place]) {
            // Only the padding after the last entry was cut.
            prop_assert_eq!(plain, seen(&archive));
        }
    }
}
