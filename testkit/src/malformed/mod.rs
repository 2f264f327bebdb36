//! Archives that a load must refuse, each with what the error must name.

mod config;
mod file_systems;
mod layers;
mod manifest;
mod members;
mod names;
mod oci;
mod stream;

/// One archive that must be refused.
#[derive(Debug, Clone)]
pub struct Fault {
    /// What is wrong with it.
    pub name: &'static str,
    /// The body of the load.
    pub archive: Vec<u8>,
    /// What the message must contain, without regard to case: the entry, what was expected, what
    /// was found.
    pub mentions: Vec<String>,
}

impl Fault {
    fn new(name: &'static str, archive: Vec<u8>, mentions: &[&str]) -> Self {
        Self {
            name,
            archive,
            mentions: mentions.iter().map(ToString::to_string).collect(),
        }
    }
}

/// All of them.
#[must_use]
pub fn all() -> Vec<Fault> {
    [
        stream::faults(),
        members::faults(),
        manifest::faults(),
        config::faults(),
        layers::faults(),
        file_systems::faults(),
        names::faults(),
        oci::faults(),
    ]
    .concat()
}

/// The tars of layers that no tool can unpack.
#[must_use]
pub fn layers() -> Vec<Vec<u8>> {
    let archives = file_systems::faults().into_iter();
    let archives = archives.map(|fault| crate::tar::Tar::parse(&fault.archive));
    archives
        .filter_map(|archive| archive.content("the-layer").map(<[u8]>::to_vec))
        .collect()
}
