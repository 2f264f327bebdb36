//! Chains of v1 images, each built on its parent.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde::Serialize;
use serde_json::value::RawValue;
use sockerless_oci::config::RunConfig;
use sockerless_oci::json::{Member, any_case};
use sockerless_reference::Digest;

use super::budget::Parts;
use super::legacy::REPOSITORIES;
use super::{Wish, part};
use crate::Error;
use crate::document::parse;
use crate::image::ArchiveLayer;
use crate::read::{Document, Members, Resolved};

/// Maximum number of layers of an image: Docker's own stores allow 127.
const DEPTH: usize = 1024;

/// Maximum characters of a v1 ID. Docker's have 64.
const ID_LENGTH: usize = 255;

/// The v1 images of an archive. Each is parsed once, however many others are built on it.
#[derive(Debug)]
pub(super) struct Chains<'a> {
    members: &'a Members,
    wish: &'a Wish<'a>,
    parts: Parts,
    images: HashMap<Digest, Rc<V1Image>>,
    steps: HashMap<String, Rc<Step>>,
}

/// One v1 image as a step of its descendants.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) layer: ArchiveLayer,
    /// Its entry in a config's history.
    pub(super) history: Box<RawValue>,
}

/// The relevant parts of a v1 image.
#[derive(Debug)]
struct V1Image {
    parent: String,
    history: Box<RawValue>,
}

/// The members of a v1 image that a config's history is made from.
#[derive(Debug, Default)]
struct V1Document {
    parent: String,
    created: Option<Box<RawValue>>,
    author: Member<String>,
    comment: Member<String>,
    container_config: Member<RunConfig>,
}

any_case!(V1Document, "a v1 image" {
    "parent" => parent,
    "created" => created,
    "author" => author,
    "comment" => comment,
    "container_config" => container_config (merged),
});

#[derive(Debug, Serialize)]
struct History<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "str::is_empty")]
    author: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    created_by: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    comment: &'a str,
}

impl<'a> Chains<'a> {
    pub(super) fn new(members: &'a Members, wish: &'a Wish<'a>) -> Self {
        Self {
            members,
            wish,
            parts: Parts::new(wish.limits),
            images: HashMap::new(),
            steps: HashMap::new(),
        }
    }

    /// The document of a v1 image that `wanted_by` refers to.
    pub(super) fn document(&self, entry: &str, wanted_by: &str) -> Result<&'a Document, Error> {
        part::document(self.members, self.wish, "v1 image", entry, wanted_by)
    }

    /// The v1 image with this ID and its ancestors, oldest first.
    pub(super) fn of(&mut self, id: &str) -> Result<Vec<Rc<Step>>, Error> {
        let top_entry = format!("{id}/json");
        let mut images = Vec::new();
        let mut seen = HashSet::new();
        let (mut id, mut wanted_by) = (id.to_owned(), REPOSITORIES.to_owned());
        while !id.is_empty() {
            self.parts.add(1)?;
            let entry = format!("{id}/json");
            let document = self.document(&entry, &wanted_by)?;
            let image = self.image(&entry, document)?;
            let invalid = |reason| Error::Document {
                what: "v1 image",
                entry: entry.clone(),
                reason,
            };
            if image.parent.len() > ID_LENGTH {
                return Err(invalid(format!(
                    "expected an ID of at most {ID_LENGTH} characters as its parent, found {}",
                    image.parent.len()
                )));
            }
            if !seen.insert(id.clone()) || seen.len() > DEPTH {
                return Err(invalid(format!(
                    "expected at most {DEPTH} different parents, found a loop or more"
                )));
            }
            let parent = image.parent.clone();
            images.push((id, image));
            (id, wanted_by) = (parent, entry);
        }
        let oldest_first = images.into_iter().rev().enumerate();
        let steps = oldest_first.map(|(index, (id, image))| {
            if let Some(step) = self.steps.get(&id) {
                return Ok(Rc::clone(step));
            }
            let step = Rc::new(self.step(index, &id, &image, &top_entry)?);
            self.steps.insert(id, Rc::clone(&step));
            Ok(step)
        });
        steps.collect()
    }

    fn image(&mut self, entry: &str, document: &Document) -> Result<Rc<V1Image>, Error> {
        if let Some(image) = self.images.get(&document.digest) {
            return Ok(Rc::clone(image));
        }
        let read: V1Document = parse("v1 image", entry, document)?;
        let command = read.container_config.value().and_then(|config| config.cmd);
        let history = serde_json::value::to_raw_value(&History {
            created: read.created.as_deref(),
            author: &read.author.value().unwrap_or_default(),
            created_by: &command.unwrap_or_default().join(" "),
            comment: &read.comment.value().unwrap_or_default(),
        });
        let image = Rc::new(V1Image {
            parent: read.parent,
            history: history.map_err(|error| Error::Document {
                what: "v1 image",
                entry: entry.to_owned(),
                reason: error.to_string(),
            })?,
        });
        self.images.insert(document.digest, Rc::clone(&image));
        Ok(image)
    }

    /// The layer of a v1 image, number `index` of the image `wanted_by`.
    fn step(
        &self,
        index: usize,
        id: &str,
        image: &V1Image,
        wanted_by: &str,
    ) -> Result<Step, Error> {
        let entry = format!("{id}/layer.tar");
        // Without a config, nothing else says what its `diff_id` should be.
        let diff_id = match self.members.get(&entry)? {
            Resolved::Blob(blob) | Resolved::Empty(blob) => {
                let found = blob.layer();
                found
                    .map_err(|source| Error::Layer {
                        index,
                        entry: entry.clone(),
                        source,
                    })?
                    .diff_id
            }
            _ => {
                return Err(Error::Missing {
                    what: "layer",
                    entry,
                    wanted_by: wanted_by.to_owned(),
                });
            }
        };
        Ok(Step {
            layer: part::layer(self.members, index, &entry, diff_id, None)?,
            history: image.history.clone(),
        })
    }
}
