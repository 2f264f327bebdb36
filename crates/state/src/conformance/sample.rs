//! Images made from a word: the same word gives the same digests.

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_oci::Platform;
use sockerless_reference::{Digest, IdPrefix, Query, Reference};

use crate::{
    Addition, Blob, BlobSources, Container, ContainerState, Found, Image, ImageStore, Layer,
    ListPosition, Origin, Removal, Removed, Staged, Variant,
};

/// A staging repository.
pub(crate) const STAGING: &str = "127.0.0.1:5000/staging/x";

/// An image with its documents and blobs.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) image: Image,
    documents: Vec<(Digest, Bytes)>,
    blobs: Vec<Blob>,
}

impl Sample {
    /// An original image of one platform, with two layers.
    pub(crate) fn new(word: &str) -> Self {
        Self::manifest(word, "")
    }

    /// Another manifest of the image that `word` makes: same ID, same layers, another target.
    pub(crate) fn manifest(word: &str, wrapping: &str) -> Self {
        let mut documents = Vec::new();
        let mut blobs = Vec::new();
        let variant = variant(word, wrapping, &mut documents, &mut blobs);
        let image = Image {
            target: variant.manifest,
            media_type: "application/vnd.oci.image.manifest.v1+json".to_owned(),
            size: 7,
            id: variant.config,
            origin: Origin::Original,
            variants: vec![variant],
            documents: Vec::new(),
            blobs: Vec::new(),
            loaded_at: at(1),
        };
        Self {
            image,
            documents,
            blobs,
        }
    }

    /// An index of two platforms with an attestation.
    pub(crate) fn index(first: &str, second: &str) -> Self {
        let mut documents = Vec::new();
        let mut blobs = Vec::new();
        let mut variants = vec![
            variant(first, "", &mut documents, &mut blobs),
            variant(second, "", &mut documents, &mut blobs),
        ];
        variants[1].platform.architecture = "arm64".to_owned();
        variants[1].platform.variant = Some("v8".to_owned());
        let target = document(&mut documents, format!("index of {first} and {second}"));
        let attestation = document(&mut documents, format!("attestation of {first}"));
        let image = Image {
            target,
            media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
            size: 9,
            id: variants[0].config,
            origin: Origin::Original,
            variants,
            documents: vec![attestation],
            blobs: vec![Digest::of(format!("provenance of {first}"))],
            loaded_at: at(1),
        };
        Self {
            image,
            documents,
            blobs,
        }
    }

    pub(crate) fn generated(mut self) -> Self {
        self.image.origin = Origin::Generated;
        self
    }

    pub(crate) fn loaded_at(mut self, seconds: i64) -> Self {
        self.image.loaded_at = at(seconds);
        self
    }

    /// Sets the time of creation.
    pub(crate) fn created(mut self, seconds: i64) -> Self {
        for variant in &mut self.image.variants {
            variant.created = Some(at(seconds));
        }
        self
    }

    /// The image with what it needs, under these names.
    pub(crate) fn named(&self, names: &[&str]) -> Addition {
        Addition {
            images: vec![self.image.clone()],
            documents: self.documents.clone(),
            blobs: self.blobs.clone(),
            names: names
                .iter()
                .map(|text| (name(text), self.image.target))
                .collect(),
            ..Addition::default()
        }
    }

    /// The removal of these names and nothing else.
    pub(crate) fn untagging(&self, names: &[&str]) -> Removal {
        Removal {
            id: self.image.id,
            names: self::names(names),
            repo_digests: Vec::new(),
            images: false,
            although_used: false,
        }
    }

    /// The removal of the image with these names.
    pub(crate) fn removal(&self, names: &[&str]) -> Removal {
        Removal {
            images: true,
            ..self.untagging(names)
        }
    }

    /// A container of the default variant. Its ID is the repeated digit.
    pub(crate) fn container(&self, digit: char, name: &str) -> Container {
        Container {
            id: digit.to_string().repeat(64),
            name: name.to_owned(),
            target: self.image.target,
            image: self.image.id,
            created_at: at(5),
            state: ContainerState::default(),
            revision: 0,
            spec: Bytes::from_static(b"\0\xff spec"),
        }
    }

    pub(crate) fn id(&self) -> Digest {
        self.image.id
    }

    pub(crate) fn target(&self) -> Digest {
        self.image.target
    }

    pub(crate) fn layers(&self) -> &[Layer] {
        &self.image.variants[0].layers
    }
}

