//! Archives that try to cause much work with little input, each in a given size.

use serde_json::{Value, json};
use sockerless_testkit::image::{Image, bytes};
use sockerless_testkit::layout::{self, Blob, CONFIG, INDEX, LAYER, Layout, MANIFEST};
use sockerless_testkit::tar::Tar;

/// One kind of archive.
pub(crate) struct Shape {
    pub(crate) name: &'static str,
    pub(crate) archive: fn(usize) -> Vec<u8>,
    /// The size that is compared with twice itself.
    pub(crate) size: usize,
    /// The limit that rejects both, if any.
    pub(crate) refused: Option<&'static str>,
}

const fn loads(name: &'static str, archive: fn(usize) -> Vec<u8>, size: usize) -> Shape {
    Shape {
        name,
        archive,
        size,
        refused: None,
    }
}

const fn refused(
    name: &'static str,
    archive: fn(usize) -> Vec<u8>,
    size: usize,
    limit: &'static str,
) -> Shape {
    Shape {
        name,
        archive,
        size,
        refused: Some(limit),
    }
}

pub(crate) const SHAPES: &[Shape] = &[
    loads("many names", |n| names("names", n), 10_000),
    loads("one image, listed for each name", repeated, 5_000),
    loads("many images", images, 300),
    loads("many images, in both lists", in_both_lists, 150),
    loads("many layers", layers, 5_000),
    loads("one config of labels, in many images", shared_config, 40),
    loads("one manifest under many descriptors", descriptors, 4_000),
    loads("indexes of the same platforms", indexes, 30),
    loads("labels without text", tiny_labels, 30_000),
    loads("a history without text", history, 30_000),
    loads("annotations without text", annotations, 30_000),
    loads("an attachment of many parts", attachment, 5_000),
    loads("v1 images on one chain", v1_chain, 30),
    refused("indexes of one index", nested_indexes, 300, "max-parts"),
    refused("indexes of attestations", attestations, 300, "max-parts"),
    refused("a long chain under many tops", v1_tops, 300, "max-parts"),
    refused(
        "a long comment under many tops",
        v1_comment,
        60,
        "max-documents-bytes",
    ),
    refused(
        "a long repository with many tags",
        v1_repository,
        500,
        "max-documents-bytes",
    ),
    refused("more labels than values", tiny_labels, 160_000, "values"),
    refused(
        "a manifest without its layers, in many indexes",
        without_layers,
        100,
        "layers",
    ),
];

fn tag(n: usize) -> String {
    format!("names:{n}")
}

/// One image with many names.
pub(crate) fn names(seed: &str, n: usize) -> Vec<u8> {
    let names: Vec<String> = (0..n).map(tag).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Image::sample(seed, 1).docker_archive(&names).finish()
}

/// The members of some images, and the items that list them.
fn members(images: &[Image]) -> (Tar, Vec<Value>) {
    let mut tar = Tar::new();
    let mut items = Vec::new();
    for image in images {
        let config = format!("{}.json", image.hex());
        tar = tar.file(&config, &image.config);
        let paths = image.layers.iter().map(|layer| {
            let path = format!("{}/layer.tar", layer.hex());
            (path, &layer.tar)
        });
        let paths: Vec<_> = paths.collect();
        for (path, content) in &paths {
            tar = tar.file(path, content);
        }
        let paths: Vec<_> = paths.into_iter().map(|(path, _)| path).collect();
        items.push(json!({"Config": config, "RepoTags": [], "Layers": paths}));
    }
    (tar, items)
}

fn repeated(n: usize) -> Vec<u8> {
    let (tar, items) = members(&[Image::sample("repeated", 1)]);
    let items = (0..n).map(|n| layout::with(items[0].clone(), "RepoTags", json!([tag(n)])));
    let items: Vec<Value> = items.collect();
    tar.file("manifest.json", bytes(&json!(items))).finish()
}

fn samples(n: usize) -> Vec<Image> {
    let samples = (0..n).map(|n| Image::sample(&n.to_string(), 2));
    samples.collect()
}

fn images(n: usize) -> Vec<u8> {
    let (tar, mut items) = members(&samples(n));
    for (n, item) in items.iter_mut().enumerate() {
        item["RepoTags"] = json!([tag(n), tag(n + 1)]);
    }
    tar.file("manifest.json", bytes(&json!(items))).finish()
}

