//! Lists of images, filtered and a page at a time, and what images share.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use sockerless_oci::Time;
use sockerless_reference::{Digest, Reference};
use sockerless_state::Found;
use tokio::sync::oneshot;

use crate::filter::{BadPattern, Glob, fits_name, repositories_begin};
use crate::image::facts;
use crate::layer_sizes::chain_ids;
use crate::places::Turn;
use crate::unreadable::Unreadable;
use crate::walk::Walk;
use crate::{Error, ImageFilter, Images, Kind};

/// Names that are looked up one by one for a filter of names. Where more could match, all images
/// are read instead, which takes the same memory however many there are.
const CANDIDATES: usize = 10_000;

/// One image of a list.
#[derive(Debug, Clone)]
pub struct ImageRow {
    /// The image; its names are only those that match the filter. Without its staged references,
    /// and without its config, which may be megabytes.
    pub found: Found,
    /// When it was made, if its config says so.
    pub created: Option<Time>,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// How many containers use it.
    pub containers: u64,
    /// Bytes of layers that it shares with other images, when that was requested and is known.
    pub shared_size: Option<u64>,
}

/// Images that match a filter, the newest first, a page at a time.
#[derive(Debug)]
pub struct ImageList {
    images: Images,
    sieve: Arc<Sieve>,
    /// How many images have each layer, when that was requested.
    sharing: Option<HashMap<Digest, u32>>,
    walk: Walk,
    turn: Turn,
}

/// Selects images and their names.
#[derive(Debug)]
struct Sieve {
    filter: ImageFilter,
    patterns: Vec<Glob>,
    before: Option<Timestamp>,
    since: Option<Timestamp>,
    /// The staging repository, whose repository digests are not names.
    staging: Option<Reference>,
    unreadable: Unreadable,
}

/// The bytes that a page counts for the pace of a client that has read it.
const PAGE_BYTES: u64 = 1 << 20;

impl ImageList {
    /// Returns the next images. Empty only at the end.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the state cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<ImageRow>, Error> {
        // A caller that asks for the next page has sent the last one.
        self.turn.moved(PAGE_BYTES);
        loop {
            let page = self.walk.next_page().await?;
            if page.is_empty() {
                return Ok(Vec::new());
            }
            let sieve = Arc::clone(&self.sieve);
            let sifted = self.images.compute(move || sieve.sift(page)).await?;
            let mut rows = sifted?;
            for row in &mut rows {
                row.shared_size = self.shared_size(&row.found).await?;
            }
            self.count_containers(&mut rows).await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
    }

    /// The same list with the shared size of each image.
    pub(crate) fn with_sharing(mut self, sharing: HashMap<Digest, u32>) -> Self {
        self.sharing = Some(sharing);
        self
    }

    /// From now on the client is waited for, until it asks for the next page.
    pub fn wait(&self) {
        self.turn.wait();
    }

    /// Reports when this list loses its place because its client reads too slowly: the caller must
    /// not wait for the client any longer then. Closed when this is dropped. To be called once.
    pub fn revoked(&mut self) -> oneshot::Receiver<()> {
        self.turn.revoked()
    }

    async fn shared_size(&self, found: &Found) -> Result<Option<u64>, Error> {
        let (Some(sharing), Some(variant)) =
            (&self.sharing, found.image.variants.get(found.variant))
        else {
            return Ok(None);
        };
        let sizes = self.images.layer_sizes(variant).await?;
        let chains = chain_ids(variant).into_iter().zip(sizes);
        let shared = chains.filter(|(chain, _)| sharing.get(chain).is_some_and(|count| *count > 1));
        Ok(shared.map(|(_, size)| size).sum())
    }

    async fn count_containers(&self, rows: &mut [ImageRow]) -> Result<(), Error> {
        let ids: Vec<_> = rows.iter().map(|row| row.found.image.id).collect();
        for users in self.images.state.users(&ids).await? {
            let row = rows
                .iter_mut()
                .find(|row| row.found.image.id == users.image);
            if let Some(row) = row {
                row.containers = users.count;
            }
        }
        Ok(())
    }
}

impl Sieve {
    /// Filters a page.
    fn sift(&self, page: Vec<Found>) -> Result<Vec<ImageRow>, Error> {
        let rows = page.into_iter().map(|found| self.row(found));
        rows.filter_map(Result::transpose).collect()
    }

