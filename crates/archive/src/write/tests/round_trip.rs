//! Random images, written and read back.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::*;
use crate::decode::encoders::{gzip, zstd};
use crate::{ManifestLayer, generate};

/// The model of an image.
#[derive(Debug, Clone)]
struct Model {
    names: Vec<usize>,
    /// One for a manifest, several for an index.
    variants: Vec<Vec<(u8, u8)>>,
}

const ARCHITECTURES: [&str; 3] = ["amd64", "arm64", "s390x"];

const NAMES: [&str; 5] = ["a:1", "a:2", "b/c:1", "localhost:5000/d:x_Y", "e.f/g/h:1.0"];

fn models() -> impl Strategy<Value = Vec<Model>> {
    let layers = prop::collection::vec((0u8..4, 0u8..3), 0..5);
    let model = (
        prop::collection::vec(0..NAMES.len(), 0..3),
        prop::collection::vec(layers, 1..=ARCHITECTURES.len()),
    );
    let model = model.prop_map(|(names, variants)| Model { names, variants });
    prop::collection::vec(model, 1..5)
}

/// The images to write.
#[derive(Debug, Default)]
struct Given {
    images: Vec<SavedImage>,
    documents: Vec<Document>,
    blobs: HashMap<Digest, Vec<u8>>,
}

impl Given {
    fn new(models: &[Model]) -> Self {
        let (mut given, mut free) = (Self::default(), vec![true; NAMES.len()]);
        for model in models {
            let image = given.image(&model.variants);
            let target = image.target.document.digest;
            let known = |other: &SavedImage| other.target.document.digest == target;
            if given.images.iter().any(known) {
                continue;
            }
            let mut names = model.names.clone();
            names.retain(|place| std::mem::take(&mut free[*place]));
            given.images.push(SavedImage {
                names: names.iter().map(|place| name(NAMES[*place])).collect(),
                ..image
            });
        }
        given
    }

    fn image(&mut self, variants: &[Vec<(u8, u8)>]) -> SavedImage {
        let variants: Vec<_> = variants
            .iter()
            .zip(ARCHITECTURES)
            .map(|(layers, architecture)| self.variant(layers, architecture))
            .collect();
        let (manifest, config, layers) = variants[0].clone();
        let mut image = SavedImage {
            target: Target {
                document: manifest,
                media_type: sockerless_oci::media_type::OCI_MANIFEST.into(),
            },
            names: Vec::new(),
            config,
            layers,
            platform: Some(linux(ARCHITECTURES[0])),
        };
        if variants.len() > 1 {
            let manifests: Vec<_> = variants
                .iter()
                .map(|(manifest, ..)| {
                    json!({
                        "mediaType": sockerless_oci::media_type::OCI_MANIFEST,
                        "digest": manifest.digest.to_string(),
                        "size": manifest.bytes.len(),
                    })
                })
                .collect();
            let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
            image.target = Target {
                document: self.document(index.to_string().into()),
                media_type: INDEX.into(),
            };
            image.platform = None;
        }
        image
    }

