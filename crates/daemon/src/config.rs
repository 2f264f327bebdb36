//! The options, in order of precedence: flags, the environment, the file, the defaults.
//!
//! The values of the file become the defaults of the command line, so that one parser reads and
//! checks all of them.

use std::any::TypeId;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::builder::{OsStr, Resettable};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser};

use crate::cli::{Cli, Command};

/// Why options cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// An invalid command line or environment, or a request for help.
    #[error("{0}")]
    Usage(clap::Error),
    #[error("cannot read the configuration file {file}", file = .file.display())]
    Unreadable {
        file: PathBuf,
        source: std::io::Error,
    },
    #[error("the configuration file {file} is not valid TOML", file = .file.display())]
    Syntax {
        file: PathBuf,
        source: Box<toml::de::Error>,
    },
    #[error(
        "the configuration file {file} has the unknown key {key}: {instead}",
        file = .file.display()
    )]
    UnknownKey {
        file: PathBuf,
        key: String,
        instead: String,
    },
    #[error(
        "the configuration file {file} has {found} under {key}: {instead}",
        file = .file.display()
    )]
    Shape {
        file: PathBuf,
        key: String,
        found: &'static str,
        instead: String,
    },
    #[error("the configuration file {file} is wrong: {what}", file = .file.display())]
    Value { file: PathBuf, what: String },
}

/// Reads the command line, the environment, and the configuration file that they name.
pub(crate) fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Command, Error> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let command = Cli::try_parse_from(&arguments)
        .map_err(Error::Usage)?
        .command;
    let (subcommand, options) = match &command {
        Command::Serve(options) => ("serve", &**options),
        Command::Check(options) => ("check", &options.serve),
        Command::Healthcheck(_) | Command::Version | Command::Completion { .. } => {
            return Ok(command);
        }
    };
    let Some(file) = &options.config else {
        return Ok(command);
    };
    let values = read_file(file)?;
    check(file, &values)?;
    let cli = Cli::command().mut_subcommand(subcommand, |command| {
        values.into_iter().fold(command, |command, (key, values)| {
            command.mut_arg(key, |argument| argument.default_values(values))
        })
    });
    cli.try_get_matches_from(&arguments)
        .and_then(|matches| Cli::from_arg_matches(&matches))
        .map(|cli| cli.command)
        .map_err(Error::Usage)
}

/// The file's options: the ID of each on the command line, and its values.
type Values = Vec<(String, Vec<String>)>;

fn read_file(file: &Path) -> Result<Values, Error> {
    let text = fs::read_to_string(file).map_err(|source| Error::Unreadable {
        file: file.to_owned(),
        source,
    })?;
    let table: toml::Table = text.parse().map_err(|source| Error::Syntax {
        file: file.to_owned(),
        source: Box::new(source),
    })?;
    table
        .into_iter()
        .map(|(key, value)| option(file, &key, value))
        .collect()
}

fn option(file: &Path, key: &str, value: toml::Value) -> Result<(String, Vec<String>), Error> {
    let cli = Cli::command();
    let arguments: Vec<_> = cli
        .find_subcommand("serve")
        .into_iter()
        .flat_map(clap::Command::get_arguments)
        .filter(|argument| argument.get_id() != "config")
        .collect();
    let argument = arguments
        .iter()
        .find(|argument| argument.get_long() == Some(key))
        .ok_or_else(|| Error::UnknownKey {
            file: file.to_owned(),
            key: key.to_owned(),
            instead: meant(key, &value, arguments.iter().filter_map(|a| a.get_long())),
        })?;
    let shape = |found| Error::Shape {
        file: file.to_owned(),
        key: key.to_owned(),
        found,
        instead: example(argument),
    };
    let is_switch = argument.get_value_parser().type_id() == TypeId::of::<bool>();
    let values = match value {
        toml::Value::Boolean(on) if is_switch => vec![on.to_string()],
        toml::Value::Array(list) if matches!(argument.get_action(), ArgAction::Append) => list
            .into_iter()
            .map(|value| scalar(argument, value).map_err(shape))
            .collect::<Result<_, _>>()?,
        value => vec![scalar(argument, value).map_err(shape)?],
    };
    Ok((argument.get_id().to_string(), values))
}

