//! Archives as the tools of the field write them, each with its oddities, one producer a file.

pub mod buildkit;
pub mod cosign;
pub mod crane;
pub mod docker_save;
pub mod gitlab;
pub mod hauler;
pub mod imgutil;
pub mod jib;
pub mod kaniko;
pub mod legacy;
pub mod nix;
pub mod podman;
pub mod repack;
pub mod rules_docker;
pub mod rules_img;
pub mod rules_oci;
pub mod skopeo;
pub mod spring_boot;
pub mod stargz;
pub mod vendor;

use crate::sample::Sample;

/// One or more samples of every producer.
#[must_use]
pub fn all() -> Vec<Sample> {
    [
        crane::samples(),
        kaniko::samples(),
        rules_docker::samples(),
        rules_oci::samples(),
        rules_img::samples(),
        jib::samples(),
        spring_boot::samples(),
        imgutil::samples(),
        buildkit::samples(),
        docker_save::samples(),
        legacy::samples(),
        skopeo::samples(),
        podman::samples(),
        nix::samples(),
        repack::samples(),
        vendor::samples(),
        gitlab::samples(),
        stargz::samples(),
        cosign::samples(),
        hauler::samples(),
    ]
    .concat()
}
