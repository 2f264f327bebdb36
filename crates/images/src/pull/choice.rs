//! Chooses the image of an index that matches a platform best, with as few requests as possible.

use std::collections::{HashSet, VecDeque};

use bytes::Bytes;
use sockerless_archive::{Artifact, Descriptor, Document, Meaning, read_config, read_manifest};
use sockerless_oci::{ImageConfig, Platform, PlatformMatcher};
use sockerless_reference::{Digest, Reference};
use sockerless_registry::{ErrorKind, Repository, TagOrDigest};

use super::{not_a_challenge, refused};
use crate::{Error, Images, Kind};

/// Manifests that are fetched to choose one of an index. Most indexes need one.
const FETCHES: usize = 32;

/// Indexes in indexes.
const DEPTH: usize = 4;

/// The image of one platform, as it is in a registry.
pub(super) struct Chosen {
    pub(super) manifest: Document,
    pub(super) layers: Vec<Descriptor>,
    pub(super) config: Document,
    pub(super) facts: ImageConfig,
    /// Its platform in the index; `None` without an index, or when that has none.
    pub(super) platform: Option<Platform>,
    /// The indexes that lead to it, the outermost first.
    pub(super) indexes: Vec<(Digest, Bytes)>,
}

/// An entry of an index that may match.
struct Entry {
    descriptor: Descriptor,
    indexes: Vec<(Digest, Bytes)>,
}

/// The search for the image that matches a platform best, through an index and its nested indexes.
///
/// The platform of an entry counts. Only if a better match is still possible, entries without a
/// platform are fetched and judged by their configs.
struct Search<'a> {
    images: &'a Images,
    repository: &'a Repository,
    name: &'a Reference,
    matcher: PlatformMatcher,
    /// Matching entries with a platform, each with its rank, in the order of the index.
    told: Vec<(usize, Entry)>,
    /// Entries without a platform.
    silent: VecDeque<Entry>,
    /// The best of the fetched images, with its rank.
    best: Option<(usize, Chosen)>,
    seen: HashSet<Digest>,
    fetches: usize,
}

impl Images {
    /// The image `target`, or the one of its index that matches `platform` best; the artifact if it
    /// is something else.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when no image of the index matches the platform, and the registry's
    /// errors.
    pub(super) async fn choose(
        &self,
        repository: &Repository,
        name: &Reference,
        target: Document,
        media_type: &str,
        platform: &Platform,
    ) -> Result<Result<Chosen, Artifact>, Error> {
        let digest = target.digest;
        let other = |kind| Ok(Err(Artifact { digest, kind }));
        match read_manifest(&target.digest.to_string(), &target)? {
            Meaning::Image { config, layers } => {
                let config = self.config_in(repository, &config).await;
                let (config, facts) = config.map_err(not_a_challenge)?;
                Ok(Ok(Chosen {
                    manifest: target,
                    layers,
                    config,
                    facts,
                    platform: None,
                    indexes: Vec::new(),
                }))
            }
            Meaning::Index(children) => {
                let mut search = Search {
                    images: self,
                    repository,
                    name,
                    matcher: PlatformMatcher::new(platform),
                    told: Vec::new(),
                    silent: VecDeque::new(),
                    best: None,
                    seen: HashSet::from([target.digest]),
                    fetches: 0,
                };
                search.open(children, vec![(digest, target.bytes)]);
                let best = search.run().await?;
                best.ok_or_else(|| no_platform(name, platform)).map(Ok)
            }
            Meaning::Unknown { kind } if kind.is_empty() => other(media_type.to_owned()),
            Meaning::Attachment { kind, .. } | Meaning::Unknown { kind } => other(kind),
        }
    }

    /// The config of an image: its bytes and its content.
    pub(crate) async fn config_in(
        &self,
        repository: &Repository,
        config: &Descriptor,
    ) -> Result<(Document, ImageConfig), Error> {
        let document = self.fetch_document(repository, config).await?;
        let facts = read_config(&config.digest.to_string(), &document)?;
        Ok((document, facts))
    }
}

