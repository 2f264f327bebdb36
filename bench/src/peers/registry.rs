use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::alone;
use super::process::Process;
use crate::measure::{Tree, bytes_in};

/// A registry on loopback: Debian's docker-registry, which keeps its content in a folder.
#[derive(Debug)]
pub(crate) struct Registry {
    process: Process,
    store: PathBuf,
    host: String,
}

impl Registry {
    /// Starts one with all its files below `folder`.
    pub(crate) fn start(folder: &Path) -> Result<Self> {
        let folder = folder.join("registry");
        let store = folder.join("store");
        fs::create_dir_all(&store).with_context(|| store.display().to_string())?;
        let configuration = folder.join("registry.yml");
        fs::write(
            &configuration,
            format!(
                "version: 0.1\nlog: {{level: info, accesslog: {{disabled: true}}}}\n\
                 storage: {{filesystem: {{rootdirectory: {}}}}}\n\
                 http: {{addr: 127.0.0.1:0}}\n",
                store.display()
            ),
        )?;
        let log = folder.join("log");
        let mut command = alone::tied("docker-registry");
        command
            .arg("serve")
            .arg(configuration)
            .env("OTEL_TRACES_EXPORTER", "none");
        let mut process = Process::start(&mut command, log.clone())?;
        let host = process.wait_for(|| {
            let text = fs::read_to_string(&log).ok()?;
            listens_at(&text).map(str::to_owned)
        })?;
        Ok(Self {
            process,
            store,
            host,
        })
    }

    /// `HOST:PORT`.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Its process.
    pub(crate) fn tree(&self) -> Tree {
        self.process.tree()
    }

    /// Bytes of its content on the disk.
    pub(crate) fn content(&self) -> Result<u64> {
        bytes_in(&self.store)
    }
}

/// The address, once its line is complete.
fn listens_at(log: &str) -> Option<&str> {
    let (_, rest) = log.split_once("listening on ")?;
    let end = rest.find(|end: char| !end.is_ascii_digit() && !".:".contains(end))?;
    rest.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_taken_when_its_line_is_whole() {
        assert_eq!(listens_at("starting"), None);
        assert_eq!(listens_at("msg=\"listening on 127.0.0.1:40"), None);
        let line = "msg=\"listening on 127.0.0.1:40123\" go.version=1\n";
        assert_eq!(listens_at(line), Some("127.0.0.1:40123"));
    }
}
