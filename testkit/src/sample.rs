//! Archives with the expected results of their loads.

use crate::image::Image;

/// One expected image of a load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// Its ID; `None` where the daemon derives the configuration itself.
    pub id: Option<String>,
    /// Its names in familiar form, in the archive's order.
    pub names: Vec<String>,
    /// Its layers, base first.
    pub diff_ids: Vec<String>,
}

impl Expected {
    /// `image` under `names`.
    #[must_use]
    pub fn new(image: &Image, names: &[&str]) -> Self {
        Self {
            id: Some(image.id()),
            names: names.iter().map(ToString::to_string).collect(),
            diff_ids: image.diff_ids(),
        }
    }
}

/// An archive as one producer writes it.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The tool that writes such archives.
    pub producer: &'static str,
    /// The body of the load.
    pub archive: Vec<u8>,
    /// The expected images.
    pub images: Vec<Expected>,
    /// An archive with the layers that `archive` omits: without it the load must fail and name one
    /// of `elided`.
    pub base: Option<Vec<u8>>,
    /// The digits of the `diff_id`s of those layers.
    pub elided: Vec<String>,
}

impl Sample {
    /// A complete archive.
    #[must_use]
    pub fn new(producer: &'static str, archive: Vec<u8>, images: Vec<Expected>) -> Self {
        Self {
            producer,
            archive,
            images,
            base: None,
            elided: Vec::new(),
        }
    }

    /// An archive of one image without its first `elided` layers, which are in a separate archive.
    #[must_use]
    pub fn without_base(
        producer: &'static str,
        archive: Vec<u8>,
        image: &Image,
        names: &[&str],
        elided: usize,
    ) -> Self {
        let layers = image.layers[..elided].to_vec();
        let digits = layers.iter().map(crate::image::Layer::hex).collect();
        let base = Image::with_layers(&format!("base of {producer}"), layers);
        Self {
            producer,
            archive,
            images: vec![Expected::new(image, names)],
            base: Some(base.docker_archive(&[]).finish()),
            elided: digits,
        }
    }
}