impl Search<'_> {
    /// Adds the entries of an index that may be or lead to a match.
    fn open(&mut self, children: Vec<Descriptor>, indexes: Vec<(Digest, Bytes)>) {
        for descriptor in children {
            if !descriptor.may_be_image() || descriptor.is_attached() {
                continue;
            }
            let rank = descriptor
                .known_platform()
                .map(|platform| self.matcher.rank(platform));
            let entry = Entry {
                descriptor,
                indexes: indexes.clone(),
            };
            match rank {
                Some(Some(rank)) => self.told.push((rank, entry)),
                Some(None) => {}
                None => self.silent.push_back(entry),
            }
        }
    }

    async fn run(mut self) -> Result<Option<Chosen>, Error> {
        loop {
            let told = self.told.iter().map(|(rank, _)| *rank).min();
            let best = self.best.as_ref().map(|(rank, _)| *rank);
            // The lowest known rank: no silent entry is better than 0.
            let lowest = told.into_iter().chain(best).min();
            if lowest != Some(0)
                && let Some(entry) = self.silent.pop_front()
            {
                if self.fetches == FETCHES {
                    let left = self.silent.len() + 1;
                    tracing::info!(left, "of an index only {FETCHES} entries are looked at");
                    self.silent.clear();
                } else {
                    self.look(None, entry).await?;
                }
                continue;
            }
            match told {
                Some(rank) if best.is_none_or(|best| rank < best) => {
                    let Some(at) = self.told.iter().position(|(other, _)| *other == rank) else {
                        return Ok(None);
                    };
                    let (rank, entry) = self.told.remove(at);
                    if self.fetches == FETCHES {
                        let message = format!(
                            "{}: none of the first {FETCHES} manifests of the index that could serve \
                             is an image",
                            self.name.familiar()
                        );
                        return Err(Error::internal(message));
                    }
                    self.look(Some(rank), entry).await?;
                }
                _ => return Ok(self.best.map(|(_, chosen)| chosen)),
            }
        }
    }

    /// Fetches the target of an entry. `rank` is that of the entry's platform.
    async fn look(&mut self, rank: Option<usize>, entry: Entry) -> Result<(), Error> {
        let Entry {
            descriptor,
            mut indexes,
        } = entry;
        if rank.is_none() && !self.seen.insert(descriptor.digest) {
            return Ok(());
        }
        self.fetches += 1;
        let asked = TagOrDigest::Digest(descriptor.digest);
        let manifest = match self.repository.get_manifest(&asked).await {
            Ok(manifest) => Document {
                digest: manifest.digest,
                bytes: manifest.bytes,
            },
            // An index may name manifests that were not pushed with it.
            Err(error) if rank.is_none() && error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(refused(error, self.name)),
        };
        match read_manifest(&manifest.digest.to_string(), &manifest)? {
            Meaning::Index(_) if indexes.len() >= DEPTH => Err(Error::internal(format!(
                "{}: more than {DEPTH} nested indexes",
                self.name.familiar()
            ))),
            Meaning::Index(children) => {
                indexes.push((manifest.digest, manifest.bytes));
                self.open(children, indexes);
                Ok(())
            }
            Meaning::Image { config, layers } => {
                let config = self.images.config_in(self.repository, &config).await;
                let (config, facts) = config.map_err(not_a_challenge)?;
                let Some(rank) = rank.or_else(|| self.matcher.rank_config(&facts.platform)) else {
                    return Ok(());
                };
                if self.best.as_ref().is_none_or(|(best, _)| rank < *best) {
                    let chosen = Chosen {
                        manifest,
                        layers,
                        config,
                        facts,
                        platform: descriptor.known_platform().cloned(),
                        indexes,
                    };
                    self.best = Some((rank, chosen));
                }
                Ok(())
            }
            Meaning::Attachment { kind, .. } | Meaning::Unknown { kind } => {
                tracing::debug!(digest = %manifest.digest, kind, "an entry of an index is not an image");
                Ok(())
            }
        }
    }
}

/// Why something that a registry has cannot be pulled.
pub(super) fn not_an_image(name: &Reference, artifact: &Artifact) -> Error {
    let message = format!(
        "{} is not an image: it is {}",
        name.familiar(),
        Artifact::describe(&artifact.kind)
    );
    Error::new(Kind::InvalidParameter, message)
}

fn no_platform(name: &Reference, platform: &Platform) -> Error {
    let message = format!(
        "no matching manifest for {platform} in the manifest list entries of {}",
        name.familiar()
    );
    Error::new(Kind::NotFound, message)
}
