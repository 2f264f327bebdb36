use sockerless_reference::{Digest, Reference};

use super::{Wish, part};
use crate::Error;
use crate::document::{DockerManifestItem, parse};
use crate::image::{ArchiveImage, ArchiveVariant};
use crate::read::Members;

const MANIFEST: &str = "manifest.json";

/// The images that `manifest.json` lists; `None` when there is no such file.
pub(super) fn images(
    members: &Members,
    wish: &Wish<'_>,
) -> Result<Option<Vec<ArchiveImage>>, Error> {
    let Some(document) = members.document(MANIFEST)? else {
        return Ok(None);
    };
    // Docker writes `null` when there are no images.
    let items: Option<Vec<DockerManifestItem>> = parse("manifest", MANIFEST, document)?;
    let items = items.unwrap_or_default();
    let images = items.iter().map(|item| image(members, wish, item));
    images.collect::<Result<_, _>>().map(Some)
}

fn image(
    members: &Members,
    wish: &Wish<'_>,
    item: &DockerManifestItem,
) -> Result<ArchiveImage, Error> {
    if item.config.is_empty() {
        let reason = "expected a Config for every image, found none".to_owned();
        return Err(Error::Document {
            what: "manifest",
            entry: MANIFEST.to_owned(),
            reason,
        });
    }
    let (config, facts) = part::config(members, wish, &item.config, MANIFEST)?;
    // Only its name protects a config from damage: nothing else in the archive has its digest.
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
            // The digest of a foreign layer is that of the blob elsewhere: what is in the archive is
            // held to the diff_id alone.
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
    let variant = ArchiveVariant {
        platform: facts.platform.clone(),
        manifest: None,
        config: config.clone(),
        layers: layers.collect::<Result<_, Error>>()?,
    };
    let names = item.repo_tags.iter().map(|name| {
        Reference::from_repo_tag(name).map_err(|source| Error::Name {
            entry: MANIFEST,
            name: name.clone(),
            source,
        })
    });
    Ok(ArchiveImage {
        target: None,
        variants: vec![variant],
        documents: Vec::new(),
        blobs: Vec::new(),
        names: names.collect::<Result<_, _>>()?,
    })
}

/// The digest that the name of a config carries: `HEX.json`, `sha256:HEX`, `blobs/sha256/HEX`.
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
