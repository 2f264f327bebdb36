//! Options of staging: the repository that loaded images are pushed to, and how.

use clap::{Args, ValueEnum};
use sockerless_images::{Reference, StagingCompression, StagingConfig, StagingError};

/// Where loaded images are pushed, so that others can pull them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Staging")]
pub(crate) struct StagingOptions {
    /// Push every loaded image to this repository before it exists here: HOST/PATH
    #[arg(
        id = "staging",
        long = "staging",
        env = "SOCKERLESS_STAGING",
        value_name = "REPOSITORY",
        value_parser = repository
    )]
    repository: Option<Reference>,

    /// What becomes of layers that came in another form
    #[arg(
        id = "staging_compression",
        long = "staging-compression",
        env = "SOCKERLESS_STAGING_COMPRESSION",
        value_name = "COMPRESSION",
        default_value = "gzip"
    )]
    compression: Compression,

    /// Which platforms of an image are pushed
    #[arg(
        id = "staging_platforms",
        long = "staging-platforms",
        env = "SOCKERLESS_STAGING_PLATFORMS",
        value_name = "PLATFORMS",
        default_value = "default"
    )]
    platforms: Platforms,
}

/// What becomes of layers that are staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    /// All gzip, which every runtime takes
    Gzip,
    /// All zstd
    Zstd,
    /// All uncompressed
    None,
    /// Each as it came
    Keep,
}

/// Which platforms of an image are staged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Platforms {
    /// The one that --platform names, or else the image's first
    Default,
    /// All, and their index
    All,
}

fn repository(text: &str) -> Result<Reference, StagingError> {
    StagingConfig::new(text).map(|staging| staging.repository)
}

impl StagingOptions {
    /// The staging configuration; `None` if nothing is staged. `complete` stages everything that an
    /// image consists of, so that it need not be kept here.
    pub(crate) fn config(&self, complete: bool) -> Option<StagingConfig> {
        let repository = self.repository.clone()?;
        Some(StagingConfig {
            repository,
            compression: match self.compression {
                Compression::Gzip => StagingCompression::Gzip,
                Compression::Zstd => StagingCompression::Zstd,
                Compression::None => StagingCompression::None,
                Compression::Keep => StagingCompression::Keep,
            },
            all_platforms: self.platforms == Platforms::All,
            complete,
        })
    }

    /// The repository, if there is one.
    pub(crate) fn repository(&self) -> Option<&Reference> {
        self.repository.as_ref()
    }
}
