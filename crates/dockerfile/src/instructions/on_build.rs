//! `ONBUILD`, whose trigger is checked but not run.

use super::healthcheck;
use crate::ChangeError;
use crate::exec_form;
use crate::line::Line;
use crate::pairs;

/// An instruction for builds that start from the image, as it is written.
#[derive(Debug)]
pub(crate) struct OnBuild(pub(super) String);

impl OnBuild {
    pub(super) fn parse(line: &Line<'_>, escape: char) -> Result<Self, ChangeError> {
        let arguments = line.without_flags()?;
        if arguments.is_empty() {
            return Err(ChangeError::NoArgument("ONBUILD"));
        }
        let trigger = Line::split(arguments);
        check(&trigger, escape)?;
        let original = line.original.trim_start();
        let text = original.get("ONBUILD".len()..).unwrap_or_default();
        Ok(Self(text.trim_ascii_start().to_owned()))
    }
}

/// The checks that Docker makes of a trigger before it runs; the build makes the others.
fn check(trigger: &Line<'_>, escape: char) -> Result<(), ChangeError> {
    let arguments = trigger.arguments;
    match trigger.name.as_str() {
        "ONBUILD" => return Err(ChangeError::ChainedOnBuild),
        name @ ("FROM" | "MAINTAINER") => {
            return Err(ChangeError::OnBuildTrigger(name.to_owned()));
        }
        "ENV" => drop(pairs::split(arguments, "ENV", escape)?),
        "LABEL" => drop(pairs::split(arguments, "LABEL", escape)?),
        "ADD" | "CMD" | "COPY" | "ENTRYPOINT" | "RUN" | "SHELL" | "VOLUME" => {
            exec_form::parse(arguments)?;
        }
        "HEALTHCHECK" => {
            exec_form::parse(healthcheck::split(arguments).1)?;
        }
        _ => {}
    }
    Ok(())
}
