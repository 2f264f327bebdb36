//! The documents of an OCI layout: indexes, manifests and what they refer to.

use std::collections::HashMap;
use std::rc::Rc;

use sockerless_oci::{Descriptor, Index, Manifest, Platform, Shape};
use sockerless_reference::Digest;

use super::configs::Configs;
use super::{Wish, part};
use crate::Error;
use crate::document::parse;
use crate::image::ArchiveVariant;
use crate::read::{Document, Members, Resolved};

/// The parsed documents of an OCI layout. Each is parsed once, however many indexes list it.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    pub(super) members: &'a Members,
    pub(super) wish: &'a Wish<'a>,
    configs: &'a mut Configs,
    shapes: HashMap<Digest, (Shape, Rc<str>)>,
    indexes: HashMap<Digest, Rc<[Descriptor]>>,
    manifests: HashMap<(Digest, Role), Rc<Outcome>>,
}

/// How a manifest is treated: an index may say that it is not an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    Any,
    Attachment,
}

/// The result of reading a manifest.
#[derive(Debug)]
pub(super) enum Outcome {
    Image(ArchiveVariant),
    Attachment(Attachment),
    /// Its config is missing.
    Absent(Missing),
    /// Its number of layers differs from its config's.
    LayerCount(LayerCount),
}

/// Something that is not an image, with the present documents and blobs that it refers to.
#[derive(Debug, Default)]
pub(super) struct Attachment {
    /// The media type that identifies it.
    pub(super) kind: String,
    pub(super) documents: Vec<Document>,
    pub(super) blobs: Vec<Digest>,
}

/// The fields of [`Error::Missing`], which can be made repeatedly.
#[derive(Debug)]
pub(super) struct Missing {
    what: &'static str,
    entry: String,
    wanted_by: String,
}

/// The fields of [`Error::LayerCount`], which can be made repeatedly.
#[derive(Debug)]
pub(super) struct LayerCount {
    config: Digest,
    manifest: String,
    expected: usize,
    found: usize,
}

impl<'a> Graph<'a> {
    pub(super) fn new(members: &'a Members, wish: &'a Wish<'a>, configs: &'a mut Configs) -> Self {
        Self {
            members,
            wish,
            configs,
            shapes: HashMap::new(),
            indexes: HashMap::new(),
            manifests: HashMap::new(),
        }
    }

    /// The kind of a document, and the media type that it declares.
    pub(super) fn shape(
        &mut self,
        entry: &str,
        document: &Document,
    ) -> Result<(Shape, Rc<str>), Error> {
        if let Some((shape, kind)) = self.shapes.get(&document.digest) {
            return Ok((*shape, Rc::clone(kind)));
        }
        let shape = Shape::with_type(&document.bytes).map_err(|error| Error::Document {
            what: "manifest",
            entry: entry.to_owned(),
            reason: error.to_string(),
        });
        let (shape, kind) = shape?;
        let kind: Rc<str> = kind.into();
        self.shapes
            .insert(document.digest, (shape, Rc::clone(&kind)));
        Ok((shape, kind))
    }

    /// The entries of an index, without annotations and URLs: they are not needed, and may take
    /// many times the size of their text. Attachments of an image have the platform
    /// `unknown/unknown`.
    pub(super) fn index(
        &mut self,
        entry: &str,
        document: &Document,
    ) -> Result<Rc<[Descriptor]>, Error> {
        if let Some(children) = self.indexes.get(&document.digest) {
            return Ok(Rc::clone(children));
        }
        let index: Index = parse("index", entry, document)?;
        let children = index.manifests.into_iter().map(|child| {
            let is_attached = child.is_attached();
            Descriptor {
                annotations: None,
                urls: Vec::new(),
                platform: match is_attached {
                    true => Some(Platform::new("unknown", "unknown", "")),
                    false => child.platform,
                },
                ..child
            }
        });
        let children: Rc<[Descriptor]> = children.collect();
        self.indexes.insert(document.digest, Rc::clone(&children));
        Ok(children)
    }

