//! Importing tars of root file systems.

use std::io::Read as _;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use sockerless_reference::Digest;

use super::*;
use crate::decode::encoders::{ENCODERS, gzip, xz, xz_preset, zstd};

/// A tar with two files, together 3009 bytes, a folder and a link.
fn tar() -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut append = |kind, path: &str, bytes: &[u8]| {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_size(bytes.len() as u64);
        if kind == tar::EntryType::Symlink {
            header.set_link_name("usr/bin").expect("a short target");
        }
        let appended = builder.append_data(&mut header, path, bytes);
        appended.expect("append");
    };
    append(tar::EntryType::Directory, "etc/", b"");
    append(tar::EntryType::Regular, "etc/hostname", b"sockerles");
    append(tar::EntryType::Symlink, "bin", b"");
    append(tar::EntryType::Regular, "entrypoint", &[7; 3000]);
    builder.into_inner().expect("tar")
}

fn read(bytes: &[u8], content: &ContentStore, limits: &Limits) -> Result<FileSystem, Error> {
    let chunks = bytes.chunks(1000).map(|c| Ok(Bytes::copy_from_slice(c)));
    read_file_system(chunks, content, limits)
}

fn refusal(bytes: &[u8]) -> String {
    let limits = Limits::default().for_file_system();
    let refused = read(bytes, &ContentStore::discarding(), &limits);
    refused.expect_err("refused").to_string()
}

fn files(folder: &Path) -> usize {
    std::fs::read_dir(folder).expect("folder").count()
}

#[test]
fn the_layer_is_the_tar_itself_whatever_it_came_in() {
    let tar = tar();
    let mut forms = vec![tar.clone(), [gzip(&tar[..700]), gzip(&tar[700..])].concat()];
    forms.extend(ENCODERS.iter().map(|encode| encode(&tar)));
    for form in forms {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("store");
        let FileSystem { staged, layer, .. } =
            read(&form, &content, &Limits::default()).expect("a file system");
        let expected = LayerTar {
            diff_id: Digest::of(&tar),
            size: tar.len() as u64,
            content_size: 3009,
        };
        assert_eq!(layer, expected);
        assert_eq!(staged.digest(), layer.diff_id);
        assert_eq!(staged.size(), layer.size);
        let written = staged.path().expect("a file");
        assert_eq!(std::fs::read(written).expect("read"), tar);
    }
}

#[test]
fn no_bytes_are_a_layer_without_files() {
    let nothing = LayerTar {
        diff_id: Digest::of(b""),
        size: 0,
        content_size: 0,
    };
    let limits = Limits::default();
    for form in [Vec::new(), gzip(b""), xz(b""), zstd(b"")] {
        let read = read(&form, &ContentStore::discarding(), &limits);
        let FileSystem { staged, layer, .. } = read.expect("an empty file system");
        assert_eq!((layer, staged.size()), (nothing, 0));
    }
    let chunks = [(); 3].map(|()| Ok(Bytes::new())).into_iter();
    let read = read_file_system(chunks, &ContentStore::discarding(), &limits);
    assert_eq!(read.expect("an empty file system").layer, nothing);
}

#[test]
fn what_is_no_file_system_is_told_apart() {
    let tar = tar();
    let xz = xz(&tar);
    let mut damaged = gzip(&tar);
    damaged.truncate(damaged.len() - 8);
    damaged.extend([0; 8]);
    for (bytes, message) in [
        (
            &b"no tar"[..],
            "the file system is not a valid tar: it is a text",
        ),
        (
            &[b'\x01'; 6],
            "the file system is not a valid tar: unexpected EOF at byte 6: expected 506 more bytes \
             of a header",
        ),
        (
            &[b'\x01'; 5000],
            "the file system is not a valid tar: invalid tar header at byte 0: its checksum does \
             not fit",
        ),
        (
            &gzip(b"PK\x03\x04"),
            "the file system is not a valid tar: it is a zip file",
        ),
        (
            &tar[..tar.len() - 2000],
            "the file system is not a valid tar: unexpected EOF at byte 4656: expected 904 more \
             bytes of a file",
        ),
        (
            &xz[..xz.len() - 1],
            "the file system cannot be decoded: unexpected EOF: the xz data ends in the middle",
        ),
        (
            &damaged,
            "the file system cannot be decoded: the gzip data is damaged: corrupt gzip stream does \
             not have a matching checksum",
        ),
    ] {
        assert_eq!(refusal(bytes), message);
    }
}