/// What to write instead of an unknown key.
fn meant<'a>(key: &str, value: &toml::Value, known: impl Iterator<Item = &'a str>) -> String {
    /// How similar a name must be, from 0 to 1.
    const ALIKE: f64 = 0.8;
    let spelled = key.to_lowercase().replace('_', "-");
    let alike = known.map(|name| (strsim::jaro_winkler(&spelled, name), name));
    let best = alike.max_by(|(one, _), (other, _)| one.total_cmp(other));
    match best {
        Some((alike, name)) if alike >= ALIKE => format!("did you mean {name}?"),
        _ if value.is_table() => {
            "options stand at the top of the file, in no table: max-entries = 5000".to_owned()
        }
        _ => "take it out, or see `sockerless serve --help` for the names".to_owned(),
    }
}

/// How the value of an option is written.
fn example(argument: &Arg) -> String {
    let name = argument.get_long().unwrap_or_default();
    let value = argument
        .get_value_names()
        .and_then(<[_]>::first)
        .map_or("VALUE", |name| name.as_str());
    match value {
        "NUMBER" => format!("write {name} = 5000"),
        "BYTES" => format!("write {name} = \"4MiB\", or a whole number of bytes"),
        "BOOL" => format!("write {name} = true or false"),
        value if matches!(argument.get_action(), ArgAction::Append) => {
            format!("write {name} = [\"{value}\", …]")
        }
        value => format!("write {name} = \"{value}\""),
    }
}

fn scalar(argument: &Arg, value: toml::Value) -> Result<String, &'static str> {
    let is_switch = argument
        .get_num_args()
        .is_some_and(|values| values.min_values() == 0);
    match value {
        toml::Value::String(text) => Ok(text),
        toml::Value::Integer(number) => Ok(number.to_string()),
        toml::Value::Boolean(value) if is_switch => Ok(value.to_string()),
        other => Err(shape_of(&other)),
    }
}

/// The type of a value, with its article.
fn shape_of(value: &toml::Value) -> &'static str {
    match value {
        toml::Value::String(_) => "a text",
        toml::Value::Integer(_) => "a whole number",
        toml::Value::Float(_) => "a number with a fraction",
        toml::Value::Boolean(_) => "true or false",
        toml::Value::Datetime(_) => "a time",
        toml::Value::Array(_) => "a list",
        toml::Value::Table(_) => "a table",
    }
}

