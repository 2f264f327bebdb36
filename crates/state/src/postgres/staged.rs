//! Staged forms of images.

use std::collections::BTreeMap;

use sockerless_reference::Digest;

use super::fault::Fault;
use super::session::{Ask, Session, ask};
use super::value::{Key, digest};
use crate::name::check_repository;
use crate::{Error, Staged};

/// Rows of staged forms. Of several forms of a variant in one repository the last counts.
#[derive(Default)]
pub(super) struct Forms<'a> {
    told: &'a [Staged],
    targets: Vec<Key>,
    repositories: Vec<&'a str>,
    configs: Vec<Key>,
    manifests: Vec<Key>,
}

impl<'a> Forms<'a> {
    pub(super) fn of(told: &'a [Staged]) -> Result<Self, Error> {
        let mut sorted = BTreeMap::new();
        for staged in told {
            check_repository(&staged.repository)?;
            let key = (staged.target, &staged.repository, staged.config);
            sorted.insert(key, staged.manifest);
        }
        let mut forms = Self {
            told,
            ..Self::default()
        };
        for ((target, repository, config), manifest) in sorted {
            forms.targets.push(Key(target));
            forms.repositories.push(repository);
            forms.configs.push(Key(config));
            forms.manifests.push(Key(manifest));
        }
        Ok(forms)
    }

    /// The manifests, each with the target that keeps it: also of a form that is replaced.
    pub(super) fn documents(&self) -> impl Iterator<Item = (Digest, Digest)> {
        let told = self.told.iter();
        told.map(|staged| (staged.manifest, staged.target))
    }

    pub(super) fn add(&self) -> Ask<'_> {
        ask!(
            super::sql::STAGE,
            self.targets,
            self.repositories,
            self.configs,
            self.manifests
        )
    }
}

/// The forms of the image in this repository, in the order of its variants.
pub(super) async fn of(
    session: &Session,
    target: Digest,
    repository: &str,
) -> Result<Vec<Staged>, Fault> {
    let rows = session
        .one(ask!(crate::sql::STAGED, Key(target), repository))
        .await?;
    let staged = rows.iter().map(|row| {
        Ok(Staged {
            target,
            config: digest(row, 0)?,
            repository: repository.to_owned(),
            manifest: digest(row, 1)?,
        })
    });
    staged.collect()
}
