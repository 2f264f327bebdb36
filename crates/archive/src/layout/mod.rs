//! What an archive means, decided when all of it was read: pure functions over its members.

mod docker;
mod legacy;
mod oci;
mod part;

use std::collections::HashSet;

use crate::document::Platform;
use crate::image::{Archive, ArchiveImage};
use crate::read::Members;
use crate::{Error, Limits};

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
    let oci = oci::images(&members, wish, docker.is_some())?;
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
    if let Some(only) = wish.only {
        images.retain_mut(|image| {
            image
                .variants
                .retain(|variant| variant.platform.satisfies(only));
            !image.variants.is_empty()
        });
    }
    if images.is_empty() {
        let reason = match wish.only {
            None => format!("{lister} lists none"),
            Some(only) => {
                format!("requested platform(s) ([{only}]) not found: image might be filtered out")
            }
        };
        return Err(Error::NoImage { reason });
    }
    for image in &mut images {
        let mut seen = HashSet::new();
        image.names.retain(|name| seen.insert(name.clone()));
    }
    Ok(Archive {
        images,
        blobs: members.into_blobs(),
    })
}

/// Puts together what `manifest.json` and the OCI layout of one archive say, in the order of
/// `manifest.json`.
fn merge(
    docker: Vec<ArchiveImage>,
    oci: Vec<Result<ArchiveImage, Error>>,
) -> Result<Vec<ArchiveImage>, Error> {
    let configs = |image: &ArchiveImage| -> Vec<_> {
        image
            .variants
            .iter()
            .map(|variant| variant.config.digest)
            .collect()
    };
    let known: HashSet<_> = docker.iter().flat_map(configs).collect();
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
        let config = configs(&item);
        let twin = |image: &ArchiveImage| configs(image).iter().any(|c| config.contains(c));
        if let Some(place) = layout.iter().position(twin) {
            images.push(layout.remove(place));
        }
        match images.iter_mut().find(|image| twin(image)) {
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
