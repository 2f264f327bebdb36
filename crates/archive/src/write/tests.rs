//! Members and documents of written archives.

mod fixtures;
mod round_trip;

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Value, json};
use sockerless_content::ContentStore;

use super::*;
use crate::{Archive, Error, Limits, ReadOptions, read};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const TARGET: &str = r#"{"schemaVersion":2}"#;

fn name(text: &str) -> Reference {
    Reference::from_repo_tag(text).expect("a name with a tag")
}

fn linux(architecture: &str) -> Platform {
    Platform {
        os: "linux".into(),
        architecture: architecture.into(),
        ..Platform::default()
    }
}

/// An image that cannot be loaded, for tests of the documents.
fn image(names: &[&str], layers: &[Digest]) -> SavedImage {
    SavedImage {
        target: Target {
            document: Document::new(TARGET),
            media_type: "application/vnd.oci.image.manifest.v1+json".into(),
        },
        names: names.iter().copied().map(name).collect(),
        config: Digest::of("config"),
        layers: layers.to_vec(),
        platform: None,
    }
}

/// The text of the member with this name.
fn text(members: &[Member], name: &str) -> Option<String> {
    let member = members.iter().find(|member| member.name() == name)?;
    match member.content() {
        Content::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
        Content::Folder | Content::Blob { .. } => None,
    }
}

/// The archive as it is sent.
fn bytes(members: &[Member], blobs: &HashMap<Digest, Vec<u8>>) -> Vec<u8> {
    let mut archive = Vec::new();
    for member in members {
        archive.extend(member.header());
        match member.content() {
            Content::Folder => {}
            Content::Bytes(bytes) => archive.extend(bytes),
            Content::Blob { digest, .. } => archive.extend(&blobs[digest]),
        }
        archive.extend(member.padding());
    }
    archive.extend(end());
    archive
}

fn archive(bytes: &[u8], content: &ContentStore) -> Result<Archive, Error> {
    let chunks = bytes.chunks(5000).map(|c| Ok(Bytes::copy_from_slice(c)));
    let (limits, preferred) = (Limits::default(), linux("amd64"));
    read(chunks, content, &ReadOptions::new(&limits, &preferred))
}

fn loaded(bytes: &[u8]) -> Result<Archive, Error> {
    archive(bytes, &ContentStore::discarding())
}

