//! Archives of other tools, read, written and read again.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::{ArchiveImage, Blob, ManifestLayer, Presence, generate};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures");

/// Digest of the target, names, and the config and layers of every variant.
type Seen = (
    Option<Digest>,
    Vec<Reference>,
    BTreeSet<(Digest, Vec<Digest>)>,
);

#[test]
fn what_other_tools_wrote_is_written_and_read_again() {
    for fixture in fixtures() {
        let original = std::fs::read(Path::new(FOLDER).join(&fixture)).expect("fixture");
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("store");
        let archive = archive(&original, &content).expect("fixture");

        let images: Vec<_> = archive
            .images
            .iter()
            .map(|image| saved(image, &archive.blobs))
            .collect();
        let documents = archive.images.iter().flat_map(documents);
        let sizes = archive
            .blobs
            .iter()
            .map(|blob| (blob.staged.digest(), blob.staged.size()));
        let blobs = archive
            .blobs
            .iter()
            .map(|blob| (blob.staged.digest(), contents(blob)));
        let members = plan(&images, documents, sizes).expect("plan");
        let again = loaded(&bytes(&members, &blobs.collect())).expect(&fixture);

        assert_eq!(again.images.len(), images.len(), "{fixture}");
        for (place, image) in images.iter().enumerate() {
            let (_, names, variants) = seen(&archive.images[place]);
            let target = Some(image.target.document.digest);
            assert_eq!(
                seen(&again.images[place]),
                (target, names, variants),
                "{fixture}"
            );
        }
    }
}

fn fixtures() -> Vec<String> {
    let folder = std::fs::read_dir(FOLDER).expect("folder");
    let names = folder.map(|entry| entry.expect("entry").file_name().into_string());
    let mut names: Vec<_> = names.map(|name| name.expect("a name in UTF-8")).collect();
    names.retain(|name| name.contains(".tar") && !name.contains("rootfs"));
    assert!(names.len() >= 12, "{names:?}");
    names
}

fn seen(image: &ArchiveImage) -> Seen {
    let target = image.target.as_ref().map(|target| target.document.digest);
    let variants = image.variants.iter();
    let variants = variants.map(|variant| (variant.config.digest, layers(variant)));
    (target, image.names.clone(), variants.collect())
}

fn layers(variant: &crate::ArchiveVariant) -> Vec<Digest> {
    let layers = variant.layers.iter().map(|layer| match layer.presence {
        Presence::Here(digest) => digest,
        other => panic!("{}: {other:?}", layer.entry),
    });
    layers.collect()
}

/// The image as a daemon stores it: one without a manifest gets a generated one.
fn saved(image: &ArchiveImage, blobs: &[Blob]) -> SavedImage {
    let variant = &image.variants[0];
    let layers = layers(variant);
    let made = || {
        let sizes: HashMap<_, _> = blobs
            .iter()
            .map(|blob| (blob.staged.digest(), blob.staged.size()))
            .collect();
        let layers: Vec<_> = layers
            .iter()
            .map(|digest| ManifestLayer {
                media_type: "application/vnd.oci.image.layer.v1.tar".into(),
                digest: *digest,
                size: sizes[digest],
                urls: Vec::new(),
            })
            .collect();
        Target {
            document: generate(&variant.config, &layers).expect("manifest"),
            media_type: sockerless_oci::media_type::OCI_MANIFEST.into(),
        }
    };
    let target = image.target.clone().unwrap_or_else(made);
    let single = target.media_type != INDEX;
    SavedImage {
        target,
        names: image.names.clone(),
        config: variant.config.digest,
        layers,
        platform: single.then(|| variant.platform.clone()),
    }
}

fn documents(image: &ArchiveImage) -> Vec<Document> {
    let mut documents = image.documents.clone();
    for variant in &image.variants {
        documents.extend(variant.manifest.clone());
        documents.push(variant.config.clone());
    }
    documents
}

fn contents(blob: &Blob) -> Vec<u8> {
    let path = blob.staged.path();
    path.map_or_else(Vec::new, |path| std::fs::read(path).expect("blob"))
}
