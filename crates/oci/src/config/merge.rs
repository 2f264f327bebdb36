//! Merging a client's settings with those of an image.

use std::collections::HashSet;

use super::{Healthcheck, RunConfig, env_key, is_empty};

/// A container has neither an entrypoint nor a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no command specified")]
pub struct NoCommand;

impl RunConfig {
    /// Fills the settings that a client left out with those of the image, as Docker does. `windows`
    /// is for Windows images, where variable names are case-insensitive and
    /// [`args_escaped`](Self::args_escaped) matters.
    ///
    /// If the client sets an entrypoint, the image's command is not used. The shell and the build
    /// instructions are never taken from the image.
    pub fn merge_image(&mut self, image: &Self, windows: bool) {
        fill(&mut self.user, &image.user);
        fill(&mut self.working_dir, &image.working_dir);
        fill(&mut self.stop_signal, &image.stop_signal);
        self.exposed_ports
            .extend(image.exposed_ports.iter().cloned());
        self.volumes.extend(image.volumes.iter().cloned());
        for (label, value) in &image.labels {
            if !self.labels.contains_key(label) {
                self.labels.insert(label.clone(), value.clone());
            }
        }
        self.merge_env(&image.env, windows);
        self.merge_command(image);
        self.args_escaped |= windows && image.args_escaped;
        if let Some(theirs) = &image.healthcheck {
            match &mut self.healthcheck {
                Some(own) => own.inherit(theirs),
                None => self.healthcheck = Some(theirs.clone()),
            }
        }
    }

    /// Completes the merge: an entrypoint of one empty string means none.
    ///
    /// # Errors
    ///
    /// [`NoCommand`] when there is then neither an entrypoint nor a command.
    pub fn finish(&mut self) -> Result<(), NoCommand> {
        if let Some([only]) = self.entrypoint.as_deref()
            && only.is_empty()
        {
            self.entrypoint = None;
        }
        if is_empty(&self.entrypoint) && is_empty(&self.cmd) {
            return Err(NoCommand);
        }
        Ok(())
    }

    fn merge_env(&mut self, image: &[String], windows: bool) {
        if self.env.is_empty() {
            self.env = image.to_vec();
            return;
        }
        let key = |entry: &str| match windows {
            true => env_key(entry).to_uppercase(),
            false => env_key(entry).to_owned(),
        };
        let mut keys: HashSet<String> = self.env.iter().map(|entry| key(entry)).collect();
        for entry in image {
            if keys.insert(key(entry)) {
                self.env.push(entry.clone());
            }
        }
    }

    fn merge_command(&mut self, image: &Self) {
        if !is_empty(&self.entrypoint) {
            return;
        }
        if is_empty(&self.cmd) {
            self.cmd.clone_from(&image.cmd);
        }
        if self.entrypoint.is_none() {
            self.entrypoint.clone_from(&image.entrypoint);
        }
    }
}

impl Healthcheck {
    fn inherit(&mut self, image: &Self) {
        if self.test.is_empty() {
            self.test.clone_from(&image.test);
        }
        for (own, theirs) in [
            (&mut self.interval, image.interval),
            (&mut self.timeout, image.timeout),
            (&mut self.start_period, image.start_period),
            (&mut self.start_interval, image.start_interval),
            (&mut self.retries, image.retries),
        ] {
            if *own == 0 {
                *own = theirs;
            }
        }
    }
}

fn fill(own: &mut String, theirs: &str) {
    if own.is_empty() {
        theirs.clone_into(own);
    }
}

#[cfg(test)]
mod tests;
