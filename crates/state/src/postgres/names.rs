//! Pages of the tags of a repository.

use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::session::{Session, ask};
use super::value::{digest, get};
use crate::column::{limit, to_name};

/// The next tags of the repository, in their order.
pub(super) async fn of(
    session: &Session,
    repository: &str,
    after_tag: Option<&str>,
    rows: usize,
) -> Result<Vec<(Reference, Digest)>, Fault> {
    // No tag is empty.
    let after = after_tag.unwrap_or_default();
    let rows = session
        .one(ask!(crate::sql::NEXT_TAGS, repository, after, limit(rows)))
        .await?;
    let names = rows
        .iter()
        .map(|row| Ok((to_name(repository, get(row, 0)?)?, digest(row, 1)?)));
    names.collect()
}
