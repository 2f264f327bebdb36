//! Images that the `index.json` of an OCI layout lists.

use std::collections::{HashMap, HashSet};

use sockerless_oci::{Artifact, Descriptor, Index, PlatformMatcher, Shape, media_type};
use sockerless_reference::{Digest, Reference};

use super::budget::{Parts, check_images};
use super::configs::Configs;
use super::graph::{Attachment, Graph, Outcome};
use super::{Wish, part};
use crate::Error;
use crate::document::{Layout, parse};
use crate::image::{ArchiveImage, ArchiveVariant, Skipped, Target};
use crate::read::{Document, Members};

const INDEX: &str = "index.json";
const LAYOUT: &str = "oci-layout";

/// Maximum depth of nested indexes.
const DEPTH: usize = 8;

/// The entries of `index.json`.
pub(super) struct Listed {
    /// Each is an image or its error, which `manifest.json` may resolve.
    pub(super) images: Vec<Result<ArchiveImage, Error>>,
    /// Entries that are not images.
    pub(super) skipped: Skipped,
}

/// One entry of `index.json`.
enum Entry {
    Image(ArchiveImage),
    /// Something else, by the media type that identifies it.
    Artifact(String),
}

/// Reads the layout's `index.json`; `None` if there is no layout.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
    configs: &mut Configs,
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
    let mut graph = Graph::new(members, wish, configs);
    let mut parts = Parts::new(wish.limits);
    // The position of each descriptor's image, if it is one.
    let mut places: HashMap<Digest, Option<usize>> = HashMap::new();
    let mut images: Vec<Result<ArchiveImage, Error>> = Vec::new();
    let mut skipped = Skipped::default();
    for descriptor in index.manifests {
        let name = name(&descriptor);
        // An image has one descriptor for each name.
        if let Some(place) = places.get(&descriptor.digest) {
            let image = place.and_then(|place| images.get_mut(place));
            if let Some(Ok(image)) = image {
                image.names.extend(name);
            }
            continue;
        }
        let image = match image(&mut graph, &mut parts, &descriptor) {
            Ok(Entry::Artifact(kind)) => {
                let digest = descriptor.digest;
                places.insert(digest, None);
                skipped.push(Artifact { digest, kind });
                continue;
            }
            Ok(Entry::Image(mut image)) => {
                image.names.extend(name);
                Ok(image)
            }
            // Only these errors may be resolved by `manifest.json`.
            Err(error @ Error::LayerCount { .. }) => Err(error),
            Err(error) => return Err(error),
        };
        check_images(images.len() + 1, wish.limits)?;
        places.insert(descriptor.digest, Some(images.len()));
        images.push(image);
    }
    name_the_best(&mut images, wish);
    Ok(Some(Listed { images, skipped }))
}

/// Gives a name that several entries have to the best matching image, or else to the last: a layout
/// may list one image for several platforms without an index.
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

/// The name in a descriptor of `index.json`. A bare tag is not a name.
fn name(descriptor: &Descriptor) -> Option<Reference> {
    [
        "io.containerd.image.name",
        "org.opencontainers.image.ref.name",
    ]
    .into_iter()
    .filter_map(|key| descriptor.annotation(key))
    .find_map(Reference::from_annotation)
}

