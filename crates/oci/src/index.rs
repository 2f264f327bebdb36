use crate::Descriptor;
use crate::json::any_case;

/// An OCI index or Docker manifest list: the images of several platforms, and what belongs to them.
#[derive(Debug, Clone, Default)]
pub struct Index {
    /// What it lists, in its order.
    pub manifests: Vec<Descriptor>,
}

any_case!(Index, "an index" { "manifests" => manifests });
