use anyhow::Result;
use serde_json::json;
use tar::Builder;

use super::hashed::digits;
use super::image::config;
use super::layer::append;

/// New images: each has one layer of its own, with these files and its number.
#[derive(Debug)]
pub(crate) struct Fresh {
    /// The files, as a tar.
    files: Vec<u8>,
    /// The number of the next image.
    number: u32,
}

impl Fresh {
    /// Images with no further files.
    pub(crate) fn small() -> Result<Self> {
        Ok(Self::new(Builder::new(Vec::new()).into_inner()?))
    }

    pub(super) fn new(files: Vec<u8>) -> Self {
        Self { files, number: 0 }
    }

    /// Bytes of a layer.
    pub(crate) fn size(&self) -> usize {
        self.files.len()
    }

    /// The next image in a docker archive, and its name.
    pub(crate) fn archive(&mut self) -> Result<(String, Vec<u8>)> {
        self.number += 1;
        let name = format!("bench.example/fresh/{}:{}", self.size(), self.number);
        let mut layer = Builder::new(Vec::new());
        append(&mut layer, "name", name.len() as u64, name.as_bytes())?;
        // A tar without its end can be continued.
        let mut layer = std::mem::take(layer.get_mut());
        layer.extend_from_slice(&self.files);
        let config = config(&name, &[&digits(&layer)]).to_string();
        let path = format!("{}.json", digits(config.as_bytes()));
        let manifest = json!([{"Config": path, "RepoTags": [name], "Layers": ["layer.tar"]}]);
        let manifest = manifest.to_string();
        let mut tar = Builder::new(Vec::with_capacity(layer.len() + 8192));
        append(&mut tar, "layer.tar", layer.len() as u64, &*layer)?;
        append(&mut tar, &path, config.len() as u64, config.as_bytes())?;
        let length = manifest.len() as u64;
        append(&mut tar, "manifest.json", length, manifest.as_bytes())?;
        Ok((name, tar.into_inner()?))
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn members(tar: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut tar = tar::Archive::new(tar);
        let members = tar.entries().unwrap().map(|member| {
            let mut member = member.unwrap();
            let name = member.path().unwrap().display().to_string();
            let mut bytes = Vec::new();
            member.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        });
        members.collect()
    }

    #[test]
    fn every_layer_is_its_own_and_has_all_files() {
        let mut files = Builder::new(Vec::new());
        append(&mut files, "file", 3, &b"abc"[..]).unwrap();
        let mut fresh = Fresh::new(files.into_inner().unwrap());
        let (one, other) = (fresh.archive().unwrap(), fresh.archive().unwrap());
        assert_ne!(one.0, other.0);
        let layers = [one, other].map(|(name, archive)| {
            let (_, layer) = members(&archive).swap_remove(0);
            let wanted = [("name", name.as_bytes()), ("file", b"abc")];
            let wanted = wanted.map(|(name, bytes)| (name.to_owned(), bytes.to_vec()));
            assert_eq!(members(&layer), wanted);
            layer
        });
        assert_ne!(layers[0], layers[1]);
    }
}
