//! SHA-256 digests in the two forms that archives use.

use sha2::{Digest as _, Sha256};

/// `sha256:<64 hex>` of `bytes`.
#[must_use]
pub fn of(bytes: &[u8]) -> String {
    format!("sha256:{}", hex(bytes))
}

/// The 64 hexadecimal digits alone.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let mut hasher = Hasher::default();
    hasher.update(bytes);
    hasher.finish_hex()
}

/// The digits of a `sha256:<64 hex>` digest.
///
/// # Panics
/// When `digest` has another form.
#[must_use]
pub fn digits(digest: &str) -> &str {
    digest.strip_prefix("sha256:").expect("a sha256 digest")
}

/// Hashes bytes piece by piece.
#[derive(Debug, Default, Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Adds the next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// `sha256:<64 hex>` of all bytes.
    #[must_use]
    pub fn finish(self) -> String {
        format!("sha256:{}", self.finish_hex())
    }

    fn finish_hex(self) -> String {
        self.0
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}
