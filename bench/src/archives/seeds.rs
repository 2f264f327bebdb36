use std::ops::Range;

use anyhow::Result;
use serde_json::{Value, json};
use tar::Builder;

use super::hashed::digits;
use super::image::config;
use super::layer::append;

/// Names in one archive at most: its `manifest.json` may have 4 MiB.
const NAMES_AT_ONCE: u32 = 50_000;

/// Images in one archive at most: their configs are kept in memory while it is read.
const IMAGES_AT_ONCE: u32 = 1000;

/// Many small images, in archives with which a daemon is filled. All have the same tiny layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seeds {
    label: &'static str,
    images: u32,
    names: u32,
}

impl Seeds {
    /// So many images, each with so many names; `label` distinguishes them from others.
    pub(crate) const fn new(label: &'static str, images: u32, names: u32) -> Self {
        Self {
            label,
            images,
            names,
        }
    }

    /// A name of the image with this number.
    pub(crate) fn name(self, image: u32, name: u32) -> String {
        format!("bench.example/{}/{image}:t{name}", self.label)
    }

    /// The archives, made one after the other.
    pub(crate) fn archives(self) -> impl Iterator<Item = Result<Vec<u8>>> {
        let step = (NAMES_AT_ONCE / self.names.max(1)).clamp(1, IMAGES_AT_ONCE);
        (0..self.images)
            .step_by(step as usize)
            .map(move |from| self.archive(from..self.images.min(from + step)))
    }

    fn archive(self, images: Range<u32>) -> Result<Vec<u8>> {
        let layer = layer()?;
        let diff_id = digits(&layer);
        let mut tar = Builder::new(Vec::new());
        append(&mut tar, "layer.tar", layer.len() as u64, &*layer)?;
        let mut manifest: Vec<Value> = Vec::new();
        for image in images {
            let config = config(&format!("{} {image}", self.label), &[&diff_id]).to_string();
            let path = format!("{}.json", digits(config.as_bytes()));
            append(&mut tar, &path, config.len() as u64, config.as_bytes())?;
            let names: Vec<String> = (0..self.names).map(|it| self.name(image, it)).collect();
            manifest.push(json!({"Config": path, "RepoTags": names, "Layers": ["layer.tar"]}));
        }
        let manifest = Value::from(manifest).to_string();
        append(
            &mut tar,
            "manifest.json",
            manifest.len() as u64,
            manifest.as_bytes(),
        )?;
        Ok(tar.into_inner()?)
    }
}

fn layer() -> Result<Vec<u8>> {
    let mut tar = Builder::new(Vec::new());
    append(&mut tar, "seed", 5, &b"seed\n"[..])?;
    Ok(tar.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_image_is_in_one_archive() {
        let seeds = Seeds::new("seed", 2500, 2);
        let mut images = 0;
        let mut archives = 0;
        for archive in seeds.archives() {
            let archive = archive.unwrap();
            let mut tar = tar::Archive::new(&*archive);
            let manifest = tar
                .entries()
                .unwrap()
                .map(Result::unwrap)
                .find(|entry| entry.path().unwrap().as_os_str() == "manifest.json")
                .unwrap();
            let manifest: Value = serde_json::from_reader(manifest).unwrap();
            images += manifest.as_array().unwrap().len();
            archives += 1;
        }
        assert_eq!((images, archives), (2500, 3));
    }

    #[test]
    fn a_manifest_stays_below_four_mebibytes() {
        let first = Seeds::new("seed", 100_000, 100)
            .archives()
            .next()
            .unwrap()
            .unwrap();
        assert!(first.len() < 4 << 20, "{}", first.len());
    }
}
