//! Limits of reading an archive, and their defaults.

/// Limits of an archive. Exceeding one is an error that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one JSON document (config, manifest, index). Registries accept 4 MiB.
    pub document_bytes: u64,
    /// Bytes of all JSON documents and member names together: they are kept in memory.
    pub documents_bytes: u64,
    /// Members of the archive.
    pub entries: u64,
    /// Images; one that is listed more than once counts once.
    pub images: u64,
    /// Names of all images.
    pub names: u64,
    /// References of all images: their platforms, the layers of each platform, the entries of their
    /// indexes, and attestations. What several images share counts for each of them, because it is
    /// kept for each.
    pub parts: u64,
    /// Bytes of the extensions (long names, PAX records) of one tar header.
    pub header_bytes: u64,
    /// Bytes that compressed data may expand to per byte received, beyond [`EXPANSION_FLOOR`]
    /// bytes.
    pub expansion_ratio: u64,
    /// Compressed streams (gzip members, bzip2 and xz streams, zstd frames) of the archive and of
    /// the layers in it. Layers for lazy pulling have two for each of their files.
    pub compressed_streams: u64,
    /// Bytes of memory that compressed data may need for its window: for the archive, and again for
    /// the layer inside it that is being decoded. zstd up to level 19 and `xz -6` need 8 MiB, `xz
    /// -9` needs 64 MiB, which [`for_file_system`](Self::for_file_system) allows.
    pub window_bytes: u64,
    /// Bytes of memory for large documents and windows of all concurrent reads: see
    /// [`share`](Self::share).
    pub memory_bytes: u64,
}

/// Compressed data that expands to no more than this never counts as a bomb.
pub const EXPANSION_FLOOR: u64 = 256 << 20;

/// Window that the root file system of an import may need at least: that of `xz -9`, which GitLab
/// Runner's images use.
pub const FILE_SYSTEM_WINDOW_BYTES: u64 = 64 << 20;

impl Limits {
    /// Bytes of memory that the documents and windows of one archive may take.
    #[must_use]
    pub fn share(&self) -> u64 {
        let windows = self.window_bytes.saturating_mul(2);
        self.documents_bytes.saturating_add(windows)
    }

    /// The limits for a root file system: one decoder and no documents, so its window may be
    /// [`FILE_SYSTEM_WINDOW_BYTES`], or more if these limits allow it.
    #[must_use]
    pub fn for_file_system(self) -> Self {
        Self {
            window_bytes: self.window_bytes.max(FILE_SYSTEM_WINDOW_BYTES),
            ..self
        }
    }
}

impl Limits {
    /// The default limits.
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