    /// Reads the manifest that `descriptor` refers to.
    pub(super) fn manifest(
        &mut self,
        descriptor: &Descriptor,
        document: &Document,
        entry: &str,
    ) -> Result<Rc<Outcome>, Error> {
        let role = match descriptor.is_attached() {
            true => Role::Attachment,
            false => Role::Any,
        };
        let key = (document.digest, role);
        if let Some(outcome) = self.manifests.get(&key) {
            return Ok(Rc::clone(outcome));
        }
        let manifest: Manifest = parse("manifest", entry, document)?;
        let outcome = if role == Role::Attachment || !manifest.is_image() {
            Outcome::Attachment(self.attachment(document, &manifest)?)
        } else {
            match self.variant(document, &manifest, entry) {
                Ok(variant) => Outcome::Image(variant),
                Err(error) => Outcome::of(error)?,
            }
        };
        let outcome = Rc::new(outcome);
        self.manifests.insert(key, Rc::clone(&outcome));
        Ok(outcome)
    }

    fn attachment(&self, document: &Document, manifest: &Manifest) -> Result<Attachment, Error> {
        let mut attachment = Attachment {
            kind: manifest.kind().to_owned(),
            ..Attachment::default()
        };
        attachment.documents.push(document.clone());
        for part in std::iter::once(&manifest.config).chain(&manifest.layers) {
            self.keep_part(part, &mut attachment)?;
        }
        Ok(attachment)
    }

    /// An entry of an index that is neither a manifest nor an index.
    pub(super) fn kept(&self, child: &Descriptor) -> Result<Attachment, Error> {
        let mut attachment = Attachment {
            kind: child.media_type.clone(),
            ..Attachment::default()
        };
        self.keep_part(child, &mut attachment)?;
        Ok(attachment)
    }

    /// Adds a blob of something that is not an image, if it is present.
    fn keep_part(&self, part: &Descriptor, attachment: &mut Attachment) -> Result<(), Error> {
        let entry = part::entry(part.digest);
        match self.members.get(&entry)? {
            Resolved::Document(document) => {
                let size = document.bytes.len() as u64;
                part::same("attachment", &entry, part, document.digest, size)?;
                attachment.documents.push(document.clone());
            }
            Resolved::Blob(blob) | Resolved::Empty(blob) => {
                let (digest, size) = (blob.staged.digest(), blob.staged.size());
                part::same("attachment", &entry, part, digest, size)?;
                attachment.blobs.push(digest);
            }
            Resolved::Missing => {}
        }
        Ok(())
    }

    fn variant(
        &mut self,
        document: &Document,
        manifest: &Manifest,
        entry: &str,
    ) -> Result<ArchiveVariant, Error> {
        let (members, wish) = (self.members, self.wish);
        let config_entry = part::entry(manifest.config.digest);
        part::described(members, wish, "config", &manifest.config, entry)?;
        let (config, facts) = part::config(members, wish, self.configs, &config_entry, entry)?;
        let (diff_ids, descriptors) = (&facts.diff_ids, &manifest.layers);
        if diff_ids.len() != descriptors.len() {
            return Err(Error::LayerCount {
                config: config.digest,
                manifest: entry.to_owned(),
                expected: diff_ids.len(),
                found: descriptors.len(),
            });
        }
        let layers =
            diff_ids
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
            created: facts.created,
            layers: layers.collect::<Result<_, _>>()?,
        })
    }
}

impl Outcome {
    /// Turns an error that only concerns images with this manifest into an outcome; any other error
    /// ends the load.
    fn of(error: Error) -> Result<Self, Error> {
        match error {
            Error::Missing {
                what,
                entry,
                wanted_by,
            } => Ok(Self::Absent(Missing {
                what,
                entry,
                wanted_by,
            })),
            Error::LayerCount {
                config,
                manifest,
                expected,
                found,
            } => Ok(Self::LayerCount(LayerCount {
                config,
                manifest,
                expected,
                found,
            })),
            other => Err(other),
        }
    }
}

impl Missing {
    pub(super) fn error(&self) -> Error {
        Error::Missing {
            what: self.what,
            entry: self.entry.clone(),
            wanted_by: self.wanted_by.clone(),
        }
    }
}

impl LayerCount {
    pub(super) fn error(&self) -> Error {
        Error::LayerCount {
            config: self.config,
            manifest: self.manifest.clone(),
            expected: self.expected,
            found: self.found,
        }
    }
}
