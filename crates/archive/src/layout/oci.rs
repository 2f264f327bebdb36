use std::collections::{HashMap, HashSet};

use sockerless_reference::{Digest, Reference};

use super::{Wish, part};
use crate::Error;
use crate::document::{Layout, parse};
use crate::image::{ArchiveImage, ArchiveVariant, Skipped, Target};
use crate::read::{Document, Members, Resolved};
use sockerless_oci::{Artifact, Descriptor, Index, Manifest, PlatformMatcher, Shape, media_type};

const INDEX: &str = "index.json";
const LAYOUT: &str = "oci-layout";

/// Indexes in indexes in indexes: beyond this depth there is no image.
const DEPTH: usize = 8;

/// What `index.json` lists.
pub(super) struct Listed {
    /// Each is an image or what is wrong with it: `manifest.json` beside it may know better.
    pub(super) images: Vec<Result<ArchiveImage, Error>>,
    /// What is not an image.
    pub(super) skipped: Skipped,
}

/// What an entry of `index.json` is.
enum Entry {
    Image(ArchiveImage),
    /// Something else, by the media type that tells what it is.
    Artifact(String),
}

/// What the layout's `index.json` lists; `None` when there is no layout.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
    has_manifest_json: bool,
) -> Result<Option<Listed>, Error> {
    let layout = members.document(LAYOUT)?;
    let Some(index) = members.document(INDEX)? else {
        if layout.is_none() || has_manifest_json {
            return Ok(None);
        }
        return Err(Error::Missing {
            what: "index",
            entry: INDEX.to_owned(),
            wanted_by: LAYOUT.to_owned(),
        });
    };
    if let Some(layout) = layout {
        let Layout {
            image_layout_version: version,
        } = parse("layout", LAYOUT, layout)?;
        if !version.starts_with("1.") {
            return Err(Error::Document {
                what: "layout",
                entry: LAYOUT.to_owned(),
                reason: format!("unsupported OCI version: expected 1.x, found {version}"),
            });
        }
    }
    let index: Index = parse("index", INDEX, index)?;
    let mut seen: Vec<Digest> = Vec::new();
    let mut images: Vec<Result<ArchiveImage, Error>> = Vec::new();
    let (mut skipped, mut others) = (Skipped::default(), HashSet::new());
    for descriptor in index.manifests {
        let name = name(&descriptor);
        // One descriptor for each name of an image.
        if let Some(place) = seen.iter().position(|digest| *digest == descriptor.digest) {
            if let Ok(image) = &mut images[place] {
                image.names.extend(name);
            }
            continue;
        }
        let image = match image(members, wish, &descriptor) {
            Ok(Entry::Artifact(kind)) => {
                let digest = descriptor.digest;
                if others.insert(digest) {
                    skipped.push(Artifact { digest, kind });
                }
                continue;
            }
            Ok(Entry::Image(mut image)) => {
                image.names.extend(name);
                Ok(image)
            }
            Err(error) => Err(error),
        };
        seen.push(descriptor.digest);
        images.push(image);
    }
    name_the_best(&mut images, wish);
    Ok(Some(Listed { images, skipped }))
}

/// Leaves a name that several entries have to the image that serves best, and else to the last: a
/// layout may list one image for several platforms without an index of their own.
fn name_the_best(images: &mut [Result<ArchiveImage, Error>], wish: &Wish<'_>) {
    let wanted = PlatformMatcher::new(wish.only.unwrap_or(wish.preferred));
    let rank = |image: &ArchiveImage| {
        let variants = image.variants.iter();
        let ranks = variants.filter_map(|variant| wanted.rank_config(&variant.platform));
        ranks.min().unwrap_or(usize::MAX)
    };
    let mut best: HashMap<Reference, (usize, usize)> = HashMap::new();
    for (at, image) in images.iter().enumerate() {
        let Ok(image) = image else { continue };
        let rank = rank(image);
        for name in &image.names {
            let best = best.entry(name.clone()).or_insert((rank, at));
            if rank <= best.0 {
                *best = (rank, at);
            }
        }
    }
    for (at, image) in images.iter_mut().enumerate() {
        if let Ok(image) = image {
            image
                .names
                .retain(|name| best.get(name).is_some_and(|best| best.1 == at));
        }
    }
}

