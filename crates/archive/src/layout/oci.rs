use std::collections::HashSet;

use sockerless_reference::{Digest, Reference};

use super::{Wish, part};
use crate::Error;
use crate::document::{Layout, parse};
use crate::image::{ArchiveImage, ArchiveVariant, Target};
use crate::read::{Document, Members, Resolved};
use sockerless_oci::{Descriptor, Index, Manifest, Platform, PlatformMatcher, Shape, media_type};

const INDEX: &str = "index.json";
const LAYOUT: &str = "oci-layout";

/// Indexes in indexes in indexes: beyond this depth there is no image.
const DEPTH: usize = 8;

/// The images that the layout's `index.json` lists; `None` when there is no layout.
///
/// Each is an image or what is wrong with it: `manifest.json` beside it may know better.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
    has_manifest_json: bool,
) -> Result<Option<Vec<Result<ArchiveImage, Error>>>, Error> {
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
            Ok(None) => continue,
            Ok(Some(mut image)) => {
                image.names.extend(name);
                Ok(image)
            }
            Err(error) => Err(error),
        };
        seen.push(descriptor.digest);
        images.push(image);
    }
    Ok(Some(images))
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

/// The image of a descriptor; `None` when it is something else that is kept like one.
fn image(
    members: &Members,
    wish: &Wish<'_>,
    descriptor: &Descriptor,
) -> Result<Option<ArchiveImage>, Error> {
    let document = part::described(members, wish, "manifest", descriptor, INDEX)?;
    let mut found = Found::default();
    found.visit(members, wish, descriptor, document, DEPTH)?;
    let Found {
        mut variants,
        mut documents,
        blobs,
        absent,
        ..
    } = found;
    if variants.is_empty() {
        return match absent {
            None => Ok(None),
            Some(error) => Err(error),
        };
    }
    let preferred = PlatformMatcher::new(wish.preferred);
    let rank = |variant: &ArchiveVariant| preferred.rank(&variant.platform).unwrap_or(usize::MAX);
    variants.sort_by_key(|variant| (rank(variant), variant.leaves_out()));
    documents.retain(|extra| extra.digest != document.digest);
    let media_type = media_type(descriptor, document)?;
    Ok(Some(ArchiveImage {
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
        match Shape::of(&document.bytes).map_err(|error| invalid(error.to_string()))? {
            Shape::Manifest => self.manifest(members, wish, descriptor, document, &entry),
            Shape::Index if depth == 0 => Err(invalid(format!("more than {DEPTH} nested indexes"))),
            Shape::Index => {
                self.documents.push(document.clone());
                let index: Index = parse("index", &entry, document)?;
                for child in index.manifests {
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
            Shape::Other => Err(invalid(
                "expected an OCI or Docker schema 2 manifest or index, found another kind"
                    .to_owned(),
            )),
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
        let platform = descriptor
            .platform
            .as_ref()
            .filter(|platform| platform.is_known());
        let is_unknown = descriptor
            .platform
            .as_ref()
            .is_some_and(Platform::is_unknown);
        if !manifest.is_image() || is_unknown {
            return self.keep(members, document, &manifest);
        }
        match variant(members, wish, document, &manifest, entry) {
            Ok(mut variant) => {
                if let Some(platform) = platform {
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
