//! Artifacts: things that are stored like images but are not images.

use std::fmt;

use sockerless_reference::Digest;

use crate::media_type;

/// Characters of a media type that a message shows.
const SHOWN: usize = 120;

/// Prefixes of media types of artifacts, and a name for each.
const KNOWN: &[(&str, &str)] = &[
    ("application/vnd.cncf.helm.", "a Helm chart"),
    ("application/vnd.dev.cosign.", "a cosign signature"),
    (
        "application/vnd.dev.sigstore.bundle",
        "a Sigstore signature",
    ),
    ("application/vnd.cncf.notary.", "a Notary signature"),
    ("application/vnd.in-toto", "an attestation"),
    ("application/vnd.dsse.envelope", "an attestation"),
    ("application/spdx", "an SBOM"),
    ("text/spdx", "an SBOM"),
    ("application/vnd.cyclonedx", "an SBOM"),
    ("application/vnd.syft", "an SBOM"),
    ("application/wasm", "a WASM module"),
    ("application/vnd.wasm.", "a WASM module"),
    ("application/vnd.module.wasm.", "a WASM module"),
    ("application/vnd.bytecodealliance.wasm.", "a WASM module"),
    ("application/vnd.docker.plugin.", "a Docker plugin"),
    ("application/vnd.content.hauler.", "a file of hauler"),
    (
        media_type::DOCKER_SCHEMA_1_PREFIX,
        "an image of Docker's schema 1, which is not supported",
    ),
];

/// Something that is stored like an image but is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The digest of its manifest, or of the blob itself.
    pub digest: Digest,
    /// The media type that identifies it.
    pub kind: String,
}

impl Artifact {
    /// A description of a media type: `a Helm chart (application/vnd.cncf.helm.…)`.
    pub fn describe(kind: &str) -> String {
        let essence = media_type::essence(kind);
        let shown: String = kind.chars().take(SHOWN).collect();
        let known = KNOWN.iter().find(|(begins, _)| essence.starts_with(begins));
        match known {
            Some((_, name)) => format!("{name} ({shown})"),
            None if essence.is_empty() => "a document without a media type".to_owned(),
            None => format!("an artifact of type {shown}"),
        }
    }
}

impl fmt::Display for Artifact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.digest, Self::describe(&self.kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (kind, words) in [
            (
                "application/vnd.cncf.helm.config.v1+json",
                "a Helm chart (application/vnd.cncf.helm.config.v1+json)",
            ),
            (
                "Application/vnd.dev.cosign.simplesigning.v1+json",
                "a cosign signature (Application/vnd.dev.cosign.simplesigning.v1+json)",
            ),
            (
                "application/vnd.in-toto+json",
                "an attestation (application/vnd.in-toto+json)",
            ),
            ("application/x-y", "an artifact of type application/x-y"),
            ("", "a document without a media type"),
        ] {
            assert_eq!(Artifact::describe(kind), words);
        }
        let long = Artifact::describe(&"x".repeat(1_000_000));
        assert!(long.len() < 200, "{} bytes", long.len());
    }
}
