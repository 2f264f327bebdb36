//! Errors of instructions.

/// Why changes cannot be applied, with Docker's message if it has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// Only comments and blank lines.
    #[error("file with no instructions")]
    NoInstructions,
    /// A line is too long, before continuation lines are joined.
    #[error("dockerfile line greater than max allowed size of {limit}")]
    LineTooLong {
        /// Bytes that a line may have.
        limit: usize,
    },
    /// `# escape=` with an invalid character.
    #[error("invalid escape token '{0}' does not match ` or \\")]
    EscapeToken(String),
    /// The same directive twice.
    #[error("only one {0} parser directive can be used")]
    RepeatedDirective(&'static str),
    /// An instruction that cannot be a change: it needs a build. The name is in upper case.
    #[error("{0} is not a valid change command")]
    NotAChange(String),
    /// Nothing follows the name of the instruction.
    #[error("{0} requires at least one argument")]
    NoArgument(&'static str),
    /// Nothing follows the name of an instruction that takes the rest of the line.
    #[error("{0} requires exactly one argument")]
    NotOneArgument(&'static str),
    /// A name without a value.
    #[error("{0} must have two arguments")]
    NotTwoArguments(&'static str),
    /// A word without `=` after one with it.
    #[error("Syntax error - can't find = in {0:?}. Must be of the form: name=value")]
    NoEquals(String),
    /// Nothing before `=`.
    #[error("{0} names can not be blank")]
    BlankName(&'static str),
    /// A JSON array of anything but strings.
    #[error("when using JSON array syntax, arrays must be comprised of strings only")]
    NotStrings,
    /// A flag that the instruction does not have.
    #[error("Unknown flag: {0}")]
    UnknownFlag(String),
    /// A flag without `=`.
    #[error("Missing a value on flag: {0}")]
    FlagWithoutValue(String),
    /// A repeated flag.
    #[error("Duplicate flag specified: {0}")]
    DuplicateFlag(String),
    /// Invalid quotes or variables in a word.
    #[error("failed to process {word:?}: {reason}")]
    Substitution {
        /// The word as it is written.
        word: String,
        /// What is wrong with it.
        reason: SubstitutionError,
    },
    /// Variables expand the text beyond the limit of a config.
    #[error("the variables of the changes expand to more than {limit} bytes")]
    TooLarge {
        /// Total bytes that all expanded words may have.
        limit: usize,
    },
    /// An invalid port to expose.
    #[error(transparent)]
    Port(#[from] PortError),
    /// An invalid `HEALTHCHECK`.
    #[error(transparent)]
    Healthcheck(#[from] HealthcheckError),
    /// `ONBUILD ONBUILD`.
    #[error("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")]
    ChainedOnBuild,
    /// An instruction that cannot be a trigger. The name is in upper case.
    #[error("{0} isn't allowed as an ONBUILD trigger")]
    OnBuildTrigger(String),
    /// Neither the name nor the number of a signal.
    #[error("invalid signal: {0}")]
    Signal(String),
    /// Windows has no signals.
    #[error("The daemon on this platform does not support the command stopsignal")]
    StopSignalOnWindows,
    /// A volume without a path.
    #[error("VOLUME specified can not be an empty string")]
    EmptyVolume,
    /// A working directory that is empty once its variables are expanded.
    #[error("cannot normalize nothing")]
    EmptyWorkdir,
    /// A drive of Windows without a path on it.
    #[error(
        "{0} is not a directory. If you are specifying a drive letter, please add a trailing '\\'"
    )]
    DriveWithoutPath(String),
}

/// Why a word cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SubstitutionError {
    /// A quote or brace that is not closed.
    #[error("unexpected end of statement while looking for matching {0}")]
    Unclosed(&'static str),
    /// `${` without `}`.
    #[error("syntax error: missing '}}'")]
    MissingBrace,
    /// `${}`, `${:`, `${{`.
    #[error("syntax error: bad substitution")]
    Bad,
    /// Anything but `-`, `+` or `?` after the name.
    #[error("unsupported modifier ({0}) in substitution")]
    Modifier(String),
    /// `${NAME?message}` with a missing variable.
    #[error("{name}: {message}")]
    Required {
        /// The variable.
        name: String,
        /// The message in the text, or Docker's default.
        message: String,
    },
    /// Substitutions are nested too deeply.
    #[error("substitutions are nested more than {limit} deep")]
    TooDeep {
        /// How deep they may be.
        limit: usize,
    },
}

/// Why a port cannot be exposed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Nothing before `/`, or after the last colon.
    #[error("no port specified: {0}<empty>")]
    NoPort(String),
    /// Anything but `tcp`, `udp` or `sctp`.
    #[error("invalid proto: {0}")]
    Protocol(String),
    /// An invalid address before a port of the host.
    #[error("invalid IP address: {0}")]
    Address(String),
    /// Neither a port nor a range of ports.
    #[error("invalid containerPort: {0}")]
    Container(String),
    /// The port of the host is neither a port nor a range of ports.
    #[error("invalid hostPort: {0}")]
    Host(String),
    /// Two ranges of different lengths.
    #[error("invalid ranges specified for container and host Ports: {container} and {host}")]
    Ranges {
        /// The range of the container.
        container: String,
        /// The range of the host.
        host: String,
    },
    /// Too many ports in all ranges.
    #[error("the changes expose more than {limit} ports")]
    TooMany {
        /// Total number of ports that all ranges may have.
        limit: usize,
    },
}

/// What is wrong with a `HEALTHCHECK`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HealthcheckError {
    /// Something follows `NONE`.
    #[error("HEALTHCHECK NONE takes no arguments")]
    ArgumentsOfNone,
    /// Nothing follows `CMD`.
    #[error("Missing command after HEALTHCHECK CMD")]
    NoCommand,
    /// Neither `NONE` nor `CMD`. The word is in upper case.
    #[error("Unknown type {0:?} in HEALTHCHECK (try CMD)")]
    Type(String),
    /// The value of a flag is not a duration.
    #[error(transparent)]
    Duration(#[from] DurationError),
    /// A duration that is too short, or negative.
    #[error("Interval {flag:?} cannot be less than 1ms")]
    Interval {
        /// The flag.
        flag: &'static str,
    },
    /// `--retries` is not a number.
    #[error("strconv.ParseInt: parsing {0:?}: invalid syntax")]
    Retries(String),
    /// `--retries` has more than 31 bits.
    #[error("strconv.ParseInt: parsing {0:?}: value out of range")]
    RetriesRange(String),
    /// `--retries` is negative.
    #[error("--retries cannot be negative ({0})")]
    NegativeRetries(i32),
}

/// Why a text is not a duration as Go writes it: `1h30m`, `1.5s`, `100ms`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// No number, or one that is too large.
    #[error("time: invalid duration {0:?}")]
    Invalid(String),
    /// A number without a unit.
    #[error("time: missing unit in duration {0:?}")]
    NoUnit(String),
    /// An unknown unit.
    #[error("time: unknown unit {unit:?} in duration {text:?}")]
    Unit {
        /// The text in place of the unit.
        unit: String,
        /// The whole text.
        text: String,
    },
}