/// The name that a descriptor of `index.json` carries. A bare tag is no name.
fn name(descriptor: &Descriptor) -> Option<Reference> {
    [
        "io.containerd.image.name",
        "org.opencontainers.image.ref.name",
    ]
    .into_iter()
    .filter_map(|key| descriptor.annotation(key))
    .find_map(Reference::from_annotation)
}

/// The image of a descriptor, or what else is kept there. A media type that is not known is never an
/// error: what has one is passed over, whether its bytes are here or not.
fn image(members: &Members, wish: &Wish<'_>, descriptor: &Descriptor) -> Result<Entry, Error> {
    if !descriptor.may_be_image() {
        return Ok(Entry::Artifact(descriptor.media_type.clone()));
    }
    let document = part::described(members, wish, "manifest", descriptor, INDEX)?;
    let mut found = Found::default();
    found.visit(members, wish, descriptor, document, DEPTH)?;
    let Found {
        mut variants,
        mut documents,
        blobs,
        absent,
        kind,
        ..
    } = found;
    if variants.is_empty() {
        return match absent {
            None => Ok(Entry::Artifact(kind.unwrap_or_default())),
            Some(error) => Err(error),
        };
    }
    let preferred = PlatformMatcher::new(wish.preferred);
    let rank = |variant: &ArchiveVariant| {
        let rank = preferred.rank_config(&variant.platform);
        rank.unwrap_or(usize::MAX)
    };
    variants.sort_by_key(|variant| (rank(variant), variant.leaves_out()));
    documents.retain(|extra| extra.digest != document.digest);
    let media_type = media_type(descriptor, document)?;
    Ok(Entry::Image(ArchiveImage {
        target: Some(Target {
            document: document.clone(),
            media_type,
        }),
        variants,
        documents,
        blobs,
        names: Vec::new(),
    }))
}

/// What was met on the way from a descriptor down.
#[derive(Default)]
struct Found {
    variants: Vec<ArchiveVariant>,
    documents: Vec<Document>,
    blobs: Vec<Digest>,
    /// Why the first variant that is not here is not.
    absent: Option<Error>,
    /// The media type of the first thing that is not an image.
    kind: Option<String>,
    visited: HashSet<Digest>,
}

impl Found {
    fn visit(
        &mut self,
        members: &Members,
        wish: &Wish<'_>,
        descriptor: &Descriptor,
        document: &Document,
        depth: usize,
    ) -> Result<(), Error> {
        if !self.visited.insert(document.digest) {
            return Ok(());
        }
        let entry = part::entry(document.digest);
        let invalid = |reason| Error::Document {
            what: "manifest",
            entry: entry.clone(),
            reason,
        };
        let shape = Shape::with_type(&document.bytes);
        let (shape, kind) = shape.map_err(|error| invalid(error.to_string()))?;
        match shape {
            Shape::Manifest => self.manifest(members, wish, descriptor, document, &entry),
            Shape::Index if depth == 0 => Err(invalid(format!("more than {DEPTH} nested indexes"))),
            Shape::Index => {
                self.documents.push(document.clone());
                let index: Index = parse("index", &entry, document)?;
                for child in index.manifests {
                    if !child.may_be_image() {
                        self.keep_part(members, &child)?;
                        self.kind.get_or_insert(child.media_type);
                        continue;
                    }
                    match part::described(members, wish, "manifest", &child, &entry) {
                        Ok(document) => {
                            self.visit(members, wish, &child, document, depth - 1)?;
                        }
                        // An index may name platforms that were not saved with it.
                        Err(error @ Error::Missing { .. }) => self.miss(error),
                        Err(error) => return Err(error),
                    }
                }
                Ok(())
            }
            Shape::Other if kind.is_empty() => Err(invalid(
                "expected a manifest or an index, found neither a config nor manifests in it"
                    .to_owned(),
            )),
            Shape::Other => {
                self.documents.push(document.clone());
                self.kind.get_or_insert(kind);
                Ok(())
            }
        }
    }