#[test]
fn the_documents_of_an_image_with_two_names() {
    let layers = [Digest::of("base"), Digest::of("top"), Digest::of("base")];
    let mut image = image(&["alpine:3", "localhost:5000/a/b:x"], &layers);
    image.platform = Some(Platform {
        variant: Some("v8".into()),
        ..linux("arm64")
    });
    let members = plan(&[image], [], []).expect("plan");
    let (target, config) = (Digest::of(TARGET), Digest::of("config").hex());
    let (base, top) = (layers[0].hex(), layers[1].hex());
    let descriptor = |name: &str, tag: &str| {
        format!(
            r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{target}","size":19,"annotations":{{"io.containerd.image.name":"{name}","org.opencontainers.image.ref.name":"{tag}"}},"platform":{{"architecture":"arm64","os":"linux","variant":"v8"}}}}"#
        )
    };
    let descriptors = [
        descriptor("docker.io/library/alpine:3", "3"),
        descriptor("localhost:5000/a/b:x", "x"),
    ];
    for (name, expected) in [
        ("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#.to_owned()),
        (
            "index.json",
            format!(
                r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#,
                descriptors.join(",")
            ),
        ),
        (
            "manifest.json",
            format!(
                r#"[{{"Config":"blobs/sha256/{config}","RepoTags":["alpine:3","localhost:5000/a/b:x"],"Layers":["blobs/sha256/{base}","blobs/sha256/{top}","blobs/sha256/{base}"]}}]"#
            ),
        ),
        (
            "repositories",
            format!(r#"{{"alpine":{{"3":"{base}"}},"localhost:5000/a/b":{{"x":"{base}"}}}}"#),
        ),
    ] {
        assert_eq!(text(&members, name), Some(expected), "{name}");
    }
}

#[test]
fn the_documents_of_an_image_without_names_and_layers() {
    let members = plan(&[image(&[], &[])], [], []).expect("plan");
    let index = text(&members, "index.json").expect("index.json");
    let index: Value = serde_json::from_str(&index).expect("JSON");
    let descriptor = json!({
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": Digest::of(TARGET).to_string(),
        "size": 19,
    });
    assert_eq!(index["manifests"], json!([descriptor]));
    let config = Digest::of("config").hex();
    assert_eq!(
        text(&members, "manifest.json"),
        Some(format!(
            r#"[{{"Config":"blobs/sha256/{config}","RepoTags":null,"Layers":[]}}]"#
        ))
    );
    assert_eq!(text(&members, "repositories"), None);
}

#[test]
fn a_name_of_an_image_without_layers_means_its_config() {
    let members = plan(&[image(&["a/b:1"], &[])], [], []).expect("plan");
    let config = Digest::of("config").hex();
    assert_eq!(
        text(&members, "repositories"),
        Some(format!(r#"{{"a/b":{{"1":"{config}"}}}}"#))
    );
}

#[test]
fn no_images() {
    let members = plan(&[], [], []).expect("plan");
    let names: Vec<_> = members.iter().map(Member::name).collect();
    assert_eq!(names, ["oci-layout", "index.json", "manifest.json"]);
    assert_eq!(
        text(&members, "index.json"),
        Some(format!(
            r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":null}}"#
        ))
    );
    assert_eq!(text(&members, "manifest.json"), Some("null".into()));
    let error = loaded(&bytes(&members, &HashMap::new())).expect_err("no image");
    assert_eq!(
        error.to_string(),
        "the archive has no image to load: manifest.json lists none"
    );
}

#[test]
fn documents_come_first_and_everything_once_in_order() {
    let documents: Vec<_> = ["a", "b", "c", TARGET].map(Document::new).into();
    let blobs: Vec<_> = ["d", "e", "f"].map(|b| (Digest::of(b), 1)).into();
    let image = image(&["a:1"], &[]);
    let members = plan(
        std::slice::from_ref(&image),
        documents.clone(),
        blobs.clone(),
    )
    .expect("plan");
    let names: Vec<_> = members.iter().map(Member::name).collect();
    let mut expected: Vec<String> = [
        "oci-layout",
        "index.json",
        "manifest.json",
        "repositories",
        "blobs/",
        "blobs/sha256/",
    ]
    .map(Into::into)
    .into();
    let sorted = |mut digests: Vec<Digest>| {
        digests.sort();
        digests.into_iter().map(member::blob_name)
    };
    expected.extend(sorted(documents.iter().map(|d| d.digest).collect()));
    expected.extend(sorted(blobs.iter().map(|(digest, _)| *digest).collect()));
    assert_eq!(names, expected);

    let twice = documents.iter().rev().chain(&documents).cloned();
    // A document that is also a layer of an image.
    let more = blobs
        .iter()
        .rev()
        .chain(&blobs)
        .copied()
        .chain([(Digest::of("a"), 1)]);
    assert_eq!(plan(&[image], twice, more).expect("plan"), members);
}

#[test]
fn headers() {
    let digest = Digest::of("a");
    for (member, name, kind, mode, size) in [
        (
            Member::folder("blobs/"),
            "blobs/".to_owned(),
            tar::EntryType::Directory,
            0o755,
            0,
        ),
        (
            Member::fixed("oci-layout", oci::LAYOUT),
            "oci-layout".to_owned(),
            tar::EntryType::Regular,
            0o644,
            30,
        ),
        (
            Member::blob(digest, (8 << 30) - 1),
            member::blob_name(digest),
            tar::EntryType::Regular,
            0o644,
            (8 << 30) - 1,
        ),
        (
            Member::blob(digest, 8 << 30),
            member::blob_name(digest),
            tar::EntryType::Regular,
            0o644,
            8 << 30,
        ),
    ] {
        let block = member.header();
        let header = tar::Header::from_byte_slice(&block);
        assert_eq!(header.path_bytes(), name.as_bytes());
        assert_eq!(header.entry_type(), kind, "{name}");
        let numbers = [
            header.mode().expect("mode").into(),
            header.uid().expect("uid"),
            header.gid().expect("gid"),
            header.mtime().expect("mtime"),
            header.size().expect("size"),
        ];
        assert_eq!(numbers, [mode, 0, 0, 0, size], "{name}");
        let mut walker = crate::tar::Walker::new(0);
        let (_, event) = walker.step(&block).expect("a valid header");
        match event {
            crate::tar::Event::Entry(entry) => assert_eq!(
                (entry.path(), entry.size),
                (name, size),
                "as it is read here"
            ),
            other => panic!("{name}: {other:?}"),
        }
    }
}

#[test]
fn padding_fills_the_last_block() {
    for (size, padding) in [(0, 0), (1, 511), (511, 1), (512, 0), (513, 511)] {
        let member = Member::blob(Digest::of(""), size);
        assert_eq!(member.padding().len(), padding, "{size}");
    }
    assert_eq!(end(), [0; 1024][..]);
}