fn in_both_lists(n: usize) -> Vec<u8> {
    let images = samples(n);
    let mut layout = Layout::new();
    let listed = images.iter().enumerate().map(|(n, image)| {
        let descriptor = layout.image(image, Blob::Plain);
        layout::named(descriptor, &tag(n))
    });
    let listed: Vec<Value> = listed.collect();
    let items = images.iter().map(|image| {
        let path = |hex: String| format!("blobs/sha256/{hex}");
        let layers: Vec<_> = image.layers.iter().map(|layer| path(layer.hex())).collect();
        json!({"Config": path(image.hex()), "RepoTags": [], "Layers": layers})
    });
    let items: Vec<Value> = items.collect();
    let tar = layout.finish(&layout::index(&listed));
    tar.file("manifest.json", bytes(&json!(items))).finish()
}

fn layers(n: usize) -> Vec<u8> {
    let image = Image::sample("layers", 1);
    let diff_ids = vec![image.layers[0].diff_id(); n];
    let image = image.reconfigured(|config| {
        config["rootfs"]["diff_ids"] = json!(diff_ids);
        config["history"] = json!([]);
    });
    let (tar, mut items) = members(&[image]);
    items[0]["Layers"] = json!(vec![items[0]["Layers"][0].clone(); n]);
    tar.file("manifest.json", bytes(&json!(items))).finish()
}

/// A manifest in a layout; `n` makes it unique.
fn manifest(layout: &mut Layout, config: &Value, layers: &[Value], n: usize) -> Value {
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers,
        "annotations": {"n": n.to_string()},
    });
    layout.blob(MANIFEST, bytes(&manifest))
}

/// An index in a layout; `n` makes it unique.
fn index(layout: &mut Layout, manifests: &[Value], n: usize) -> Value {
    let mut index = layout::index(manifests);
    index["annotations"] = json!({"n": n.to_string()});
    layout.blob(INDEX, bytes(&index))
}

/// A layout with the blobs of one image, and the descriptors of its config and its layer.
fn with_blobs(image: &Image) -> (Layout, Value, Vec<Value>) {
    let mut layout = Layout::new();
    let config = layout.blob(CONFIG, image.config.clone());
    let layers = image.layers.iter();
    let layers = layers.map(|layer| layout.blob(LAYER, layer.tar.clone()));
    let layers = layers.collect();
    (layout, config, layers)
}

fn labels(n: usize, text: &str) -> Image {
    Image::sample("labels", 1).reconfigured(|config| {
        let labels = (0..n).map(|n| (format!("{n:x}"), json!(text)));
        config["config"]["Labels"] = labels.collect::<serde_json::Map<_, _>>().into();
    })
}

/// Twice the images, and twice the labels that they share.
fn shared_config(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&labels(n * 250, "a label of some length"));
    let manifests = (0..n).map(|n| manifest(&mut layout, &config, &layers, n));
    let manifests: Vec<Value> = manifests.collect();
    layout.finish(&layout::index(&manifests)).finish()
}

fn descriptors(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("descriptors", 1));
    let one = manifest(&mut layout, &config, &layers, 0);
    let all: Vec<Value> = (0..n)
        .map(|n| layout::named(one.clone(), &tag(n)))
        .collect();
    layout.finish(&layout::index(&all)).finish()
}

/// Indexes that each list the same few platforms, and a config that grows beside them.
fn indexes(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&labels(n * 200, "a label of some length"));
    let platforms: Vec<Value> = (0..20)
        .map(|n| manifest(&mut layout, &config, &layers, n))
        .collect();
    let indexes: Vec<Value> = (0..n).map(|n| index(&mut layout, &platforms, n)).collect();
    layout.finish(&layout::index(&indexes)).finish()
}

fn tiny_labels(n: usize) -> Vec<u8> {
    labels(n, "").docker_archive(&[&tag(0)]).finish()
}

fn history(n: usize) -> Vec<u8> {
    let image = Image::sample("history", 1).reconfigured(|config| {
        config["history"] = json!(vec![json!({"empty_layer": true}); n]);
    });
    image.docker_archive(&[&tag(0)]).finish()
}

