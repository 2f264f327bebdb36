//! The interpretation of an archive after it has been read: pure functions over its members.

mod budget;
mod configs;
mod docker;
mod graph;
mod hard_links;
mod legacy;
mod legacy_chain;
mod merge;
mod oci;
mod part;

use std::collections::HashSet;

use hard_links::HardLinks;

use crate::image::{Archive, ArchiveImage, ArchiveVariant};
use crate::read::Members;
use crate::{Error, Limits};
use configs::Configs;
use docker::Listed;
use merge::merge;
use sockerless_oci::{Platform, PlatformMatcher};

/// What to load from an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wish<'a> {
    /// The platform that comes first among the variants of an image.
    pub(crate) preferred: &'a Platform,
    /// The only platform to load.
    pub(crate) only: Option<&'a Platform>,
    pub(crate) limits: &'a Limits,
}

/// Interprets the members.
///
/// An OCI layout has manifests, and so their digests; `manifest.json` beside it adds names and
/// images that the layout does not have. A v1 `repositories` file counts only when it is alone.
pub(crate) fn interpret(members: Members, wish: &Wish<'_>) -> Result<Archive, Error> {
    let mut configs = Configs::default();
    let docker = docker::images(&members, wish, &mut configs)?;
    let layout = oci::images(&members, wish, &mut configs, docker.is_some())?;
    let (oci, skipped) = layout.map_or_else(Default::default, |layout| {
        (Some(layout.images), layout.skipped)
    });
    let lister = if docker.is_some() {
        "manifest.json"
    } else {
        "index.json"
    };
    let mut images = match (docker, oci) {
        (Some(docker), Some(oci)) => {
            let layout = but_without_layers(&docker, oci)?;
            merge(docker, layout)
        }
        (Some(docker), None) => docker.alone(),
        (None, Some(oci)) => oci.into_iter().collect::<Result<_, _>>()?,
        (None, None) => legacy::images(&members, wish)?.ok_or(Error::NoManifest)?,
    };
    let lists_none = images.is_empty();
    if let Some(only) = wish.only {
        let only = PlatformMatcher::new(only);
        images.retain_mut(|image| keep_best(image, &only));
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
    budget::check(&images, wish.limits)?;
    let hard_links = HardLinks::default();
    for variant in images.iter().flat_map(|image| &image.variants) {
        hard_links.check(&members, &variant.platform, &variant.layers)?;
    }
    Ok(Archive {
        images,
        skipped,
        blobs: members.into_blobs(),
    })
}

/// Removes all but the best matching variants. Returns false if none is left.
fn keep_best(image: &mut ArchiveImage, wanted: &PlatformMatcher) -> bool {
    let rank = |variant: &ArchiveVariant| wanted.rank_config(&variant.platform);
    let best = image.variants.iter().filter_map(rank).min();
    image
        .variants
        .retain(|variant| best.is_some() && rank(variant) == best);
    best.is_some()
}

/// The images of the layout, without those of Docker 25.0.0, which wrote OCI manifests without
/// layers: there `manifest.json` is right.
fn but_without_layers(
    docker: &Listed,
    layout: Vec<Result<ArchiveImage, Error>>,
) -> Result<Vec<ArchiveImage>, Error> {
    let configs = docker.images.iter().map(|variant| variant.config.digest);
    let known: HashSet<_> = configs.collect();
    let is_known = |image: &Result<ArchiveImage, Error>| match image {
        Err(Error::LayerCount { config, .. }) => known.contains(config),
        _ => false,
    };
    layout
        .into_iter()
        .filter(|image| !is_known(image))
        .collect()
}
