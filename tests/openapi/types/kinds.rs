//! The type of responses of each kind.

use crate::check::{Kind, both_ways, one_way};
use crate::docker;

/// Every kind, the types by their newest names.
pub const KINDS: &[Kind] = &[
    (
        "build cache pruned",
        both_ways::<docker::BuildPruneResponse>,
    ),
    ("container", both_ways::<docker::ContainerInspectResponse>),
    (
        "container created",
        both_ways::<docker::ContainerCreateResponse>,
    ),
    ("containers", both_ways::<Vec<docker::ContainerSummary>>),
    (
        "containers pruned",
        both_ways::<docker::ContainerPruneResponse>,
    ),
    ("distribution", both_ways::<docker::DistributionInspect>),
    ("error", both_ways::<docker::ErrorResponse>),
    ("event", both_ways::<docker::EventMessage>),
    (
        "history",
        both_ways::<Vec<docker::ImageHistoryResponseItem>>,
    ),
    ("image", both_ways::<docker::ImageInspect>),
    ("images", both_ways::<Vec<docker::ImageSummary>>),
    ("images pruned", both_ways::<docker::ImagePruneResponse>),
    (
        "images removed",
        both_ways::<Vec<docker::ImageDeleteResponseItem>>,
    ),
    ("info", both_ways::<docker::SystemInfo>),
    ("line of create", both_ways::<docker::CreateImageInfo>),
    // Docker does not describe the lines of a load. Those of a build have the same keys.
    ("line of load", one_way::<docker::BuildInfo>),
    ("line of push", both_ways::<docker::PushImageInfo>),
    ("login", both_ways::<docker::AuthResponse>),
    ("networks pruned", both_ways::<docker::NetworkPruneResponse>),
    ("usage", both_ways::<docker::SystemDataUsageResponse>),
    ("version", both_ways::<docker::SystemVersion>),
    ("volumes pruned", both_ways::<docker::VolumePruneResponse>),
];
