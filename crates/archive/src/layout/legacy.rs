//! Images of archives before Docker 1.10, which `repositories` lists.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::Serialize;
use serde_json::value::RawValue;
use sockerless_oci::Time;
use sockerless_reference::{Digest, Reference};

use super::Wish;
use super::budget::{Made, check_images};
use super::legacy_chain::{Chains, Step};
use crate::Error;
use crate::document::{parse, parse_config};
use crate::image::{ArchiveImage, ArchiveVariant};
use crate::read::{Document, Members};

pub(super) const REPOSITORIES: &str = "repositories";

/// Bytes of a `diff_id` in a config.
const DIFF_ID: usize = 74;

/// Repository, tag, v1 image ID.
type Repositories = BTreeMap<String, BTreeMap<String, String>>;

#[derive(Debug, Serialize)]
struct RootFs {
    r#type: &'static str,
    diff_ids: Vec<Digest>,
}

/// The images of an archive as Docker wrote it before 1.10: `repositories` names v1 images, each a
/// folder with `json` and `layer.tar`. `None` if there is no such file.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
) -> Result<Option<Vec<ArchiveImage>>, Error> {
    let Some(document) = members.document(REPOSITORIES)? else {
        return Ok(None);
    };
    let repositories: Repositories = parse("list of names", REPOSITORIES, document)?;
    let mut made = Made::beside(members.kept_bytes(), wish.limits);
    let mut names: BTreeMap<&str, Vec<Reference>> = BTreeMap::new();
    for (repository, tags) in &repositories {
        for (tag, id) in tags {
            // The name of the repository is repeated for each tag.
            made.add(repository.len() + tag.len())?;
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
    let mut chains = Chains::new(members, wish);
    let mut images = Vec::with_capacity(names.len());
    for (id, names) in names {
        check_images(images.len() + 1, wish.limits)?;
        images.push(ArchiveImage {
            target: None,
            variants: vec![variant(&mut chains, &mut made, id)?],
            documents: Vec::new(),
            blobs: Vec::new(),
            names,
        });
    }
    Ok(Some(images))
}

/// Makes the config that Docker would make of a v1 image and its ancestors.
fn variant(chains: &mut Chains<'_>, made: &mut Made, id: &str) -> Result<ArchiveVariant, Error> {
    let entry = format!("{id}/json");
    let steps = chains.of(id)?;
    let top = chains.document(&entry, REPOSITORIES)?;
    // Each image repeats the history of its ancestors.
    let history: usize = steps.iter().map(|step| step.history.get().len()).sum();
    made.add_config(top.bytes.len() + history + DIFF_ID * steps.len())?;
    let config = config(&entry, top, &steps)?;
    let facts = parse_config(&entry, &config)?;
    Ok(ArchiveVariant {
        platform: facts.platform,
        manifest: None,
        config,
        created: facts.created.map(Time::timestamp),
        layers: steps.iter().map(|step| step.layer.clone()).collect(),
    })
}

fn config(entry: &str, top: &Document, steps: &[Rc<Step>]) -> Result<Document, Error> {
    let invalid = |error: serde_json::Error| Error::Document {
        what: "v1 image",
        entry: entry.to_owned(),
        reason: error.to_string(),
    };
    let mut config: BTreeMap<String, Box<RawValue>> = parse("v1 image", entry, top)?;
    for key in ["id", "parent", "Size", "parent_id", "layer_id", "throwaway"] {
        config.remove(key);
    }
    let rootfs = serde_json::value::to_raw_value(&RootFs {
        r#type: "layers",
        diff_ids: steps.iter().map(|step| step.layer.diff_id).collect(),
    });
    config.insert("rootfs".to_owned(), rootfs.map_err(invalid)?);
    let history: Vec<&RawValue> = steps.iter().map(|step| &*step.history).collect();
    let history = serde_json::value::to_raw_value(&history);
    config.insert("history".to_owned(), history.map_err(invalid)?);
    let config = serde_json::to_vec(&config).map_err(invalid)?;
    Ok(Document::new(config))
}
