//! The items of `manifest.json`.

use std::collections::HashMap;

use sockerless_reference::Digest;

use sockerless_oci::Descriptor;
use sockerless_oci::json::any_case;

/// One image in a docker archive's `manifest.json`.
#[derive(Debug, Default)]
pub(crate) struct DockerManifestItem {
    /// Name of the member with its config.
    pub(crate) config: String,
    /// Its names, each with a tag.
    pub(crate) repo_tags: Vec<String>,
    /// Names of the members with its layers, base first.
    pub(crate) layers: Vec<String>,
    /// Descriptors of layers that are not in the archive, by `diff_id`.
    pub(crate) layer_sources: HashMap<Digest, Descriptor>,
}

any_case!(DockerManifestItem, "an image of manifest.json" {
    "config" => config,
    "repotags" => repo_tags,
    "layers" => layers,
    "layersources" => layer_sources,
});
