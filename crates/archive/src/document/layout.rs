//! The `oci-layout` file.

use sockerless_oci::json::any_case;

/// The `oci-layout` file.
#[derive(Debug, Default)]
pub(crate) struct Layout {
    pub(crate) image_layout_version: String,
}

any_case!(Layout, "an OCI layout" { "imagelayoutversion" => image_layout_version });