fn variant(
    word: &str,
    wrapping: &str,
    documents: &mut Vec<(Digest, Bytes)>,
    blobs: &mut Vec<Blob>,
) -> Variant {
    let layers = ["base", "top"].map(|place| {
        let diff_id = Digest::of(format!("tar of {place} of {word}"));
        let blob = Blob {
            digest: Digest::of(format!("{place} of {word} {wrapping}")),
            size: 20,
            diff_id,
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            tar_size: 2048,
            content_size: 100,
        };
        let layer = Layer {
            diff_id,
            digest: blob.digest,
            size: blob.size,
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            urls: Vec::new(),
            content_size: None,
        };
        blobs.push(blob);
        layer
    });
    let platform = Platform {
        os: "linux".into(),
        architecture: "amd64".into(),
        ..Platform::default()
    };
    Variant {
        platform,
        manifest: document(documents, format!("manifest of {word} {wrapping}")),
        config: document(documents, format!("config of {word}")),
        layers: layers.into(),
        created: None,
    }
}

fn document(documents: &mut Vec<(Digest, Bytes)>, text: String) -> Digest {
    let digest = Digest::of(&text);
    documents.push((digest, text.into()));
    digest
}

/// Everything of several additions in one.
pub(crate) fn together(additions: impl IntoIterator<Item = Addition>) -> Addition {
    let mut all = Addition::default();
    for addition in additions {
        all.images.extend(addition.images);
        all.documents.extend(addition.documents);
        all.blobs.extend(addition.blobs);
        all.names.extend(addition.names);
        all.repo_digests.extend(addition.repo_digests);
        all.locations.extend(addition.locations);
        all.staged.extend(addition.staged);
    }
    all
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    // Not on a second, so that a store that keeps too few digits is noticed.
    Timestamp::new(1_700_000_000 + seconds, 123_456_789).expect("a time within jiff's range")
}

pub(crate) fn name(text: &str) -> Reference {
    text.parse().expect("a valid reference")
}

pub(crate) fn names(texts: &[&str]) -> Vec<Reference> {
    texts.iter().map(|text| name(text)).collect()
}

/// The query that names an image and nothing else.
pub(crate) fn named(text: &str) -> Query {
    Query::Name {
        reference: name(text),
        prefix: None,
    }
}

/// The query for the first characters of a digest.
pub(crate) fn prefix(digest: Digest, length: usize) -> Query {
    starting(&digest.hex()[..length])
}

/// The query for some hexadecimal characters, which may be a name too.
pub(crate) fn starting(hex: &str) -> Query {
    Query::Name {
        reference: name(&format!("{hex}:latest")),
        prefix: IdPrefix::parse(hex),
    }
}

pub(crate) async fn find(store: &dyn ImageStore, query: &Query) -> Option<Found> {
    store.find(query).await.expect("finding works")
}

/// The image that is found; panics when there is none.
pub(crate) async fn found(store: &dyn ImageStore, query: &Query) -> Found {
    find(store, query)
        .await
        .unwrap_or_else(|| panic!("{query} is found"))
}

/// All images, newest first.
pub(crate) async fn everything(store: &dyn ImageStore) -> Vec<Found> {
    let places = store.places(None, usize::MAX).await.expect("pages");
    let ids: Vec<_> = places.into_iter().map(ListPosition::id).collect();
    store.with_ids(&ids).await.expect("reads")
}

pub(crate) async fn add(store: &dyn ImageStore, addition: Addition) -> crate::Added {
    store.add(addition).await.expect("adding works")
}

pub(crate) async fn tag(
    store: &dyn ImageStore,
    source: &Query,
    to: &str,
    seconds: i64,
) -> Option<Digest> {
    store
        .tag(source, &name(to), at(seconds))
        .await
        .expect("tagging works")
}

pub(crate) async fn remove(store: &dyn ImageStore, removal: &Removal) -> Removed {
    store.remove(removal).await.expect("removing works")
}

/// The result of a removal after which these blobs are not needed any more.
pub(crate) fn released(mut blobs: Vec<Digest>) -> Removed {
    blobs.sort_unstable();
    Removed::Done { released: blobs }
}

/// `repository@digest`.
pub(crate) fn pinned(repository: &str, digest: Digest) -> Reference {
    name(&format!("{repository}@{digest}"))
}

/// Locations from pairs of a blob's word and a repository.
pub(crate) fn places(places: &[(&str, &str)]) -> Vec<(Digest, String)> {
    places
        .iter()
        .map(|(blob, repository)| (Digest::of(blob), (*repository).to_owned()))
        .collect()
}

/// The staged form of a variant, with its manifest.
pub(crate) fn form(sample: &Sample, variant: usize, repository: &str, text: &str) -> Addition {
    let manifest = Digest::of(text);
    Addition {
        documents: vec![(manifest, Bytes::from(text.to_owned()))],
        staged: vec![Staged {
            target: sample.target(),
            config: sample.image.variants[variant].config,
            repository: repository.to_owned(),
            manifest,
        }],
        ..Addition::default()
    }
}

pub(crate) async fn locations(
    store: &dyn BlobSources,
    digests: &[Digest],
) -> Vec<(Digest, String)> {
    store.locations(digests).await.expect("reads")
}
