//! Filters of containers: parsing names and patterns, and matching.

use jiff::Timestamp;
use regex::RegexSetBuilder;
use sockerless_reference::Digest;
use sockerless_state::{ContainerSelection, ContainerStatus};

use crate::ContainerRow;
use crate::Containers;
use sockerless_images::{Error, Kind, LabelFilter};

/// Bytes of memory that the patterns of one filter may take, compiled and while matching.
const PATTERN_BYTES: usize = 1 << 20;

/// Selects containers. All criteria must hold; of several values of one criterion one must, unless
/// noted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// Their statuses.
    pub statuses: Vec<ContainerStatus>,
    /// Their image, by any name. A name that no image has matches nothing.
    pub ancestors: Vec<String>,
    /// Regular expressions that match their name, with or without its slash.
    pub names: Vec<String>,
    /// Prefixes of their ID. An empty prefix matches nothing.
    pub ids: Vec<String>,
    /// All of these labels.
    pub labels: Vec<LabelFilter>,
    /// None of these labels.
    pub without_labels: Vec<LabelFilter>,
    /// Created at this time or before.
    pub until: Option<Timestamp>,
    /// Created before all of these containers.
    pub before: Vec<String>,
    /// Created after all of these containers.
    pub since: Vec<String>,
}

/// A filter whose images and containers have been looked up.
#[derive(Debug)]
pub(crate) struct Prepared {
    /// The part that the state evaluates.
    pub(crate) selection: ContainerSelection,
    patterns: Option<regex::RegexSet>,
    labels: Vec<LabelFilter>,
    without_labels: Vec<LabelFilter>,
}

impl Prepared {
    pub(crate) async fn new(
        containers: &Containers,
        filter: ContainerFilter,
    ) -> Result<Self, Error> {
        let patterns = RegexSetBuilder::new(&filter.names)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        let patterns = patterns.map_err(|error| {
            let message = format!("invalid filter 'name': {error}");
            Error::new(Kind::InvalidParameter, message)
        })?;
        let ancestors = containers.ids_of(&filter.ancestors).await?;
        let ids = filter.ids.iter().filter(|id| !id.is_empty());
        let selection = ContainerSelection {
            statuses: filter.statuses,
            images: (!filter.ancestors.is_empty()).then_some(ancestors),
            id_prefixes: (!filter.ids.is_empty()).then(|| ids.cloned().collect()),
            until: filter.until,
            before: containers
                .places_of(&filter.before)
                .await?
                .into_iter()
                .min(),
            since: containers.places_of(&filter.since).await?.into_iter().max(),
        };
        Ok(Self {
            selection,
            patterns: (!filter.names.is_empty()).then_some(patterns),
            labels: filter.labels,
            without_labels: filter.without_labels,
        })
    }

    /// Whether a container of the selection matches the rest of the filter.
    pub(crate) fn fits(&self, row: &ContainerRow) -> bool {
        let labels = &row.spec.run.labels;
        let is_there = |label: &LabelFilter| label.is_in(labels);
        self.fits_name(&row.name)
            && self.labels.iter().all(is_there)
            && !self.without_labels.iter().any(is_there)
    }

    fn fits_name(&self, name: &str) -> bool {
        let Some(patterns) = &self.patterns else {
            return true;
        };
        patterns.is_match(name) || patterns.is_match(&format!("/{name}"))
    }
}

impl Containers {
    /// The IDs of all variants of the images with these names.
    async fn ids_of(&self, names: &[String]) -> Result<Vec<Digest>, Error> {
        let mut ids = Vec::new();
        for name in names {
            match self.images.inspect(name, None).await {
                Ok(found) => ids.extend(found.image.variants.iter().map(|v| v.config)),
                Err(error) if means_nothing(&error) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(ids)
    }

    /// The positions of these containers in order of age.
    async fn places_of(&self, names: &[String]) -> Result<Vec<(Timestamp, String)>, Error> {
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let row = self.get(name).await?;
            places.push((row.created_at, row.id));
        }
        Ok(places)
    }
}

/// Whether a name was not found or is invalid.
pub(crate) fn means_nothing(error: &Error) -> bool {
    matches!(error.kind(), Kind::NotFound | Kind::InvalidParameter)
}
