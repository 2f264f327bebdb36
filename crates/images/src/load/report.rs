//! What a load reports about each image after the commit.

use std::collections::{HashMap, HashSet};

use sockerless_archive::Skipped;
use sockerless_reference::{Digest, Reference};
use sockerless_state::Added;

use super::{Loaded, LoadedImage, LoadedLayer};

/// What is reported of an image once it is recorded.
#[derive(Debug)]
pub(super) struct Outline {
    pub(super) id: Digest,
    pub(super) names: Vec<Reference>,
    /// The blobs of its layers that no previous image of the archive has.
    pub(super) layers: Vec<(Digest, LoadedLayer)>,
}

/// Reports what a load did. `pullable` are the references under which the images can be pulled, in
/// their order, if they were staged.
pub(super) fn report(outlines: Vec<Outline>, pullable: Vec<Reference>, added: Added) -> Loaded {
    let fresh: HashSet<Digest> = added.new_blobs.into_iter().collect();
    let before: HashMap<Reference, Digest> = added.moved.into_iter().collect();
    let mut pullable = pullable.into_iter();
    let images = outlines.into_iter().map(|outline| {
        let layers = outline.layers.into_iter();
        let new_layers = layers.filter(|(digest, _)| fresh.contains(digest));
        let moved = outline.names.iter().filter_map(|name| {
            let (name, old) = before.get_key_value(name)?;
            Some((name.clone(), *old))
        });
        let pullable = pullable.next();
        LoadedImage {
            id: outline.id,
            moved: moved.collect(),
            names: outline.names,
            repo_digests: pullable
                .iter()
                .map(|name| name.familiar().to_owned())
                .collect(),
            new_layers: new_layers.map(|(_, layer)| layer).collect(),
        }
    });
    Loaded {
        skipped: Skipped::default(),
        images: images.collect(),
    }
}
