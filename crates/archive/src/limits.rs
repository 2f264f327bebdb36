/// How much an archive may ask for. What exceeds a limit is an error that names the limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one JSON document (config, manifest, index). Registries take 4 MiB.
    pub document_bytes: u64,
    /// Bytes of all JSON documents and member names together: they are kept in memory.
    pub documents_bytes: u64,
    /// Members of the archive.
    pub entries: u64,
    /// Images, those that are listed more than once counted once.
    pub images: u64,
    /// Names of all images.
    pub names: u64,
    /// What all images refer to: their platforms, the layers of each of these, what their indexes
    /// list, and attestations. What several images share counts for each of them, because each of
    /// them is kept with it.
    pub parts: u64,
    /// Bytes of the extensions (long names, PAX records) of one tar header.
    pub header_bytes: u64,
    /// Bytes that compressed data may become for each byte received, once it is more than
    /// [`EXPANSION_FLOOR`] bytes.
    pub expansion_ratio: u64,
    /// Compressed streams (gzip members, bzip2 and xz streams, zstd frames) of the archive and of
    /// the layers in it. Layers that can be read lazily have two for each of their files.
    pub compressed_streams: u64,
    /// Bytes of memory that compressed data may ask for its window: of the archive, and once more of
    /// the layer inside it that is being decoded. zstd up to level 19 and `xz -6` want 8 MiB,
    /// `xz -9` wants 64 MiB, which [`for_file_system`](Self::for_file_system) allows.
    pub window_bytes: u64,
    /// Bytes of memory for large documents and windows of everything that is read at once: see
    /// [`share`](Self::share).
    pub memory_bytes: u64,
}

/// Compressed data that becomes no more than this is never taken for a bomb.
pub const EXPANSION_FLOOR: u64 = 256 << 20;

/// Window that the root file system of an import may ask for at least: what `xz -9` wants, with
/// which GitLab Runner's are made.
pub const FILE_SYSTEM_WINDOW_BYTES: u64 = 64 << 20;

impl Limits {
    /// Bytes of memory that the documents and windows of one archive may take.
    #[must_use]
    pub fn share(&self) -> u64 {
        let windows = self.window_bytes.saturating_mul(2);
        self.documents_bytes.saturating_add(windows)
    }

    /// The limits for a root file system: one decoder and no documents, so its window may be
    /// [`FILE_SYSTEM_WINDOW_BYTES`] large, or more where these limits allow more.
    #[must_use]
    pub fn for_file_system(self) -> Self {
        Self {
            window_bytes: self.window_bytes.max(FILE_SYSTEM_WINDOW_BYTES),
            ..self
        }
    }
}

impl Limits {
    /// What is allowed unless something else is said.
    pub const DEFAULT: Self = Self {
        document_bytes: 4 << 20,
        documents_bytes: 16 << 20,
        entries: 20_000,
        images: 10_000,
        names: 100_000,
        parts: 50_000,
        header_bytes: 1 << 20,
        expansion_ratio: 500,
        compressed_streams: 1_000_000,
        window_bytes: 16 << 20,
        memory_bytes: 256 << 20,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
