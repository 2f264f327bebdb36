use std::collections::HashMap;

use serde_json::Value;
use sockerless_archive::{
    Archive, ArchiveVariant, Blob, Document, Platform, Presence, ReadOptions, read,
};
use sockerless_content::ContentStore;
use sockerless_reference::{Digest, Reference};

use crate::checksum;
use crate::stream::{LIMITS, chunks};

/// Reads `data` as an archive: nothing panics, and what is accepted as an image is one.
///
/// A mutated tar header has a wrong checksum, and its refusal tests little: such an archive is read
/// once more with corrected checksums.
pub fn archive_read(data: &[u8]) {
    check(data);
    if let Some(mended) = checksum::mended(data) {
        check(&mended);
    }
}

fn check(data: &[u8]) {
    let platform = Platform {
        os: "linux".to_owned(),
        architecture: "amd64".to_owned(),
        ..Platform::default()
    };
    let content = ContentStore::discarding();
    let options = ReadOptions::new(&LIMITS, &platform);
    if let Ok(archive) = read(chunks(data), &content, &options) {
        verify(&archive);
    }
}

fn verify(archive: &Archive) {
    assert!(!archive.images.is_empty(), "success without an image");
    let blobs: HashMap<Digest, &Blob> = archive
        .blobs
        .iter()
        .map(|blob| (blob.staged.digest(), blob))
        .collect();
    for image in &archive.images {
        assert!(!image.variants.is_empty(), "an image that nothing can run");
        image.names.iter().for_each(verify_name);
        let documents = image.target.iter().map(|target| &target.document);
        documents.chain(&image.documents).for_each(verify_document);
        for variant in &image.variants {
            verify_variant(variant, &blobs);
        }
    }
}

fn verify_name(name: &Reference) {
    assert!(
        name.tag().is_some() && name.digest().is_none(),
        "{name} cannot be a tag"
    );
}

fn verify_document(document: &Document) {
    assert_eq!(document.digest, Digest::of(&document.bytes));
}

fn verify_variant(variant: &ArchiveVariant, blobs: &HashMap<Digest, &Blob>) {
    variant.manifest.iter().for_each(verify_document);
    verify_document(&variant.config);
    let found: Vec<String> = variant
        .layers
        .iter()
        .map(|layer| layer.diff_id.to_string())
        .collect();
    if let Some(expected) = diff_ids(&variant.config) {
        assert_eq!(found, expected, "the layers are not those of the config");
    }
    for layer in variant.layers.iter() {
        if let Presence::Here(digest) = layer.presence {
            let tar = blobs.get(&digest).and_then(|blob| blob.layer().ok());
            let diff_id = tar.map(|tar| tar.diff_id);
            assert_eq!(diff_id, Some(layer.diff_id), "{} is another", layer.entry);
        }
    }
}

/// The diff_ids of the config, read by another parser. `None` when the key is repeated.
fn diff_ids(config: &Document) -> Option<Vec<String>> {
    let config: Value = serde_json::from_slice(&config.bytes).unwrap_or_default();
    let rootfs = only(&config, "rootfs")?;
    let diff_ids = only(rootfs, "diff_ids")?.as_array()?;
    Some(
        diff_ids
            .iter()
            .map(|id| id.as_str().unwrap_or_default().to_owned())
            .collect(),
    )
}

fn only<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    let mut found = object
        .as_object()?
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case(key));
    match (found.next(), found.next()) {
        (Some((_, value)), None) => Some(value),
        _ => None,
    }
}
