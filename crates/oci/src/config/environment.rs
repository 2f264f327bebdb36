//! The environment of a container's process.

use super::RunConfig;

impl RunConfig {
    /// The environment of the process: `defaults` (entries `NAME=value`, with `PATH` and others
    /// from the runtime) overridden by [`env`](Self::env). As in Docker, an entry without `=`
    /// removes a default, and has no other effect.
    #[must_use]
    pub fn environment(&self, defaults: &[String]) -> Vec<String> {
        let mut given: Vec<Option<&str>> =
            defaults.iter().map(|entry| Some(entry.as_str())).collect();
        let mut added = Vec::new();
        for entry in &self.env {
            let (name, value) = match entry.split_once('=') {
                Some((name, _)) => (name, Some(entry.as_str())),
                None => (entry.as_str(), None),
            };
            match (defaults.iter().rposition(|has| env_key(has) == name), value) {
                (Some(at), _) => given[at] = value,
                (None, Some(value)) => added.push(value),
                (None, None) => {}
            }
        }
        given
            .into_iter()
            .flatten()
            .chain(added)
            .map(str::to_owned)
            .collect()
    }
}

/// The variable name of an entry of the environment.
pub fn env_key(entry: &str) -> &str {
    entry.split_once('=').map_or(entry, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environment() {
        for (defaults, env, expected) in [
            ("PATH=/bin HOME=/", "", "PATH=/bin HOME=/"),
            ("PATH=/bin HOME=/", "A=1", "PATH=/bin HOME=/ A=1"),
            ("PATH=/bin HOME=/", "PATH=/x", "PATH=/x HOME=/"),
            ("PATH=/bin HOME=/", "PATH", "HOME=/"),
            ("PATH=/bin HOME=/", "PATH=", "PATH= HOME=/"),
            ("PATH=/bin HOME=/", "PATH PATH=/x", "PATH=/x HOME=/"),
            ("PATH=/bin HOME=/", "A", "PATH=/bin HOME=/"),
            ("PATH=/bin", "A=1 A", "PATH=/bin A=1"),
            ("PATH=/bin", "A=b=c", "PATH=/bin A=b=c"),
            ("", "path=/x", "path=/x"),
        ] {
            let list = |text: &str| -> Vec<String> {
                text.split_whitespace().map(str::to_owned).collect()
            };
            let run = RunConfig {
                env: list(env),
                ..RunConfig::default()
            };
            assert_eq!(
                run.environment(&list(defaults)),
                list(expected),
                "{defaults} + {env}"
            );
        }
    }
}