#[test]
fn a_broken_source_is_no_fault_of_the_file_system() {
    let chunks = [Ok(tar().into()), Err(io::Error::other("the client left"))];
    let content = ContentStore::discarding();
    let error = read_file_system(chunks.into_iter(), &content, &Limits::default());
    let error = error.expect_err("broken off");
    assert!(
        matches!(
            error,
            Error::FileSystem {
                source: LayerFault::Decode(DecodeError::Source(_))
            }
        ),
        "{error:?}"
    );
    assert_eq!(
        error.to_string(),
        "the file system cannot be decoded: the upload ended early: the client left"
    );
}

#[test]
fn what_is_no_tar_is_not_read_to_its_end() {
    let mut taken = 0;
    let chunks = (0..1000).map(|_| {
        taken += 1;
        Ok(Bytes::from_static(&[b'x'; 1000]))
    });
    let refused = read_file_system(chunks, &ContentStore::discarding(), &Limits::default());
    assert!(matches!(refused, Err(Error::NotTar { .. })));
    // A full queue, the chunk waiting for a place in it, and the peeked one.
    assert!(taken <= QUEUE + 2, "{taken} chunks were taken");
}

#[test]
fn nothing_stays_of_what_is_refused() {
    let root = tempfile::tempdir().expect("folder");
    let content = ContentStore::open(root.path()).expect("store");
    let cut = &tar()[..2000];
    let xz = xz(&tar());
    for bytes in [cut, &gzip(cut), &xz[..xz.len() - 1]] {
        read(bytes, &content, &Limits::default()).expect_err("refused");
        assert_eq!(files(&root.path().join("ingest")), 0);
    }
}

#[test]
fn a_disk_that_fails_is_told_as_that() {
    let root = tempfile::tempdir().expect("folder");
    let content = ContentStore::open(root.path()).expect("store");
    std::fs::remove_dir_all(root.path().join("ingest")).expect("remove");
    let error = read(&tar(), &content, &Limits::default()).expect_err("nowhere to write");
    assert!(matches!(error, Error::Content(_)), "{error:?}");
}

#[test]
fn the_window_of_a_file_system_may_be_that_of_xz_9() {
    let bytes = xz_preset(&tar(), 9);
    let content = ContentStore::discarding();
    let limits = Limits::default();
    assert_eq!(
        read(&bytes, &content, &limits)
            .expect_err("window")
            .to_string(),
        "the file system cannot be decoded: the xz data asks for a larger window than the limit \
         max-window-bytes of 16777216"
    );
    read(&bytes, &content, &limits.for_file_system()).expect("64 MiB are enough");
    let generous = Limits {
        window_bytes: 1 << 30,
        ..limits
    };
    assert_eq!(generous.for_file_system(), generous);
}

#[test]
fn gitlab_runner_s_root_file_system() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../fixtures/gitlab-runner-helper-rootfs.tar.xz"
    );
    let bytes = std::fs::read(path).expect("fixture");
    let limits = Limits::default().for_file_system();
    let read = read(&bytes, &ContentStore::discarding(), &limits);
    let mut tar = Vec::new();
    liblzma::read::XzDecoder::new(bytes.as_slice())
        .read_to_end(&mut tar)
        .expect("decode");
    assert_eq!(read.expect("a file system").layer.diff_id, Digest::of(&tar));
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0x50c4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_cut_file_system_is_an_error_or_the_same_files(
        form in 0..=ENCODERS.len(),
        cut in any::<prop::sample::Index>(),
        chunk in 1usize..2000,
    ) {
        let whole = ENCODERS.get(form).map_or_else(tar, |encode| encode(&tar()));
        let cut = 1 + cut.index(whole.len() - 1);
        let chunks = whole[..cut].chunks(chunk).map(|c| Ok(Bytes::copy_from_slice(c)));
        let content = ContentStore::discarding();
        // A tar may lack its end, so a prefix without a visible cut is valid.
        match read_file_system(chunks, &content, &Limits::default()) {
            Ok(FileSystem { layer, .. }) => {
                prop_assert_eq!(form, ENCODERS.len(), "cut data was decoded");
                prop_assert_eq!(layer.diff_id, Digest::of(&whole[..cut]));
            }
            Err(error) => prop_assert!(matches!(error, Error::FileSystem { .. } | Error::NotTar { .. }), "{error:?}"),
        }
    }
}
