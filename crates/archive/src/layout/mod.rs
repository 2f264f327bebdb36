//! What an archive means, decided when all of it was read: pure functions over its members.

mod docker;
mod hard_links;
mod legacy;
mod oci;
mod part;

use std::collections::HashSet;

use hard_links::HardLinks;

use crate::image::{Archive, ArchiveImage, ArchiveVariant};
use crate::read::Members;
use crate::{Error, Limits};
use sockerless_oci::{Platform, PlatformMatcher};

/// What is wanted of an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The platform that comes first among the variants of an image.
    pub(crate) preferred: &'a Platform,
    /// The only platform to load.
    pub(crate) only: Option<&'a Platform>,
    pub(crate) limits: &'a Limits,
}

/// Decides what the members mean.
///
/// An OCI layout keeps its manifests, and so their digests; `manifest.json` beside it adds names
/// and whatever the layout does not have. A v1 `repositories` file counts only when it is alone.
pub(crate) fn interpret(members: Members, wish: &Wish<'_>) -> Result<Archive, Error> {
    let docker = docker::images(&members, wish)?;
    let layout = oci::images(&members, wish, docker.is_some())?;
    let (oci, skipped) = layout.map_or_else(Default::default, |layout| {
        (Some(layout.images), layout.skipped)
    });
    let lister = if docker.is_some() {
        "manifest.json"
    } else {
        "index.json"
    };
    let mut images = match (docker, oci) {
        (Some(docker), Some(oci)) => merge(docker, oci)?,
        (Some(docker), None) => docker,
        (None, Some(oci)) => oci.into_iter().collect::<Result<_, _>>()?,
        (None, None) => legacy::images(&members, wish)?.ok_or(Error::NoManifest)?,
    };
    let lists_none = images.is_empty();
    if let Some(only) = wish.only {
        let only = PlatformMatcher::new(only);
        images.retain_mut(|image| keep_best(image, &only));
    }
    let hard_links = HardLinks::default();
    for variant in images.iter().flat_map(|image| &image.variants) {
        hard_links.check(&members, &variant.platform, &variant.layers)?;
    }
    if images.is_empty() {
        let reason = match (wish.only, skipped.artifacts.as_slice()) {
            (Some(only), _) if !lists_none => {
                format!("requested platform(s) ([{only}]) not found: image might be filtered out")
            }
            (_, []) => format!("{lister} lists none"),
            (_, [one]) if skipped.count == 1 => format!("{lister} lists only {one}"),
            (_, [first, ..]) => format!(
                "none of the {} entries of {lister} is one; the first is {first}",
                skipped.count
            ),
        };
        return Err(Error::NoImage { reason });
    }
    for image in &mut images {
        let mut seen = HashSet::new();
        image.names.retain(|name| seen.insert(name.clone()));
    }
    Ok(Archive {
        images,
        skipped,
        blobs: members.into_blobs(),
    })
}

/// Takes away the variants that do not serve best. False when none is left.
fn keep_best(image: &mut ArchiveImage, wanted: &PlatformMatcher) -> bool {
    let rank = |variant: &ArchiveVariant| wanted.rank_config(&variant.platform);
    let best = image.variants.iter().filter_map(rank).min();
    image
        .variants
        .retain(|variant| best.is_some() && rank(variant) == best);
    best.is_some()
}

/// Puts together what `manifest.json` and the OCI layout of one archive say, in the order of
/// `manifest.json`.
fn merge(
    docker: Vec<ArchiveImage>,
    oci: Vec<Result<ArchiveImage, Error>>,
) -> Result<Vec<ArchiveImage>, Error> {
    let variants = docker.iter().flat_map(|image| &image.variants);
    let known: HashSet<_> = variants.map(|variant| variant.config.digest).collect();
    let mut layout = Vec::new();
    for image in oci {
        match image {
            Ok(image) => layout.push(image),
            // Docker 25.0.0 wrote OCI manifests without layers: manifest.json knows better.
            Err(Error::LayerCount { config, .. }) if known.contains(&config) => {}
            Err(error) => return Err(error),
        }
    }
    let mut images: Vec<ArchiveImage> = Vec::new();
    for item in docker {
        let twin = [same_layers, same_config].into_iter().find_map(|alike| {
            if let Some(place) = layout.iter().position(|image| alike(image, &item)) {
                images.push(layout.remove(place));
                return Some(images.len() - 1);
            }
            images.iter().position(|image| alike(image, &item))
        });
        match twin.and_then(|place| images.get_mut(place)) {
            None => images.push(item),
            // The names of manifest.json come first, in its order.
            Some(image) => {
                let rest = std::mem::replace(&mut image.names, item.names);
                image.names.extend(rest);
            }
        }
    }
    images.extend(layout);
    Ok(images)
}

/// Whether two images have a variant in common, down to how its layers are compressed: an archive
/// may have the same image with gzip and with zstd layers.
fn same_layers(one: &ArchiveImage, other: &ArchiveImage) -> bool {
    let layers = |variant: &ArchiveVariant| -> Vec<_> {
        let layers = variant.layers.iter();
        layers.map(|layer| layer.presence).collect()
    };
    let mut pairs = same_variants(one, other);
    pairs.any(|(one, other)| layers(one) == layers(other))
}

/// Whether two images have a variant in common, however its layers are compressed.
fn same_config(one: &ArchiveImage, other: &ArchiveImage) -> bool {
    same_variants(one, other).next().is_some()
}

/// The variants of two images that have the same config.
fn same_variants<'a>(
    one: &'a ArchiveImage,
    other: &'a ArchiveImage,
) -> impl Iterator<Item = (&'a ArchiveVariant, &'a ArchiveVariant)> {
    let pairs = one.variants.iter().flat_map(|one| {
        let others = other.variants.iter();
        others.map(move |other| (one, other))
    });
    pairs.filter(|(one, other)| one.config.digest == other.config.digest)
}
