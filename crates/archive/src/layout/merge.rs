//! Images that an archive lists more than once.

use std::collections::{HashMap, VecDeque};

use sockerless_reference::{Digest, Reference};

use super::docker::{Listed, without_target};
use crate::image::{ArchiveImage, ArchiveVariant, Presence};

/// The identity of a variant, including the compression of its layers: an archive may have the same
/// image with gzip and with zstd layers.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Content {
    config: Digest,
    layers: Vec<(Presence, Option<Digest>)>,
}

impl Content {
    pub(super) fn of(variant: &ArchiveVariant) -> Self {
        let layers = variant.layers.iter().map(|layer| {
            // Only a layer that is kept elsewhere is identified by its descriptor.
            let elsewhere = layer.descriptor.as_ref();
            let elsewhere = elsewhere.filter(|_| layer.presence == Presence::Foreign);
            (layer.presence, elsewhere.map(|blob| blob.digest))
        });
        Self {
            config: variant.config.digest,
            layers: layers.collect(),
        }
    }
}

/// Merges the images of `manifest.json` and of the OCI layout of one archive, in the order of
/// `manifest.json`. Two images are the same if they have a variant in common, preferably with the
/// same layer blobs.
pub(super) fn merge(docker: Listed, layout: Vec<ArchiveImage>) -> Vec<ArchiveImage> {
    let Listed { images, items } = docker;
    let contents: Vec<_> = images.iter().map(Content::of).collect();
    let mut waiting = Waiting::new(layout);
    let mut merged = Merged::default();
    for (place, names) in items {
        let (variant, content) = (&images[place], &contents[place]);
        let config = variant.config.digest;
        let place = waiting
            .with_content(content)
            .map(|image| merged.push_of_layout(image))
            .or_else(|| merged.by_content.get(content).copied())
            .or_else(|| {
                let image = waiting.with_config(config);
                image.map(|image| merged.push_of_layout(image))
            })
            .or_else(|| merged.by_config.get(&config).copied())
            .unwrap_or_else(|| merged.push(without_target(variant.clone())));
        merged.images[place].names.extend(names);
    }
    merged.finish(waiting)
}

/// The images of the layout that `manifest.json` has not listed yet.
struct Waiting {
    images: Vec<Option<ArchiveImage>>,
    by_content: HashMap<Content, VecDeque<usize>>,
    by_config: HashMap<Digest, VecDeque<usize>>,
}

impl Waiting {
    fn new(layout: Vec<ArchiveImage>) -> Self {
        let mut by_content = HashMap::<_, VecDeque<usize>>::new();
        let mut by_config = HashMap::<_, VecDeque<usize>>::new();
        for (place, image) in layout.iter().enumerate() {
            for variant in &image.variants {
                let alike = by_content.entry(Content::of(variant)).or_default();
                alike.push_back(place);
                let alike = by_config.entry(variant.config.digest).or_default();
                alike.push_back(place);
            }
        }
        Self {
            images: layout.into_iter().map(Some).collect(),
            by_content,
            by_config,
        }
    }

    fn with_content(&mut self, content: &Content) -> Option<ArchiveImage> {
        take(&mut self.images, self.by_content.get_mut(content)?)
    }

    fn with_config(&mut self, config: Digest) -> Option<ArchiveImage> {
        take(&mut self.images, self.by_config.get_mut(&config)?)
    }
}

/// Takes the first image left at one of `places`, and drops the empty places.
fn take(images: &mut [Option<ArchiveImage>], places: &mut VecDeque<usize>) -> Option<ArchiveImage> {
    let mut places = std::iter::from_fn(|| places.pop_front());
    places.find_map(|place| images.get_mut(place)?.take())
}

/// The merged images, in order.
#[derive(Default)]
struct Merged {
    images: Vec<ArchiveImage>,
    by_content: HashMap<Content, usize>,
    by_config: HashMap<Digest, usize>,
    /// The names from the layout for the images at these places: they come last.
    names_of_layout: Vec<(usize, Vec<Reference>)>,
}

impl Merged {
    fn push(&mut self, image: ArchiveImage) -> usize {
        let place = self.images.len();
        for variant in &image.variants {
            let content = Content::of(variant);
            self.by_content.entry(content).or_insert(place);
            self.by_config.entry(variant.config.digest).or_insert(place);
        }
        self.images.push(image);
        place
    }

    fn push_of_layout(&mut self, mut image: ArchiveImage) -> usize {
        let names = std::mem::take(&mut image.names);
        let place = self.push(image);
        self.names_of_layout.push((place, names));
        place
    }

    fn finish(mut self, rest: Waiting) -> Vec<ArchiveImage> {
        for (place, names) in self.names_of_layout {
            self.images[place].names.extend(names);
        }
        self.images.extend(rest.images.into_iter().flatten());
        self.images
    }
}
