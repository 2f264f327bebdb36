use std::collections::HashSet;

use super::{Healthcheck, RunConfig, env_key, is_empty};

/// A container has neither an entrypoint nor a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no command specified")]
pub struct NoCommand;

impl RunConfig {
    /// Fills what a client that creates a container did not say with what its image says, as
    /// Docker does. `windows` is for images of Windows, where variables are the same in any case
    /// and [`args_escaped`](Self::args_escaped) means something.
    ///
    /// An entrypoint of the client's leaves the image's command out. The shell and the
    /// instructions for builds are the client's alone.
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

    /// What is left to do after the merge: an entrypoint of one empty string means none.
    ///
    /// # Errors
    ///
    /// When there is then neither an entrypoint nor a command.
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
