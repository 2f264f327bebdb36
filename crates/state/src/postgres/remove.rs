//! Removes names and images.

use tokio_postgres::Row;

use super::fault::Fault;
use super::pointers::{Names, Pins};
use super::session::ask;
use super::transaction::Transaction;
use super::value::{Key, digest, get, keys};
use super::{row, sql};
use crate::{Removal, Removed};

/// Removes everything, or nothing when the removal does not match the state; in two round trips.
pub(super) async fn remove(
    transaction: &Transaction<'_>,
    removal: &Removal,
) -> Result<Removed, Fault> {
    let (names, pins) = (Names::of(&removal.names)?, Pins::of(&removal.repo_digests)?);
    let id = Key(removal.id);
    let [targets, names_here, pins_here, documents, blobs] = transaction
        .all([
            ask!(sql::TARGETS, id),
            ask!(sql::COUNT_NAMES, id, names.repositories, names.tags),
            ask!(sql::COUNT_PINS, id, pins.repositories, pins.digests),
            ask!(sql::DOCUMENTS_OF, id),
            ask!(sql::BLOBS_OF, id),
        ])
        .await?;
    for (told, here) in [
        (names.repositories.len(), Here::read(&names_here)?),
        (pins.repositories.len(), Here::read(&pins_here)?),
    ] {
        if here.told != told || (removal.images && here.all > told) {
            return Ok(Removed::Changed);
        }
    }
    let remove_names = ask!(sql::REMOVE_NAMES, names.repositories, names.tags);
    let remove_pins = ask!(sql::REMOVE_PINS, pins.repositories, pins.digests);
    if !removal.images {
        transaction.all([remove_names, remove_pins]).await?;
        return Ok(Removed::Done {
            released: Vec::new(),
        });
    }
    let Some(targets) = may_go(removal, &targets)? else {
        return Ok(Removed::Changed);
    };
    let (documents, blobs) = (row::digests(&documents)?, row::digests(&blobs)?);
    let (documents, blobs) = (keys(&documents), keys(&blobs));
    let [.., released, _] = transaction
        .all([
            remove_names,
            remove_pins,
            ask!(sql::REMOVE_FORMS_OF, targets),
            ask!(sql::REMOVE_DIGESTS_OF, targets),
            ask!(sql::REMOVE_VARIANTS_OF, targets),
            ask!(sql::RELEASE_DOCUMENTS_OF, targets),
            ask!(sql::RELEASE_BLOBS_OF, targets),
            ask!(sql::REMOVE_IMAGES, targets),
            ask!(sql::REMOVE_DOCUMENTS, documents),
            ask!(sql::BLOBS_RELEASED, blobs),
            ask!(sql::REMOVE_BLOBS, blobs),
        ])
        .await?;
    Ok(Removed::Done {
        released: row::digests(&released)?,
    })
}

/// How many of the pointers to remove exist, and how many pointers there are.
struct Here {
    told: usize,
    all: usize,
}

impl Here {
    fn read(rows: &[Row]) -> Result<Self, Fault> {
        let row = rows
            .first()
            .ok_or_else(|| Fault::damaged("a count without a row"))?;
        let count = |column| {
            let count: i64 = get(row, column)?;
            usize::try_from(count).map_err(Fault::damaged)
        };
        Ok(Self {
            told: count(0)?,
            all: count(1)?,
        })
    }
}

/// The targets, if there are any and no container keeps them.
fn may_go(removal: &Removal, rows: &[Row]) -> Result<Option<Vec<Key>>, Fault> {
    let mut targets = Vec::with_capacity(rows.len());
    for row in rows {
        if get(row, 1)? && !removal.although_used {
            return Ok(None);
        }
        targets.push(Key(digest(row, 0)?));
    }
    targets.sort_unstable();
    Ok(Some(targets).filter(|targets| !targets.is_empty()))
}