fn annotations(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("annotations", 1));
    let one = manifest(&mut layout, &config, &layers, 0);
    let annotations = (0..n).map(|n| (format!("{n:x}"), json!("")));
    let annotations: serde_json::Map<_, _> = annotations.collect();
    let one = layout::with(one, "annotations", annotations.into());
    layout.finish(&layout::index(&[one])).finish()
}

fn attachment(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("attachment", 1));
    let image = manifest(&mut layout, &config, &layers, 0);
    let parts = vec![layers[0].clone(); n];
    let attached = manifest(&mut layout, &config, &parts, 1);
    let unknown = json!({"os": "unknown", "architecture": "unknown"});
    let attached = layout::with(attached, "platform", unknown);
    let all = index(&mut layout, &[image, attached], 0);
    layout.finish(&layout::index(&[all])).finish()
}

fn nested_indexes(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("nested", 1));
    let manifests: Vec<Value> = (0..n)
        .map(|n| manifest(&mut layout, &config, &layers, n))
        .collect();
    let inner = index(&mut layout, &manifests, 0);
    let tops: Vec<Value> = (1..=n)
        .map(|n| index(&mut layout, std::slice::from_ref(&inner), n))
        .collect();
    layout.finish(&layout::index(&tops)).finish()
}

fn attestations(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("attested", 1));
    let image = manifest(&mut layout, &config, &layers, 0);
    let unknown = json!({"os": "unknown", "architecture": "unknown"});
    let attestations: Vec<Value> = (1..=n)
        .map(|n| {
            let attestation = manifest(&mut layout, &config, &[], n);
            layout::with(attestation, "platform", unknown.clone())
        })
        .collect();
    let inner = index(&mut layout, &attestations, 0);
    let tops: Vec<Value> = (1..=n)
        .map(|n| index(&mut layout, &[image.clone(), inner.clone()], n))
        .collect();
    layout.finish(&layout::index(&tops)).finish()
}

/// A manifest whose layers are not in its config, in many indexes. `manifest.json` does not have
/// them either.
fn without_layers(n: usize) -> Vec<u8> {
    let (mut layout, config, layers) = with_blobs(&Image::sample("without", 1));
    let layers = vec![layers[0].clone(); n * 20];
    let one = manifest(&mut layout, &config, &layers, 0);
    let tops: Vec<Value> = (0..n)
        .map(|n| index(&mut layout, std::slice::from_ref(&one), n))
        .collect();
    layout.finish(&layout::index(&tops)).finish()
}

fn v1_image(tar: Tar, id: &str, parent: &str, comment: &str) -> Tar {
    let json = json!({"id": id, "parent": parent, "comment": comment});
    let layer = Tar::new().file("f", "v1").finish();
    tar.file(&format!("{id}/json"), bytes(&json))
        .file(&format!("{id}/layer.tar"), layer)
}

/// `tops` images on a chain of `length`, the oldest with a comment.
fn v1(tops: usize, length: usize, comment: &str) -> Vec<u8> {
    let mut tar = Tar::new();
    let mut parent = String::new();
    for n in 0..length {
        let id = format!("{n:064x}");
        tar = v1_image(tar, &id, &parent, if n == 0 { comment } else { "" });
        parent = id;
    }
    let mut names = serde_json::Map::new();
    for n in 0..tops {
        let id = format!("f{n:063x}");
        tar = v1_image(tar, &id, &parent, "");
        names.insert(format!("t{n}"), json!(id));
    }
    let repositories = json!({"v1": names});
    tar.file("repositories", bytes(&repositories)).finish()
}

fn v1_chain(n: usize) -> Vec<u8> {
    v1(n, 20, "")
}

fn v1_tops(n: usize) -> Vec<u8> {
    v1(n, 500, "")
}

fn v1_comment(n: usize) -> Vec<u8> {
    v1(n, 1, &"c".repeat(n * 10_000))
}

fn v1_repository(n: usize) -> Vec<u8> {
    let id = "a".repeat(64);
    let repository = format!("{}.example.com/x", "h".repeat(n * 200));
    let tags = (0..n).map(|n| (format!("t{n}"), json!(id)));
    let tags: serde_json::Map<_, _> = tags.collect();
    let repositories = json!({repository: tags});
    v1_image(Tar::new(), &id, "", "")
        .file("repositories", bytes(&repositories))
        .finish()
}
