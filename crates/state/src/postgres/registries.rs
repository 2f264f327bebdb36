//! Records of registries: locations of blobs, and compressed forms of layers.

use std::collections::BTreeMap;

use sockerless_reference::{Digest, Reference};

use super::fault::Fault;
use super::pointers::{Locations, Pins};
use super::session::{Session, ask};
use super::sql;
use super::value::{Key, digest, get, keys};
use crate::column::{size, to_size};
use crate::{Encoding, Error};

/// The locations of the blobs in the order of `digests`, newest first.
pub(super) async fn locations(
    session: &Session,
    digests: &[Digest],
) -> Result<Vec<(Digest, String)>, Fault> {
    let rows = session.one(ask!(sql::LOCATIONS, keys(digests))).await?;
    let locations = rows.iter().map(|row| Ok((digest(row, 0)?, get(row, 1)?)));
    locations.collect()
}

/// The known encodings of these tars, in the order of `diff_ids`.
pub(super) async fn encodings(
    session: &Session,
    diff_ids: &[Digest],
    encoding: &str,
) -> Result<Vec<Encoding>, Fault> {
    let rows = session
        .one(ask!(sql::ENCODINGS, keys(diff_ids), encoding))
        .await?;
    let encodings = rows.iter().map(|row| {
        Ok(Encoding {
            diff_id: digest(row, 0)?,
            encoding: encoding.to_owned(),
            digest: digest(row, 1)?,
            size: to_size(get(row, 2)?)?,
        })
    });
    encodings.collect()
}

/// Records both, in one statement.
pub(super) async fn remember(
    session: &Session,
    encodings: &[Encoding],
    locations: &[(Digest, String)],
) -> Result<(), Fault> {
    let locations = Locations::of(locations)?;
    let Encodings {
        diff_ids,
        encodings,
        digests,
        sizes,
    } = Encodings::of(encodings)?;
    let remember = ask!(
        sql::REMEMBER,
        diff_ids,
        encodings,
        digests,
        sizes,
        locations.digests,
        locations.repositories
    );
    session.one(remember).await?;
    Ok(())
}

/// Records where the image with this target can be pulled, in one statement. False when there is no
/// such image.
pub(super) async fn record_push(
    session: &Session,
    target: Digest,
    repo_digests: &[Reference],
    locations: &[(Digest, String)],
) -> Result<bool, Fault> {
    let (pins, locations) = (Pins::of(repo_digests)?, Locations::of(locations)?);
    let target = Key(target);
    let record = ask!(
        sql::RECORD,
        target,
        pins.repositories,
        pins.digests,
        locations.digests,
        locations.repositories
    );
    Ok(!session.one(record).await?.is_empty())
}

/// Rows of encodings. Of two of a tar in one way the last counts.
#[derive(Default)]
struct Encodings<'a> {
    diff_ids: Vec<Key>,
    encodings: Vec<&'a str>,
    digests: Vec<Key>,
    sizes: Vec<i64>,
}

impl<'a> Encodings<'a> {
    fn of(told: &'a [Encoding]) -> Result<Self, Error> {
        let key = |encoding: &'a Encoding| (encoding.diff_id, &encoding.encoding);
        let sorted: BTreeMap<_, _> = told.iter().map(|one| (key(one), one)).collect();
        let mut rows = Self::default();
        for encoding in sorted.into_values() {
            rows.diff_ids.push(Key(encoding.diff_id));
            rows.encodings.push(&encoding.encoding);
            rows.digests.push(Key(encoding.digest));
            rows.sizes.push(size(encoding.size)?);
        }
        Ok(rows)
    }
}
