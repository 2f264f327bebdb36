//! The commands and options of the command line.

use std::path::PathBuf;

use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use sockerless_images::Platform;

use crate::bytes;
use crate::clients::ClientOptions;
use crate::host::Host;
use crate::imports::ImportOptions;
use crate::limits::LimitOptions;
use crate::logging::LogLevel;
use crate::platform;
use crate::registries::RegistryOptions;
use crate::staging::StagingOptions;
use crate::state::{State, StateParser};
use crate::version;

/// The Docker Engine API where there is no Docker Engine.
#[derive(Debug, Parser)]
#[command(name = "sockerless", bin_name = "sockerless", version = version::line(), arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the Docker Engine API
    Serve(Box<ServeOptions>),
    /// Check what a daemon with these options needs: its data root, its state, and that it may push
    /// to the staging repository. Nothing is changed. Exit with 0 when all is well, else with 1
    Check(Box<CheckOptions>),
    /// Exit with 0 when a daemon answers, else with 1
    Healthcheck(HealthcheckOptions),
    /// Print version, commit, and what this program can do
    Version,
    /// Print a script that completes the commands and options of sockerless in a shell
    Completion {
        /// The shell
        shell: Shell,
    },
}

/// What to check.
#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// Also read every layer and document that is kept here, and compare it with its digest. A
    /// daemon may run meanwhile
    #[arg(long)]
    pub(crate) deep: bool,

    #[command(flatten)]
    pub(crate) serve: ServeOptions,
}

/// Where a daemon listens.
#[derive(Debug, Args)]
pub(crate) struct HealthcheckOptions {
    /// Where the daemon listens: unix:///PATH or tcp://ADDR:PORT; of several the first is asked
    #[arg(short = 'H', long, env = "SOCKERLESS_HOST", value_delimiter = ',')]
    pub(crate) host: Vec<Host>,

    /// Ask whether it can also do its work: whether it reaches its state. Without this, it is well
    /// as long as it answers
    #[arg(long)]
    pub(crate) ready: bool,
}

/// Every option may also stand in the environment or in the file that `--config` names.
#[derive(Debug, Args)]
pub(crate) struct ServeOptions {
    /// TOML file with the names of these options as keys
    #[arg(long, env = "SOCKERLESS_CONFIG", value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Where to listen: unix:///PATH, tcp://ADDR:PORT or fd:// (repeatable) [default:
    /// unix:///var/run/sockerless.sock, or $XDG_RUNTIME_DIR/sockerless.sock when not root]
    #[arg(short = 'H', long, env = "SOCKERLESS_HOST", value_delimiter = ',')]
    pub(crate) host: Vec<Host>,

    /// Listen at tcp:// addresses that other machines can reach. The API has no TLS and no
    /// authentication: whoever reaches it may do everything
    #[arg(
        long,
        env = "SOCKERLESS_ALLOW_INSECURE_TCP",
        value_name = "BOOL",
        value_parser = BoolishValueParser::new(),
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        default_value = "false",
        hide_possible_values = true
    )]
    pub(crate) allow_insecure_tcp: bool,

    /// Where images are kept [default: /var/lib/sockerless, or $XDG_DATA_HOME/sockerless when not
    /// root]
    #[arg(long, env = "SOCKERLESS_DATA_ROOT", value_name = "DIR")]
    pub(crate) data_root: Option<PathBuf>,

    /// Where it is kept which images there are and what they are called: sqlite (a file in the data
    /// root), memory (until the daemon ends), or the URL of a PostgreSQL database, which several
    /// daemons may share: postgres://USER:PASSWORD@HOST:5432/DATABASE?sslmode=verify-full
    #[arg(
        long,
        env = "SOCKERLESS_STATE",
        value_name = "STATE",
        value_parser = StateParser,
        default_value = "sqlite",
        hide_env_values = true
    )]
    pub(crate) state: State,

    /// What becomes of layers once they are verified
    #[arg(long, env = "SOCKERLESS_CONTENT", default_value = "keep")]
    pub(crate) content: Content,

    /// How much of the layers stays in the data root: the least recently used go when it is more.
    /// They are fetched from the staging repository when they are needed again, so it wants
    /// --staging. As 20GiB [default: no limit]
    #[arg(
        long,
        env = "SOCKERLESS_CONTENT_CACHE_SIZE",
        value_name = "BYTES",
        value_parser = bytes::parse
    )]
    pub(crate) content_cache_size: Option<u64>,

    /// The platform to stand for
    #[arg(
        long,
        env = "SOCKERLESS_PLATFORM",
        value_name = "OS/ARCH[/VARIANT]",
        value_parser = platform::parse,
        default_value = platform::of_this_machine()
    )]
    pub(crate) platform: Platform,

    /// Which lines end a load: docker leaves out the ID of an image that has names
    #[arg(long, env = "SOCKERLESS_LOAD_RESULT", default_value = "full")]
    pub(crate) load_result: LoadResult,

    /// error, warn, info, debug or trace; also by module: info,sockerless_images=debug
    #[arg(
        long,
        env = "SOCKERLESS_LOG_LEVEL",
        value_name = "LEVEL",
        value_parser = LogLevel::parse,
        default_value = "info"
    )]
    pub(crate) log_level: LogLevel,

    /// How log lines are written, to standard error
    #[arg(long, env = "SOCKERLESS_LOG_FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    #[command(flatten)]
    pub(crate) staging: StagingOptions,

    #[command(flatten)]
    pub(crate) registries: RegistryOptions,

    #[command(flatten)]
    pub(crate) limits: LimitOptions,

    #[command(flatten)]
    pub(crate) clients: ClientOptions,

    #[command(flatten)]
    pub(crate) imports: ImportOptions,
}

impl ServeOptions {
    /// Whether loaded content may have to be fetched from the staging repository again: for another
    /// daemon, or because it was evicted here.
    pub(crate) fn gives_back(&self) -> bool {
        matches!(self.state, State::Postgres(_)) || self.content_cache_size.is_some()
    }

    /// Checks that no option requires another one that is missing.
    ///
    /// # Errors
    /// The missing option, and why it is needed.
    pub(crate) fn check(&self) -> Result<(), MissingOption> {
        let is_staged = self.staging.repository().is_some();
        match &self.state {
            State::Postgres(_) if !is_staged => Err(MissingOption::SharedLayers),
            _ if self.content_cache_size.is_some() && !is_staged => {
                Err(MissingOption::CachedLayers)
            }
            _ => Ok(()),
        }
    }
}

/// An option that another one requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MissingOption {
    /// Names are shared, but layers are not.
    #[error(
        "--state postgres://… needs --staging HOST/PATH: daemons that share the names of images \
         have their layers in common only in a registry"
    )]
    SharedLayers,
    /// Layers are evicted and cannot be fetched again.
    #[error(
        "--content-cache-size needs --staging HOST/PATH: layers that are removed here are fetched \
         again from there"
    )]
    CachedLayers,
}

/// What becomes of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Content {
    /// They are kept in the data root
    Keep,
    /// They are dropped; a save of them then says so
    Discard,
}

impl Content {
    /// The value of the option.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Discard => "discard",
        }
    }
}

/// Which lines end a load.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LoadResult {
    /// A line for each name, then one with the ID for each image
    Full,
    /// As dockerd does, for clients that count lines
    Docker,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}
