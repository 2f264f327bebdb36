//! Options that limit archives.

use clap::Args;
use sockerless_archive::Limits;

use crate::bytes;

/// How much an archive may ask for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits of an archive")]
pub(crate) struct LimitOptions {
    /// Bytes of one JSON document: config, manifest, index
    #[arg(
        long,
        env = "SOCKERLESS_MAX_DOCUMENT_BYTES",
        value_name = "BYTES",
       value_parser = bytes::parse,
        value_parser = bytes::parse,
        default_value_t = Limits::default().document_bytes
    )]
    max_document_bytes: u64,

    /// Bytes of all JSON documents and member names together, which are kept in memory
    #[arg(
        long,
        env = "SOCKERLESS_MAX_DOCUMENTS_BYTES",
        value_name = "BYTES",
       value_parser = bytes::parse,
        value_parser = bytes::parse,
        default_value_t = Limits::default().documents_bytes
    )]
    max_documents_bytes: u64,

    /// Members of the archive
    #[arg(
        long,
        env = "SOCKERLESS_MAX_ENTRIES",
        value_name = "NUMBER",
       value_parser = bytes::count,
        value_parser = bytes::count,
        default_value_t = Limits::default().entries
    )]
    max_entries: u64,

    /// Images of the archive; one that is listed more than once counts once
    #[arg(
        long,
        env = "SOCKERLESS_MAX_IMAGES",
        value_name = "NUMBER",
        value_parser = bytes::count,
        default_value_t = Limits::default().images
    )]
    max_images: u64,

    /// Names of all images of the archive
    #[arg(
        long,
        env = "SOCKERLESS_MAX_NAMES",
        value_name = "NUMBER",
        value_parser = bytes::count,
        default_value_t = Limits::default().names
    )]
    max_names: u64,

    /// Platforms, layers, entries of indexes and attestations of all images of the archive; what
    /// images share counts for each
    #[arg(
        long,
        env = "SOCKERLESS_MAX_PARTS",
        value_name = "NUMBER",
        value_parser = bytes::count,
        default_value_t = Limits::default().parts
    )]
    max_parts: u64,

    /// Bytes of long names and PAX records of one tar header
    #[arg(
        long,
        env = "SOCKERLESS_MAX_HEADER_BYTES",
        value_name = "BYTES",
       value_parser = bytes::parse,
        value_parser = bytes::parse,
        default_value_t = Limits::default().header_bytes
    )]
    max_header_bytes: u64,

    /// Bytes that may come of each compressed byte
    #[arg(
        long,
        env = "SOCKERLESS_MAX_EXPANSION_RATIO",
        value_name = "NUMBER",
       value_parser = bytes::count,
        value_parser = bytes::count,
        default_value_t = Limits::default().expansion_ratio
    )]
    max_expansion_ratio: u64,

    /// Compressed streams (gzip members, zstd frames and the like) of an archive and its layers
    #[arg(
        long,
        env = "SOCKERLESS_MAX_COMPRESSED_STREAMS",
        value_name = "NUMBER",
        value_parser = bytes::count,
        default_value_t = Limits::default().compressed_streams
    )]
    max_compressed_streams: u64,

    /// Bytes of memory that a decompressor may ask for
    #[arg(
        long,
        env = "SOCKERLESS_MAX_WINDOW_BYTES",
        value_name = "BYTES",
       value_parser = bytes::parse,
        value_parser = bytes::parse,
        default_value_t = Limits::default().window_bytes
    )]
    max_window_bytes: u64,

    /// Bytes of memory for large documents and windows of all loads and imports at once; one that
    /// finds none waits for up to a minute
    #[arg(
        long,
        env = "SOCKERLESS_MAX_MEMORY_BYTES",
        value_name = "BYTES",
        value_parser = bytes::parse,
        default_value_t = Limits::default().memory_bytes
    )]
    max_memory_bytes: u64,
}

impl From<&LimitOptions> for Limits {
    fn from(options: &LimitOptions) -> Self {
        Self {
            document_bytes: options.max_document_bytes,
            documents_bytes: options.max_documents_bytes,
            entries: options.max_entries,
            images: options.max_images,
            names: options.max_names,
            parts: options.max_parts,
            header_bytes: options.max_header_bytes,
            expansion_ratio: options.max_expansion_ratio,
            compressed_streams: options.max_compressed_streams,
            window_bytes: options.max_window_bytes,
            memory_bytes: options.max_memory_bytes,
        }
    }
}
