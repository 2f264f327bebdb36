use std::collections::{BTreeMap, HashSet};

use serde::Serialize;
use serde_json::value::RawValue;
use sockerless_oci::config::RunConfig;
use sockerless_oci::json::{Member, any_case};
use sockerless_reference::{Digest, Reference};

use super::{Wish, part};
use crate::Error;
use crate::document::{parse, parse_config};
use crate::image::{ArchiveImage, ArchiveVariant};
use crate::read::{Document, Members, Resolved};

const REPOSITORIES: &str = "repositories";

/// Layers that an image may have: Docker's own stores stop at 127.
const DEPTH: usize = 1024;

/// Repository, tag, v1 image ID.
type Repositories = BTreeMap<String, BTreeMap<String, String>>;

/// The fields of a v1 image that a config's history is made from.
#[derive(Debug, Default)]
struct V1Image {
    parent: String,
    created: Option<Box<RawValue>>,
    author: Member<String>,
    comment: Member<String>,
    container_config: Member<RunConfig>,
}

any_case!(V1Image, "a v1 image" {
    "parent" => parent,
    "created" => created,
    "author" => author,
    "comment" => comment,
    "container_config" => container_config (merged),
});

#[derive(Debug, Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<Digest>,
}

#[derive(Debug, Serialize)]
struct History {
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    author: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    created_by: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
}

/// The images of an archive as Docker wrote it before 1.10: `repositories` names v1 images, each
/// of which is a folder with `json` and `layer.tar`. `None` when there is no such file.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
) -> Result<Option<Vec<ArchiveImage>>, Error> {
    let Some(document) = members.document(REPOSITORIES)? else {
        return Ok(None);
    };
    let repositories: Repositories = parse("list of names", REPOSITORIES, document)?;
    let mut names: BTreeMap<&str, Vec<Reference>> = BTreeMap::new();
    for (repository, tags) in &repositories {
        for (tag, id) in tags {
            let name = format!("{repository}:{tag}");
            let reference = Reference::from_repo_tag(&name);
            let reference = reference.map_err(|source| Error::Name {
                entry: REPOSITORIES,
                name,
                source,
            })?;
            names.entry(id).or_default().push(reference);
        }
    }
    let images = names.into_iter().map(|(id, names)| {
        let variants = vec![variant(members, wish, id)?];
        Ok(ArchiveImage {
            target: None,
            variants,
            documents: Vec::new(),
            blobs: Vec::new(),
            names,
        })
    });
    images.collect::<Result<_, _>>().map(Some)
}

/// Walks from the v1 image to its oldest parent and makes the config that Docker would make.
fn variant(members: &Members, wish: &Wish<'_>, id: &str) -> Result<ArchiveVariant, Error> {
    let top_entry = format!("{id}/json");
    let top = part::document(members, wish, "v1 image", &top_entry, REPOSITORIES)?;
    let mut steps = Vec::new();
    let mut seen = HashSet::new();
    let (mut id, mut wanted_by) = (id.to_owned(), REPOSITORIES.to_owned());
    while !id.is_empty() {
        let entry = format!("{id}/json");
        let document = part::document(members, wish, "v1 image", &entry, &wanted_by)?;
        let image: V1Image = parse("v1 image", &entry, document)?;
        if !seen.insert(id.clone()) || seen.len() > DEPTH {
            let reason =
                format!("expected at most {DEPTH} different parents, found a loop or more");
            return Err(Error::Document {
                what: "v1 image",
                entry,
                reason,
            });
        }
        let parent = image.parent.clone();
        steps.push((format!("{id}/layer.tar"), image));
        (id, wanted_by) = (parent, entry);
    }
    steps.reverse();
    let mut layers = Vec::with_capacity(steps.len());
    let mut history = Vec::with_capacity(steps.len());
    for (index, (entry, image)) in steps.into_iter().enumerate() {
        // Without a config nothing else tells which layer it should be.
        let diff_id = match members.get(&entry)? {
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
                let wanted_by = top_entry.clone();
                return Err(Error::Missing {
                    what: "layer",
                    entry,
                    wanted_by,
                });
            }
        };
        layers.push(part::layer(members, index, &entry, diff_id, None)?);
        let command = image
            .container_config
            .value()
            .and_then(|config| config.cmd)
            .unwrap_or_default();
        history.push(History {
            created: image.created,
            author: image.author.value().unwrap_or_default(),
            created_by: command.join(" "),
            comment: image.comment.value().unwrap_or_default(),
        });
    }
    let diff_ids = layers.iter().map(|layer| layer.diff_id).collect();
    let invalid = |error: serde_json::Error| Error::Document {
        what: "v1 image",
        entry: top_entry.clone(),
        reason: error.to_string(),
    };
    let mut config: BTreeMap<String, Box<RawValue>> = parse("v1 image", &top_entry, top)?;
    for key in ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"] {
        config.remove(key);
    }
    let rootfs = serde_json::value::to_raw_value(&RootFs {
        r#type: "layers",
        diff_ids,
    });
    config.insert("rootfs".to_owned(), rootfs.map_err(invalid)?);
    let history = serde_json::value::to_raw_value(&history);
    config.insert("history".to_owned(), history.map_err(invalid)?);
    let config = Document::new(serde_json::to_vec(&config).map_err(invalid)?);
    let facts = parse_config(&top_entry, &config)?;
    Ok(ArchiveVariant {
        platform: facts.platform,
        manifest: None,
        config,
        layers,
    })
}