/// The image of a descriptor, or what else it refers to. An unknown media type is never an error:
/// such an entry is skipped, whether its bytes are present or not.
fn image(
    graph: &mut Graph<'_>,
    parts: &mut Parts,
    descriptor: &Descriptor,
) -> Result<Entry, Error> {
    if !descriptor.may_be_image() {
        return Ok(Entry::Artifact(descriptor.media_type.clone()));
    }
    let document = part::described(graph.members, graph.wish, "manifest", descriptor, INDEX)?;
    let preferred = PlatformMatcher::new(graph.wish.preferred);
    let mut found = Found::new(graph, parts);
    found.visit(descriptor, document, DEPTH)?;
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
    let rank = |variant: &ArchiveVariant| {
        let rank = preferred.rank_config(&variant.platform);
        rank.unwrap_or(usize::MAX)
    };
    variants.sort_by_cached_key(|variant| (rank(variant), variant.leaves_out()));
    documents.retain(|extra| extra.digest != document.digest);
    let media_type = media_type(graph, descriptor, document)?;
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

/// What was found below a descriptor.
struct Found<'f, 'a> {
    graph: &'f mut Graph<'a>,
    parts: &'f mut Parts,
    variants: Vec<ArchiveVariant>,
    documents: Vec<Document>,
    blobs: Vec<Digest>,
    /// The error of the first missing variant.
    absent: Option<Error>,
    /// The media type of the first thing that is not an image.
    kind: Option<String>,
    visited: HashSet<Digest>,
    /// Digests of the documents and blobs added so far.
    kept: HashSet<Digest>,
}

impl<'f, 'a> Found<'f, 'a> {
    fn new(graph: &'f mut Graph<'a>, parts: &'f mut Parts) -> Self {
        Self {
            graph,
            parts,
            variants: Vec::new(),
            documents: Vec::new(),
            blobs: Vec::new(),
            absent: None,
            kind: None,
            visited: HashSet::new(),
            kept: HashSet::new(),
        }
    }

    fn visit(
        &mut self,
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
        let (shape, kind) = self.graph.shape(&entry, document)?;
        match shape {
            Shape::Manifest => self.manifest(descriptor, document, &entry),
            Shape::Index if depth == 0 => Err(invalid(format!("more than {DEPTH} nested indexes"))),
            Shape::Index => {
                self.keep(document);
                let children = self.graph.index(&entry, document)?;
                self.parts.add(children.len())?;
                let (members, wish) = (self.graph.members, self.graph.wish);
                for child in children.iter() {
                    if !child.may_be_image() {
                        self.attach(&self.graph.kept(child)?)?;
                        continue;
                    }
                    match part::described(members, wish, "manifest", child, &entry) {
                        Ok(document) => self.visit(child, document, depth - 1)?,
                        // An index may list platforms that were not saved with it.
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
                self.keep(document);
                self.kind.get_or_insert_with(|| kind.to_string());
                Ok(())
            }
        }
    }

    fn manifest(
        &mut self,
        descriptor: &Descriptor,
        document: &Document,
        entry: &str,
    ) -> Result<(), Error> {
        match &*self.graph.manifest(descriptor, document, entry)? {
            Outcome::Image(variant) => {
                self.parts.add(1 + variant.layers.len())?;
                let mut variant = variant.clone();
                if let Some(platform) = descriptor.known_platform() {
                    variant.platform = platform.clone();
                }
                self.variants.push(variant);
            }
            Outcome::Attachment(attachment) => self.attach(attachment)?,
            Outcome::Absent(missing) => {
                self.keep(document);
                self.miss(missing.error());
            }
            Outcome::LayerCount(fault) => return Err(fault.error()),
        }
        Ok(())
    }

    /// Adds something that is not an image.
    fn attach(&mut self, attachment: &Attachment) -> Result<(), Error> {
        self.parts
            .add(attachment.documents.len() + attachment.blobs.len())?;
        self.kind.get_or_insert_with(|| attachment.kind.clone());
        attachment.documents.iter().for_each(|d| self.keep(d));
        let mut blobs = attachment.blobs.clone();
        blobs.retain(|blob| self.kept.insert(*blob));
        self.blobs.extend(blobs);
        Ok(())
    }

    fn keep(&mut self, document: &Document) {
        if self.kept.insert(document.digest) {
            self.documents.push(document.clone());
        }
    }

    fn miss(&mut self, error: Error) {
        self.absent.get_or_insert(error);
    }
}

/// The media type of a target: its descriptor's, or that of its shape.
fn media_type(
    graph: &mut Graph<'_>,
    descriptor: &Descriptor,
    document: &Document,
) -> Result<String, Error> {
    if !descriptor.media_type.is_empty() {
        return Ok(descriptor.media_type.clone());
    }
    let (shape, _) = graph.shape(&part::entry(document.digest), document)?;
    Ok(match shape == Shape::Index {
        true => media_type::OCI_INDEX,
        false => media_type::OCI_MANIFEST,
    }
    .to_owned())
}