/// Parses only the file's values, so that an error can name the file.
fn check(file: &Path, values: &Values) -> Result<(), Error> {
    let alone = Cli::command().mut_subcommand("serve", |serve| {
        serve.mut_args(|argument| argument.env(Resettable::<OsStr>::Reset))
    });
    let flags = values.iter().flat_map(|(id, values)| {
        let long = id.replace('_', "-");
        values.iter().map(move |value| format!("--{long}={value}"))
    });
    let arguments = ["sockerless".to_owned(), "serve".to_owned()]
        .into_iter()
        .chain(flags);
    match alone.try_get_matches_from(arguments) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::DisplayHelp => Err(Error::Usage(error)),
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            let what = first.strip_prefix("error: ").unwrap_or(first).to_owned();
            Err(Error::Value {
                file: file.to_owned(),
                what,
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use sockerless_images::StagingCompression;
    use tempfile::NamedTempFile;

    use super::*;
    use crate::cli::{LogFormat, MissingOption, ServeOptions};
    use crate::state::State;

    fn file(text: &str) -> NamedTempFile {
        let mut file = NamedTempFile::new().expect("file");
        file.write_all(text.as_bytes()).expect("write");
        file
    }

    fn serve(file: &NamedTempFile, flags: &[&str]) -> Result<Box<ServeOptions>, Error> {
        let config = format!("--config={}", file.path().display());
        let arguments = ["sockerless", "serve", &config]
            .into_iter()
            .chain(flags.iter().copied());
        match read(arguments.map(OsString::from))? {
            Command::Serve(options) => Ok(options),
            other => unreachable!("serve was asked for, not {other:?}"),
        }
    }

    #[test]
    fn the_file_stands_between_flags_and_defaults() {
        let file = file(
            "state = \"memory\"\nhost = [\"tcp://127.0.0.1:1\", \"tcp://127.0.0.1:2\"]\n\
             max-entries = 5\ndata-root = \"/from/file\"\n",
        );
        let options = serve(&file, &["--data-root", "/from/flag"]).expect("valid");
        assert_eq!(options.state, State::Memory);
        assert_eq!(options.log_format, LogFormat::Text);
        assert_eq!(options.data_root.as_deref(), Some(Path::new("/from/flag")));
        let hosts: Vec<_> = options.host.iter().map(ToString::to_string).collect();
        assert_eq!(hosts, ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"]);
        assert_eq!(sockerless_archive::Limits::from(&options.limits).entries, 5);

        let options = serve(&file, &["-H", "fd://", "--state=sqlite"]).expect("valid");
        assert_eq!(options.state, State::Sqlite);
        assert_eq!(options.host, [crate::host::Host::Fd]);
    }

    #[test]
    fn staging_and_registries() {
        let file = file(
            "staging = \"h:5000/a/b\"\nstaging-compression = \"keep\"\n\
             insecure-registry = [\"h:5000\", \"i:5000\"]\ncerts-dir = \"/certs\"\n",
        );
        let options = serve(&file, &["--staging-platforms=all"]).expect("valid");
        let staging = options.staging.config(false).expect("staging");
        assert_eq!(staging.repository.as_str(), "h:5000/a/b");
        assert_eq!(staging.compression, StagingCompression::Keep);
        assert!(staging.all_platforms);
        let registry = options.registries.config();
        assert_eq!(registry.insecure, ["h:5000", "i:5000"]);
        assert_eq!(registry.certs_dir.as_deref(), Some(Path::new("/certs")));

        let options = serve(&file, &["--insecure-registry=j:1,k:2"]).expect("valid");
        assert_eq!(options.registries.config().insecure, ["j:1", "k:2"]);
        assert!(
            !options
                .staging
                .config(false)
                .expect("staging")
                .all_platforms
        );
    }

    #[test]
    fn credentials_are_shared_when_told() {
        let on = file("share-credentials = true");
        let shares = |file, flags: &[&str]| {
            let options = serve(file, flags).expect("valid");
            options.registries.share_credentials
        };
        assert!(shares(&on, &[]));
        assert!(!shares(&on, &["--share-credentials=false"]));
        let nothing = file("");
        assert!(!shares(&nothing, &[]));
        assert!(shares(&nothing, &["--share-credentials"]));
        assert!(shares(&nothing, &["--share-credentials", "--state=memory"]));
    }

    #[test]
    fn options_that_need_staging() {
        let file = file("");
        for (flag, complaint) in [
            ("--state=postgres://h/d", Some(MissingOption::SharedLayers)),
            (
                "--content-cache-size=5GiB",
                Some(MissingOption::CachedLayers),
            ),
            ("--state=memory", None),
        ] {
            let alone = serve(&file, &[flag]).expect("valid").check();
            assert_eq!(alone.err(), complaint, "{flag}");
            let staged = serve(&file, &[flag, "--staging=h:5000/x"]).expect("valid");
            assert_eq!(staged.check(), Ok(()), "{flag}");
        }
    }

    #[test]
    fn a_check_has_the_same_options() {
        let file = file("staging = \"h:5000/a/b\"");
        let config = format!("--config={}", file.path().display());
        let read = read(["sockerless", "check", &config, "--state=memory"].map(OsString::from));
        let Ok(Command::Check(options)) = read else {
            unreachable!("check was asked for, not {read:?}")
        };
        assert!(options.serve.staging.config(false).is_some());
        assert_eq!(options.serve.state, State::Memory);
        assert!(!options.deep);
    }

    /// All limits are written the same way.
    #[test]
    fn every_size_has_units() {
        let cli = Cli::command();
        let serve = cli.find_subcommand("serve").expect("serve");
        let file = file("");
        let mut tried = 0;
        for argument in serve.get_arguments() {
            let name = argument.get_long().unwrap_or_default();
            let unit = argument.get_value_names().and_then(<[_]>::first);
            let (good, bad) = match unit.map(|unit| unit.as_str()) {
                Some("BYTES") => ("4MiB", "5,5GB"),
                Some("NUMBER") => ("20k", "2.5k"),
                _ => {
                    assert!(!name.starts_with("max-"), "--{name} takes {unit:?}");
                    continue;
                }
            };
            tried += 1;
            serve_with(&file, name, good).expect(name);
            let error = serve_with(&file, name, bad).expect_err(name).to_string();
            assert!(error.contains("whole numbers only"), "{error}");
        }
        assert!(tried >= 8, "{tried}");
    }

    fn serve_with(
        file: &NamedTempFile,
        name: &str,
        value: &str,
    ) -> Result<Box<ServeOptions>, Error> {
        serve(file, &[&format!("--{name}={value}")])
    }

    #[test]
    fn switches() {
        let on = |text: &str, flags: &[&str]| {
            serve(&file(text), flags)
                .map(|options| options.allow_insecure_tcp)
                .map_err(|error| error.to_string())
        };
        assert_eq!(on("", &[]), Ok(false));
        assert_eq!(on("", &["--allow-insecure-tcp"]), Ok(true));
        assert_eq!(on("allow-insecure-tcp = true", &[]), Ok(true));
        let off = ["--allow-insecure-tcp=false"];
        assert_eq!(on("allow-insecure-tcp = true", &off), Ok(false));
        on("allow-insecure-tcp = \"maybe\"", &[]).expect_err("neither");
    }

    #[test]
    fn errors_name_the_file_and_the_key() {
        for (text, message) in [
            (
                "statee = \"memory\"",
                "has the unknown key statee: did you mean state?",
            ),
            (
                "data_root = \"/x\"",
                "has the unknown key data_root: did you mean data-root?",
            ),
            (
                "config = \"other\"",
                "has the unknown key config: take it out",
            ),
            (
                "[limits]\nmax-entries = 1",
                "has the unknown key limits: options stand at the top of the file",
            ),
            (
                "[staging]\nrepository = \"h:5000/a\"",
                "has a table under staging: write staging = \"REPOSITORY\"",
            ),
            (
                "max-document-bytes = 4.5",
                "has a number with a fraction under max-document-bytes: write \
                 max-document-bytes = \"4MiB\"",
            ),
            (
                "log-level = \"loud\"",
                "\"loud\" is not a log level: give off, error",
            ),
            (
                "state = \"postgres\"",
                "--state: give sqlite, memory or postgres://",
            ),
            (
                "max-entries = -1",
                "invalid value '-1' for '--max-entries <NUMBER>'",
            ),
            (
                "staging = \"h:5000/a:1\"",
                "must be a repository without a tag or digest",
            ),
            ("staging = \"h:5000/A\"", "\"h:5000/A\" is not a repository"),
            (
                "staging = \"registry.example.com\"",
                "must name a registry and a repository in it",
            ),
            (
                "staging-compression = \"lzma\"",
                "invalid value 'lzma' for '--staging-compression <COMPRESSION>'",
            ),
            (
                "insecure-registry = \"http://h:5000\"",
                "give a registry as names of images begin",
            ),
            (
                "state = [\"memory\"]",
                "has a list under state: write state =",
            ),
            ("host = [[]]", "has a list under host: write host = ["),
            ("state = true", "has true or false under state"),
            ("state", "is not valid TOML"),
        ] {
            let file = file(text);
            let error = serve(&file, &[]).expect_err(text).to_string();
            assert!(error.contains(message), "{error}");
            assert!(
                error.contains(&file.path().display().to_string()),
                "{error}"
            );
        }
    }
}