    fn row(&self, mut found: Found) -> Result<Option<ImageRow>, Error> {
        // The staging repository is the daemon's own, and in a list it would appear as a name.
        found.repo_digests.retain(|name| !self.is_staged(name));
        if !self.shows(&found) {
            return Ok(None);
        }
        if !self.patterns.is_empty() {
            let fits = |name: &Reference| self.patterns.iter().any(|glob| fits_name(glob, name));
            found.names.retain(fits);
            found.repo_digests.retain(fits);
            if found.names.is_empty() && found.repo_digests.is_empty() {
                return Ok(None);
            }
        }
        let config = self.unreadable.config(&found.config, found.image.id);
        let (created, labels) = facts(config, &found);
        let moment = created.map(Time::timestamp);
        let made = moment.unwrap_or(Timestamp::MIN);
        if !self.filter.fits(&labels, moment)
            || self.before.is_some_and(|before| made >= before)
            || self.since.is_some_and(|since| made <= since)
        {
            return Ok(None);
        }
        Ok(Some(ImageRow {
            shared_size: None,
            found: Found {
                config: Bytes::new(),
                ..found
            },
            created,
            labels,
            containers: 0,
        }))
    }

    /// Whether it matches the condition on images without names.
    fn shows(&self, found: &Found) -> bool {
        match self.filter.dangling {
            None => true,
            Some(true) => found.names.is_empty(),
            Some(false) => !found.names.is_empty() || !found.repo_digests.is_empty(),
        }
    }

    fn is_staged(&self, name: &Reference) -> bool {
        let staging = self.staging.as_ref();
        staging.is_some_and(|staging| staging.repository() == name.repository())
    }
}

impl Images {
    /// The images that match `filter`; `shared` says whether to compute what they share.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an image of `before` or `since` that is not here,
    /// [`Kind::InvalidParameter`] for an invalid pattern.
    pub async fn list(&self, filter: ImageFilter, shared: bool) -> Result<ImageList, Error> {
        let patterns = filter.references.iter().map(|text| Glob::parse(text));
        let patterns = patterns
            .collect::<Result<Vec<_>, BadPattern>>()
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let turn = self.lists.turn().await?;
        let before = self.times_of(&filter.before).await?.into_iter().min();
        let since = self.times_of(&filter.since).await?.into_iter().max();
        let walk = self.candidates(&patterns).await?;
        let sharing = match shared {
            true => Some(self.sharing().await?),
            false => None,
        };
        let staging = self.config.staging.as_ref();
        let sieve = Sieve {
            filter,
            patterns,
            before,
            since,
            staging: staging.map(|staging| staging.repository.clone()),
            unreadable: self.unreadable.clone(),
        };
        Ok(ImageList {
            images: self.clone(),
            sieve: Arc::new(sieve),
            sharing,
            walk,
            turn,
        })
    }

    /// A superset of the images that have a matching name.
    async fn candidates(&self, patterns: &[Glob]) -> Result<Walk, Error> {
        if patterns.is_empty() {
            return Ok(self.walk());
        }
        let beginnings: Vec<_> = patterns.iter().flat_map(repositories_begin).collect();
        let places = self.state.places_in(&beginnings, CANDIDATES).await?;
        Ok(match places {
            Some(places) => self.walk_through(places),
            None => self.walk(),
        })
    }

    /// When these images were made.
    async fn times_of(&self, names: &[String]) -> Result<Vec<Timestamp>, Error> {
        let mut times = Vec::with_capacity(names.len());
        for name in names {
            let found = self.inspect(name, None).await?;
            let (created, _) = self.facts_of(&found).await?;
            times.push(created.map_or(Timestamp::MIN, Time::timestamp));
        }
        Ok(times)
    }

    /// How many images have each layer, by its chain ID.
    pub(crate) async fn sharing(&self) -> Result<HashMap<Digest, u32>, Error> {
        let mut sharing = HashMap::new();
        let mut walk = self.walk();
        loop {
            let page = walk.next_page().await?;
            if page.is_empty() {
                return Ok(sharing);
            }
            let chains = self.compute(move || {
                let variants = page.iter().map(|it| it.image.variants.get(it.variant));
                let chains = variants.flatten().flat_map(chain_ids);
                chains.collect::<Vec<_>>()
            });
            for chain in chains.await? {
                *sharing.entry(chain).or_default() += 1;
            }
        }
    }
}
