//! The OCI index and Docker's manifest list.

use crate::Descriptor;
use crate::json::any_case;

/// An OCI index or Docker manifest list: the images of several platforms, and their attachments.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// The listed descriptors, in order.
    pub manifests: Vec<Descriptor>,
}

any_case!(Index, "an index" { "manifests" => manifests });