    /// Manifest, config and layers.
    fn variant(
        &mut self,
        layers: &[(u8, u8)],
        architecture: &str,
    ) -> (Document, Digest, Vec<Digest>) {
        let (mut diff_ids, mut listed) = (Vec::new(), Vec::new());
        for (content, compression) in layers {
            let mut builder = tar::Builder::new(Vec::new());
            let mut header = tar::Header::new_gnu();
            header.set_size(1);
            let appended = builder.append_data(&mut header, "file", &[*content][..]);
            appended.expect("append");
            let tar = builder.into_inner().expect("tar");
            diff_ids.push(Digest::of(&tar).to_string());
            let (bytes, kind) = match compression {
                0 => (tar, "tar"),
                1 => (gzip(&tar), "tar+gzip"),
                _ => (zstd(&tar), "tar+zstd"),
            };
            let digest = Digest::of(&bytes);
            listed.push(ManifestLayer {
                media_type: format!("application/vnd.oci.image.layer.v1.{kind}"),
                digest,
                size: bytes.len() as u64,
                urls: Vec::new(),
            });
            self.blobs.insert(digest, bytes);
        }
        let config = json!({
            "os": "linux",
            "architecture": architecture,
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        let config = self.document(config.to_string().into());
        let manifest = generate(&config, &listed).expect("manifest");
        self.documents.push(manifest.clone());
        let layers = listed.iter().map(|layer| layer.digest).collect();
        (manifest, config.digest, layers)
    }

    fn document(&mut self, bytes: Bytes) -> Document {
        let document = Document::new(bytes);
        self.documents.push(document.clone());
        document
    }

    fn members(&self) -> Vec<Member> {
        let blobs = self.blobs.iter();
        let sizes = blobs.map(|(digest, bytes)| (*digest, bytes.len() as u64));
        plan(&self.images, self.documents.clone(), sizes).expect("plan")
    }

    fn archive(&self) -> Vec<u8> {
        bytes(&self.members(), &self.blobs)
    }
}

/// Digest and media type of the target, names, config and layers of the default variant.
type Seen = (Digest, String, Vec<Reference>, Digest, Vec<Digest>);

fn given(image: &SavedImage) -> Seen {
    let Target {
        document,
        media_type,
    } = &image.target;
    (
        document.digest,
        media_type.clone(),
        image.names.clone(),
        image.config,
        image.layers.clone(),
    )
}

fn found(image: &crate::ArchiveImage) -> Seen {
    let target = image.target.as_ref().expect("a layout has targets");
    let variant = &image.variants[0];
    let layers = variant.layers.iter().map(|layer| match layer.presence {
        crate::Presence::Here(digest) => digest,
        other => panic!("{}: {other:?}", layer.entry),
    });
    (
        target.document.digest,
        target.media_type.clone(),
        image.names.clone(),
        variant.config.digest,
        layers.collect(),
    )
}

/// The same image with gzip and with zstd layers has one config and two manifests.
#[test]
fn names_stay_with_their_manifest_whatever_order_manifest_json_has() {
    let model = |name, compression| Model {
        names: vec![name],
        variants: vec![vec![(0, compression)]],
    };
    let written = Given::new(&[model(0, 1), model(1, 2)]);
    let mut members = written.members();
    let place = members.iter().position(|m| m.name() == "manifest.json");
    let place = place.expect("manifest.json");
    let mut items: Vec<Value> =
        serde_json::from_str(&text(&members, "manifest.json").expect("text")).expect("JSON");
    items.reverse();
    members[place] = Member::fixed("manifest.json", json!(items).to_string());
    let archive = loaded(&bytes(&members, &written.blobs)).expect("an archive");
    let expected: Vec<_> = written.images.iter().rev().map(given).collect();
    let seen: Vec<_> = archive.images.iter().map(found).collect();
    assert_eq!(seen, expected);
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0x50c4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn what_is_written_is_what_is_read(models in models()) {
        let written = Given::new(&models);
        let bytes = written.archive();
        let archive = loaded(&bytes).expect("an archive");
        let expected: Vec<_> = written.images.iter().map(given).collect();
        let seen: Vec<_> = archive.images.iter().map(found).collect();
        prop_assert_eq!(seen, expected);
        let variants = archive.images.iter().map(|image| image.variants.len());
        prop_assert!(variants.sum::<usize>() <= models.iter().map(|m| m.variants.len()).sum());
        // The same again, whatever order blobs come in out of a hash map.
        prop_assert_eq!(Given::new(&models).archive(), bytes);
    }

    #[test]
    fn the_docker_half_alone_has_the_same_images(models in models()) {
        let written = Given::new(&models);
        let mut members = written.members();
        members.retain(|member| !matches!(member.name().as_str(), "index.json" | "oci-layout"));
        let archive = loaded(&bytes(&members, &written.blobs)).expect("an archive");
        let mut seen = Vec::new();
        for image in archive.images {
            let variant = &image.variants[0];
            seen.push((image.names, variant.config.digest, variant.layers.len()));
        }
        // Without their manifests some are the same.
        let mut expected: Vec<(Vec<Reference>, Digest, usize)> = Vec::new();
        let mut layers = Vec::new();
        for image in &written.images {
            let key = (image.config, &image.layers);
            match layers.iter().position(|known| *known == key) {
                Some(place) => {
                    let names = &mut expected[place].0;
                    let more = image.names.iter().filter(|name| !names.contains(name));
                    let more: Vec<_> = more.cloned().collect();
                    names.extend(more);
                }
                None => {
                    layers.push(key);
                    expected.push((image.names.clone(), image.config, image.layers.len()));
                }
            }
        }
        prop_assert_eq!(seen, expected);
    }
}
