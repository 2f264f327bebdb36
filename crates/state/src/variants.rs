//! Splits variants off an image, and finds what only they needed.

use std::collections::{BTreeSet, HashSet};

use sockerless_reference::Digest;

use crate::{Image, Variant};

/// The image without the variants that have one of these manifests, and those variants. `None` when
/// one of them does not exist or none would be left.
pub(crate) fn split(image: Image, manifests: &[Digest]) -> Option<(Image, Vec<Variant>)> {
    let known: HashSet<Digest> = image.variants.iter().map(|v| v.manifest).collect();
    let going: HashSet<&Digest> = manifests.iter().collect();
    if !going.iter().all(|manifest| known.contains(*manifest)) {
        return None;
    }
    let (gone, variants): (Vec<_>, Vec<_>) = image
        .variants
        .into_iter()
        .partition(|variant| going.contains(&variant.manifest));
    let id = variants.first()?.config;
    let rest = Image {
        id,
        variants,
        ..image
    };
    Some((rest, gone))
}

/// What only the removed variants had.
pub(crate) struct Left {
    pub(crate) manifests: BTreeSet<Digest>,
    pub(crate) configs: BTreeSet<Digest>,
    pub(crate) blobs: BTreeSet<Digest>,
}

impl Left {
    pub(crate) fn by(gone: &[Variant], rest: &Image) -> Self {
        let of = |variants: &[Variant], part: fn(&Variant) -> Digest| {
            variants.iter().map(part).collect::<BTreeSet<_>>()
        };
        let less = |part| &of(gone, part) - &of(&rest.variants, part);
        let layers = |variants: &[Variant]| {
            let layers = variants.iter().flat_map(|variant| &variant.layers);
            layers.map(|layer| layer.digest).collect::<BTreeSet<_>>()
        };
        let mut blobs = &layers(gone) - &layers(&rest.variants);
        for blob in &rest.blobs {
            blobs.remove(blob);
        }
        Self {
            manifests: less(|variant| variant.manifest),
            configs: less(|variant| variant.config),
            blobs,
        }
    }
}
