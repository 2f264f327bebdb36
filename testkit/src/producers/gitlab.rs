//! GitLab Runner's helper images: skopeo's docker archive without names, through zstd.

use serde_json::json;

use crate::compress::{Compression, in_parts, zstd, zstd_skippable};
use crate::image::Image;
use crate::producers::skopeo;
use crate::sample::{Expected, Sample};

/// A Linux helper, a Windows helper, and one in several frames.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let linux = Image::sample("gitlab linux", 2);
    let windows = Image::sample("gitlab windows", 2).reconfigured(|config| {
        config["os"] = json!("windows");
        config["os.version"] = json!("10.0.20348.2113");
    });
    let framed = Image::sample("gitlab frames", 2);
    let mut frames = zstd_skippable(b"metadata");
    frames.extend(in_parts(
        Compression::Zstd,
        &skopeo::archive(&framed, &[]).finish(),
        5,
    ));
    frames.extend(zstd_skippable(&[0; 1000]));
    vec![
        Sample::new(
            "GitLab Runner helper, linux",
            zstd(&skopeo::archive(&linux, &[]).finish()),
            vec![Expected::new(&linux, &[])],
        ),
        Sample::new(
            "GitLab Runner helper, windows",
            zstd(&skopeo::archive(&windows, &[]).finish()),
            vec![Expected::new(&windows, &[])],
        ),
        Sample::new(
            "GitLab Runner helper, zstd frames",
            frames,
            vec![Expected::new(&framed, &[])],
        ),
    ]
}
