use jiff::Timestamp;
use regex::RegexSetBuilder;
use sockerless_reference::Digest;

use crate::ContainerRow;
use crate::Containers;
use sockerless_images::{Error, Kind, LabelFilter};

/// Bytes that the patterns of one filter may take when they are compiled, and while they match.
const PATTERN_BYTES: usize = 1 << 20;

/// Which containers are meant. Everything that is said must hold; of several values of one kind
/// one must, unless it says otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerFilter {
    /// Their image, by any name. Names that no image has find nothing.
    pub ancestors: Vec<String>,
    /// What is in their name, with or without its slash: regular expressions.
    pub names: Vec<String>,
    /// How their ID begins. An empty beginning is none.
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

/// A filter with everything looked up that it names.
#[derive(Debug)]
pub(crate) struct Prepared {
    filter: ContainerFilter,
    /// IDs of the images that `ancestors` mean.
    images: Vec<Digest>,
    patterns: regex::RegexSet,
    before: Option<Place>,
    since: Option<Place>,
}

/// The place of a container among all: the oldest first.
type Place = (Timestamp, String);

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
        Ok(Self {
            images: containers.ids_of(&filter.ancestors).await?,
            before: containers
                .places_of(&filter.before)
                .await?
                .into_iter()
                .min(),
            since: containers.places_of(&filter.since).await?.into_iter().max(),
            patterns,
            filter,
        })
    }

    pub(crate) fn fits(&self, row: &ContainerRow) -> bool {
        let filter = &self.filter;
        let labels = &row.spec.run.labels;
        let place = (row.created_at, row.id.clone());
        let begins = |prefix: &String| !prefix.is_empty() && row.id.starts_with(prefix);
        (filter.ancestors.is_empty() || self.images.contains(&row.image))
            && (filter.names.is_empty() || self.fits_name(&row.name))
            && (filter.ids.is_empty() || filter.ids.iter().any(begins))
            && filter.labels.iter().all(|label| label.is_in(labels))
            && !filter
                .without_labels
                .iter()
                .any(|label| label.is_in(labels))
            && filter.until.is_none_or(|until| row.created_at <= until)
            && self.before.as_ref().is_none_or(|before| place < *before)
            && self.since.as_ref().is_none_or(|since| place > *since)
    }

    fn fits_name(&self, name: &str) -> bool {
        self.patterns.is_match(name) || self.patterns.is_match(&format!("/{name}"))
    }
}

impl Containers {
    /// The IDs of all variants of the images that these names mean.
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

    async fn places_of(&self, names: &[String]) -> Result<Vec<Place>, Error> {
        let mut places = Vec::with_capacity(names.len());
        for name in names {
            let row = self.get(name).await?;
            places.push((row.created_at, row.id));
        }
        Ok(places)
    }
}

/// Whether a name was not found, or could never be.
pub(crate) fn means_nothing(error: &Error) -> bool {
    matches!(error.kind(), Kind::NotFound | Kind::InvalidParameter)
}
