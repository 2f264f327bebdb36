//! Conditions that select containers.

use jiff::Timestamp;
use sockerless_reference::Digest;

use crate::ContainerStatus;

/// Selects containers. All given conditions must hold; the default selects all containers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ContainerSelection {
    /// The container has one of these statuses. Any status when empty.
    pub statuses: Vec<ContainerStatus>,
    /// The ID of its image is one of these. Any image when `None`.
    pub images: Option<Vec<Digest>>,
    /// Its ID begins with one of these texts. Any ID when `None`.
    pub id_prefixes: Option<Vec<String>>,
    /// It was created at this time or before.
    pub until: Option<Timestamp>,
    /// Its creation time and ID, in this order, are less than these.
    pub before: Option<(Timestamp, String)>,
    /// Its creation time and ID, in this order, are greater than these.
    pub since: Option<(Timestamp, String)>,
}

impl ContainerSelection {
    /// The statuses, each once.
    pub(crate) fn distinct_statuses(&self) -> Vec<ContainerStatus> {
        let mut statuses = self.statuses.clone();
        statuses.sort_unstable();
        statuses.dedup();
        statuses
    }

    /// Time and ID of `before`, as they are compared.
    pub(crate) fn before_columns(&self) -> (Option<i64>, Option<&str>) {
        columns(self.before.as_ref())
    }

    /// Time and ID of `since`, as they are compared.
    pub(crate) fn since_columns(&self) -> (Option<i64>, Option<&str>) {
        columns(self.since.as_ref())
    }

    /// The prefixes that an ID can have.
    pub(crate) fn possible_prefixes(&self) -> Option<Vec<&str>> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let prefixes = self.id_prefixes.as_ref()?.iter().map(String::as_str);
        Some(prefixes.filter(|text| text.bytes().all(is_digit)).collect())
    }
}

fn columns(place: Option<&(Timestamp, String)>) -> (Option<i64>, Option<&str>) {
    place.map(|(at, id)| (comparable(*at), id.as_str())).unzip()
}

/// A time to compare with one in a column. A time that does not fit into a column becomes the
/// nearest that does.
pub(crate) fn comparable(at: Timestamp) -> i64 {
    let nanoseconds = at.as_nanosecond();
    let nearest = nanoseconds.clamp(i64::MIN.into(), i64::MAX.into());
    i64::try_from(nearest).unwrap_or_default()
}
