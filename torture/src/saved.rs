use std::io::Read as _;

use flate2::read::GzDecoder;
use serde_json::Value;
use sockerless_testkit::digest;
use sockerless_testkit::image::Image;
use sockerless_testkit::tar::Tar;

use crate::shown::strings;

/// Checks that an archive has this image under these names, and every byte of it.
///
/// # Errors
/// The fault.
pub(crate) fn verify(archive: &[u8], image: &Image, names: &[String]) -> Result<(), String> {
    let tar = Tar::parse(archive);
    let item = only_item(&tar)?;
    let config = member(&tar, &item["Config"])?;
    if digest::of(config) != image.id() {
        return Err(format!(
            "the config is {}, not {}",
            digest::of(config),
            image.id()
        ));
    }
    let mut tags = strings(&item["RepoTags"]);
    tags.sort();
    if tags != names {
        return Err(format!("the names are {tags:?}, not {names:?}"));
    }
    let layers = item["Layers"].as_array().into_iter().flatten();
    let diff_ids: Result<Vec<_>, _> = layers.map(|path| diff_id(member(&tar, path)?)).collect();
    let diff_ids = diff_ids?;
    if diff_ids != image.diff_ids() {
        return Err(format!(
            "the layers are {diff_ids:?}, not {:?}",
            image.diff_ids()
        ));
    }
    Ok(())
}

/// The ID of the only image of an archive.
///
/// # Errors
/// When there is none, or another number.
pub(crate) fn id(archive: &[u8]) -> Result<String, String> {
    let tar = Tar::parse(archive);
    let item = only_item(&tar)?;
    Ok(digest::of(member(&tar, &item["Config"])?))
}

fn only_item(tar: &Tar) -> Result<Value, String> {
    let manifest = tar
        .content("manifest.json")
        .ok_or("there is no manifest.json")?;
    let manifest: Value = serde_json::from_slice(manifest).map_err(|error| error.to_string())?;
    match manifest.as_array().map(Vec::as_slice) {
        Some([item]) => Ok(item.clone()),
        _ => Err(format!("not one image: {manifest}")),
    }
}

fn member<'a>(tar: &'a Tar, path: &Value) -> Result<&'a [u8], String> {
    let content = path.as_str().and_then(|path| tar.content(path));
    content.ok_or_else(|| format!("{path} is not in the archive"))
}

fn diff_id(layer: &[u8]) -> Result<String, String> {
    if !layer.starts_with(&[0x1f, 0x8b]) {
        return Ok(digest::of(layer));
    }
    let mut tar = Vec::new();
    let read = GzDecoder::new(layer).read_to_end(&mut tar);
    read.map_err(|error| format!("a layer cannot be decompressed: {error}"))?;
    Ok(digest::of(&tar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::design::{Designs, Form, archive};

    #[test]
    fn an_archive_is_what_was_designed_or_not() {
        let images = Designs::new(7).images("me", 0, 2);
        let names = ["a/b:1".to_owned()];
        let saved = archive(Form::Docker, &[(&images[0], names.to_vec())], |_| false);
        assert_eq!(verify(&saved, &images[0], &names), Ok(()));
        assert_eq!(id(&saved), Ok(images[0].id()));
        assert!(verify(&saved, &images[1], &names).is_err());
        assert!(verify(&saved, &images[0], &[]).is_err());
        let saved = archive(Form::Docker, &[(&images[0], Vec::new())], |layer| {
            *layer == images[0].layers[0]
        });
        let fault = verify(&saved, &images[0], &[]).expect_err("a layer is missing");
        assert!(fault.contains("is not in the archive"), "{fault}");
    }
}
