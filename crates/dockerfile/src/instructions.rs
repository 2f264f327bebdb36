//! The instructions that can change a config, parsed and applied.

mod command;
mod env;
mod expose;
mod healthcheck;
mod label;
mod on_build;
mod stop_signal;
mod user;
mod volume;
mod workdir;

use super::ChangeError;
use super::line::Line;
use super::state::State;
use command::CommandLine;
use env::Env;
use expose::Expose;
use label::Label;
use on_build::OnBuild;
use stop_signal::StopSignal;
use user::User;
use volume::Volume;
use workdir::Workdir;

use sockerless_oci::config::Healthcheck;

/// An instruction that changes a config.
#[derive(Debug)]
pub(super) enum Instruction {
    Cmd(CommandLine),
    Entrypoint(CommandLine),
    Env(Env),
    Expose(Expose),
    Healthcheck(Healthcheck),
    Label(Label),
    OnBuild(OnBuild),
    StopSignal(StopSignal),
    User(User),
    Volume(Volume),
    Workdir(Workdir),
}

impl Instruction {
    /// Reads an instruction. Its words are expanded when it is applied.
    pub(super) fn parse(line: &Line<'_>, escape: char) -> Result<Self, ChangeError> {
        Ok(match line.name.as_str() {
            "CMD" => Self::Cmd(CommandLine::parse(line.without_flags()?)?),
            "ENTRYPOINT" => Self::Entrypoint(CommandLine::parse(line.without_flags()?)?),
            "ENV" => Self::Env(Env::parse(line.without_flags()?, escape)?),
            "EXPOSE" => Self::Expose(Expose::parse(line.without_flags()?)?),
            "HEALTHCHECK" => Self::Healthcheck(healthcheck::parse(line)?),
            "LABEL" => Self::Label(Label::parse(line.without_flags()?, escape)?),
            "ONBUILD" => Self::OnBuild(OnBuild::parse(line, escape)?),
            "STOPSIGNAL" => Self::StopSignal(StopSignal::parse(line.without_flags()?)?),
            "USER" => Self::User(User::parse(line.without_flags()?)?),
            "VOLUME" => Self::Volume(Volume::parse(line.without_flags()?)?),
            "WORKDIR" => Self::Workdir(Workdir::parse(line.without_flags()?)?),
            name => return Err(ChangeError::NotAChange(name.to_owned())),
        })
    }

    /// Changes the config.
    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        match self {
            Self::Cmd(line) => line.set_cmd(state),
            Self::Entrypoint(line) => line.set_entrypoint(state),
            Self::Env(env) => env.apply(state)?,
            Self::Expose(expose) => expose.apply(state)?,
            Self::Healthcheck(healthcheck) => state.run.healthcheck = Some(healthcheck),
            Self::Label(label) => label.apply(state)?,
            Self::OnBuild(OnBuild(trigger)) => state.run.on_build.push(trigger),
            Self::StopSignal(signal) => signal.apply(state)?,
            Self::User(user) => user.apply(state)?,
            Self::Volume(volume) => volume.apply(state)?,
            Self::Workdir(workdir) => workdir.apply(state)?,
        }
        Ok(())
    }
}

/// The whole rest of the line, for an instruction with one argument.
fn one_argument(text: &str, instruction: &'static str) -> Result<String, ChangeError> {
    match text {
        "" => Err(ChangeError::NotOneArgument(instruction)),
        _ => Ok(text.to_owned()),
    }
}
