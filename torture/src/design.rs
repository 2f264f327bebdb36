use serde_json::{Value, json};
use sockerless_testkit::image::{Image, Layer, bytes};
use sockerless_testkit::layout::{Blob, Layout, index, named};
use sockerless_testkit::tar::Tar;

use crate::random::Random;

/// Layers that the images of all clients share.
const SHARED: usize = 40;

/// Makes images. They are the same for the same seed.
#[derive(Debug)]
pub(crate) struct Designs {
    seed: u64,
    layers: Vec<Layer>,
}

/// The form of an archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// The old form of `docker save`.
    Docker,
    /// An OCI layout with compressed layers.
    Oci,
}

impl Designs {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random::branch(seed, usize::MAX - 1);
        let layers = (0..SHARED).map(|number| {
            let size = 4 * 1024 + random.below(28 * 1024);
            layer(&format!("usr/shared-{number}"), size, &mut random)
        });
        let layers = layers.collect();
        Self { seed, layers }
    }

    /// Images for `owner`, who can prune them by the label `torture=OWNER`. All have its layer, one
    /// of their own, and some that others have too.
    pub(crate) fn images(&self, owner: &str, number: usize, count: usize) -> Vec<Image> {
        let mut random = Random::branch(self.seed, number);
        let own = layer(&format!("etc/{owner}"), 2048, &mut random);
        let image = |number: usize| {
            let shared = (0..1 + random.below(3)).map(|_| random.below(SHARED));
            let mut shared: Vec<_> = shared.collect();
            shared.sort_unstable();
            shared.dedup();
            let mut layers: Vec<_> = shared.iter().map(|at| self.layers[*at].clone()).collect();
            layers.push(own.clone());
            let size = 512 + random.below(2048);
            layers.push(layer(&format!("opt/{owner}-{number}"), size, &mut random));
            let name = format!("{} {owner} {number}", self.seed);
            Image::with_layers(&name, layers)
                .reconfigured(|config| config["config"]["Labels"]["torture"] = json!(owner))
        };
        (0..count).map(image).collect()
    }
}

/// A layer with a file that does not compress.
fn layer(path: &str, size: usize, random: &mut Random) -> Layer {
    let mut content: Vec<u8> = Vec::with_capacity(size + 8);
    while content.len() < size {
        content.extend(random.next().to_le_bytes());
    }
    Layer {
        tar: Tar::new().file(path, content).finish(),
    }
}

/// An archive of images with their names. A docker archive omits the layers that match `left_out`.
pub(crate) fn archive(
    form: Form,
    images: &[(&Image, Vec<String>)],
    left_out: impl Fn(&Layer) -> bool,
) -> Vec<u8> {
    match form {
        Form::Docker => docker(images, left_out),
        Form::Oci => oci(images),
    }
}

fn docker(images: &[(&Image, Vec<String>)], left_out: impl Fn(&Layer) -> bool) -> Vec<u8> {
    let mut tar = Tar::new();
    let (mut items, mut written) = (Vec::new(), Vec::new());
    for (image, names) in images {
        let config = format!("{}.json", image.hex());
        tar = tar.file(&config, &image.config);
        let mut paths = Vec::new();
        for (number, layer) in image.layers.iter().enumerate() {
            if left_out(layer) {
                paths.push(format!("blank_{number}"));
                continue;
            }
            let path = format!("{}/layer.tar", layer.hex());
            if !written.contains(&path) {
                tar = tar.file(&path, &layer.tar);
                written.push(path.clone());
            }
            paths.push(path);
        }
        items.push(json!({"Config": config, "RepoTags": names, "Layers": paths}));
    }
    tar.file("manifest.json", bytes(&json!(items))).finish()
}

fn oci(images: &[(&Image, Vec<String>)]) -> Vec<u8> {
    let mut layout = Layout::new();
    let mut manifests: Vec<Value> = Vec::new();
    for (image, names) in images {
        let manifest = layout.image(image, Blob::Gzip);
        if names.is_empty() {
            manifests.push(manifest);
        } else {
            let names = names.iter().map(|name| named(manifest.clone(), name));
            manifests.extend(names);
        }
    }
    layout.finish(&index(&manifests)).finish()
}