    fn manifest(
        &mut self,
        members: &Members,
        wish: &Wish<'_>,
        descriptor: &Descriptor,
        document: &Document,
        entry: &str,
    ) -> Result<(), Error> {
        let manifest: Manifest = parse("manifest", entry, document)?;
        if !manifest.is_image() || descriptor.is_attached() {
            self.kind.get_or_insert_with(|| manifest.kind().to_owned());
            return self.keep(members, document, &manifest);
        }
        match variant(members, wish, document, &manifest, entry) {
            Ok(mut variant) => {
                if let Some(platform) = descriptor.known_platform() {
                    variant.platform = platform.clone();
                }
                self.variants.push(variant);
                Ok(())
            }
            Err(error @ Error::Missing { .. }) => {
                self.documents.push(document.clone());
                self.miss(error);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Keeps something that is no image, with what it refers to, as far as it is here.
    fn keep(
        &mut self,
        members: &Members,
        document: &Document,
        manifest: &Manifest,
    ) -> Result<(), Error> {
        self.documents.push(document.clone());
        for part in std::iter::once(&manifest.config).chain(&manifest.layers) {
            self.keep_part(members, part)?;
        }
        Ok(())
    }

    /// Keeps a blob of something that is not an image, if it is here.
    fn keep_part(&mut self, members: &Members, part: &Descriptor) -> Result<(), Error> {
        let entry = part::entry(part.digest);
        match members.get(&entry)? {
            Resolved::Document(document) => {
                let size = document.bytes.len() as u64;
                part::same("attachment", &entry, part, document.digest, size)?;
                self.documents.push(document.clone());
            }
            Resolved::Blob(blob) | Resolved::Empty(blob) => {
                let (digest, size) = (blob.staged.digest(), blob.staged.size());
                part::same("attachment", &entry, part, digest, size)?;
                self.blobs.push(digest);
            }
            Resolved::Missing => {}
        }
        Ok(())
    }

    fn miss(&mut self, error: Error) {
        self.absent.get_or_insert(error);
    }
}

fn variant(
    members: &Members,
    wish: &Wish<'_>,
    document: &Document,
    manifest: &Manifest,
    entry: &str,
) -> Result<ArchiveVariant, Error> {
    let config_entry = part::entry(manifest.config.digest);
    part::described(members, wish, "config", &manifest.config, entry)?;
    let (config, facts) = part::config(members, wish, &config_entry, entry)?;
    let (diff_ids, descriptors) = (&facts.diff_ids, &manifest.layers);
    if diff_ids.len() != descriptors.len() {
        return Err(Error::LayerCount {
            config: config.digest,
            manifest: entry.to_owned(),
            expected: diff_ids.len(),
            found: descriptors.len(),
        });
    }
    let layers = diff_ids
        .iter()
        .zip(descriptors)
        .enumerate()
        .map(|(index, (diff_id, layer))| {
            part::layer(
                members,
                index,
                &part::entry(layer.digest),
                *diff_id,
                Some(layer),
            )
        });
    Ok(ArchiveVariant {
        platform: facts.platform.clone(),
        manifest: Some(document.clone()),
        config: config.clone(),
        layers: layers.collect::<Result<_, _>>()?,
    })
}

/// The media type of a target: its descriptor's, or what its shape says.
fn media_type(descriptor: &Descriptor, document: &Document) -> Result<String, Error> {
    if !descriptor.media_type.is_empty() {
        return Ok(descriptor.media_type.clone());
    }
    let index = matches!(Shape::of(&document.bytes), Ok(Shape::Index));
    Ok(match index {
        true => media_type::OCI_INDEX,
        false => media_type::OCI_MANIFEST,
    }
    .to_owned())
}
