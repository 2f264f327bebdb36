//! Images that `manifest.json` lists.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sockerless_reference::{Digest, Reference};

use super::budget::{Parts, check_images};
use super::configs::Configs;
use super::merge::Content;
use super::{Wish, part};
use crate::Error;
use crate::document::{DockerManifestItem, parse};
use crate::image::{ArchiveImage, ArchiveVariant};
use crate::read::Members;

const MANIFEST: &str = "manifest.json";

/// The images and names in `manifest.json`.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The images, each once.
    pub(super) images: Vec<ArchiveVariant>,
    /// Its items: the index of the image, and its names.
    pub(super) items: Vec<(usize, Vec<Reference>)>,
}

impl Listed {
    /// The images with all their names, when there is no OCI layout.
    pub(super) fn alone(self) -> Vec<ArchiveImage> {
        let images = self.images.into_iter().map(without_target);
        let mut images: Vec<_> = images.collect();
        for (place, names) in self.items {
            images[place].names.extend(names);
        }
        images
    }
}

/// An image of one platform that has no manifest.
pub(super) fn without_target(variant: ArchiveVariant) -> ArchiveImage {
    ArchiveImage {
        target: None,
        variants: vec![variant],
        documents: Vec::new(),
        blobs: Vec::new(),
        names: Vec::new(),
    }
}

/// The images that `manifest.json` lists; `None` if there is no such file.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
    configs: &mut Configs,
) -> Result<Option<Listed>, Error> {
    let Some(document) = members.document(MANIFEST)? else {
        return Ok(None);
    };
    // Docker writes `null` when there are no images.
    let items: Option<Vec<DockerManifestItem>> = parse("manifest", MANIFEST, document)?;
    let mut listed = Listed::default();
    let mut places: HashMap<Content, usize> = HashMap::new();
    let mut parts = Parts::new(wish.limits);
    for item in items.unwrap_or_default() {
        let variant = variant(members, wish, configs, &item)?;
        // An archive may list an image once for each of its names.
        let place = match places.entry(Content::of(&variant)) {
            Entry::Occupied(place) => *place.get(),
            Entry::Vacant(place) => {
                parts.add(1 + variant.layers.len())?;
                check_images(listed.images.len() + 1, wish.limits)?;
                listed.images.push(variant);
                *place.insert(listed.images.len() - 1)
            }
        };
        listed.items.push((place, names(&item)?));
    }
    Ok(Some(listed))
}

fn variant(
    members: &Members,
    wish: &Wish<'_>,
    configs: &mut Configs,
    item: &DockerManifestItem,
) -> Result<ArchiveVariant, Error> {
    if item.config.is_empty() {
        let reason = "expected a Config for every image, found none".to_owned();
        return Err(Error::Document {
            what: "manifest",
            entry: MANIFEST.to_owned(),
            reason,
        });
    }
    let (config, facts) = part::config(members, wish, configs, &item.config, MANIFEST)?;
    // Only its name can reveal a damaged config: nothing else in the archive has its digest.
    if let Some(expected) = digest_in(&item.config).filter(|digest| *digest != config.digest) {
        return Err(Error::Digest {
            what: "config",
            entry: item.config.clone(),
            expected,
            found: config.digest,
        });
    }
    let diff_ids = &facts.diff_ids;
    if diff_ids.len() != item.layers.len() {
        return Err(Error::LayerCount {
            config: config.digest,
            manifest: MANIFEST.to_owned(),
            expected: diff_ids.len(),
            found: item.layers.len(),
        });
    }
    let layers = diff_ids
        .iter()
        .zip(&item.layers)
        .enumerate()
        .map(|(index, (diff_id, entry))| {
            // The digest of a foreign layer is that of the blob elsewhere: a layer in the archive
            // is compared with the `diff_id` only.
            let source = item
                .layer_sources
                .get(diff_id)
                .filter(|source| source.is_foreign());
            let mut layer = part::layer(members, index, entry, *diff_id, None)?;
            if layer.presence == crate::Presence::LeftOut && source.is_some() {
                layer.presence = crate::Presence::Foreign;
                layer.descriptor = source.cloned();
            }
            Ok(layer)
        });
    Ok(ArchiveVariant {
        platform: facts.platform.clone(),
        manifest: None,
        config: config.clone(),
        created: facts.created,
        layers: layers.collect::<Result<_, Error>>()?,
    })
}

fn names(item: &DockerManifestItem) -> Result<Vec<Reference>, Error> {
    let names = item.repo_tags.iter().map(|name| {
        Reference::from_repo_tag(name).map_err(|source| Error::Name {
            entry: MANIFEST,
            name: name.clone(),
            source,
        })
    });
    names.collect()
}

/// The digest in the name of a config: `HEX.json`, `sha256:HEX`, `blobs/sha256/HEX`.
fn digest_in(entry: &str) -> Option<Digest> {
    let name = entry.rsplit('/').next()?;
    let name = name.strip_suffix(".json").unwrap_or(name);
    Digest::from_hex(name.strip_prefix("sha256:").unwrap_or(name)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_carry_a_digest() {
        let hex = Digest::of(b"").hex();
        for (entry, carries) in [
            (format!("{hex}.json"), true),
            (format!("./sha256:{hex}"), true),
            (format!("blobs/sha256/{hex}"), true),
            ("config.json".to_owned(), false),
            (format!("{}.json", &hex[1..]), false),
        ] {
            assert_eq!(digest_in(&entry).is_some(), carries, "{entry}");
        }
    }
}
