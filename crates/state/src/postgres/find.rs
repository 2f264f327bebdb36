//! Finds images by a query, and tags them.

use jiff::Timestamp;
use sockerless_reference::{Digest, IdPrefix, Query, Reference};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;

use super::fault::Fault;
use super::session::{Ask, Session, ask};
use super::value::{Key, keys};
use super::{row, sql};
use crate::name::Name;
use crate::{Error, Found, column};

/// The image that `query` means, with its other data: one round trip.
pub(super) async fn find(session: &Session, query: &Query) -> Result<Option<Found>, Fault> {
    let texts = Texts {
        digest: sql::FIND_DIGEST,
        pin: sql::FIND_PIN,
        name: sql::FIND_NAME,
        name_or_prefix: sql::FIND_NAME_OR_PREFIX,
    };
    let Some(row) = first(session, texts, &[], query).await? else {
        return Ok(None);
    };
    match row::found(&row)? {
        Some(found) => Ok(Some(found)),
        None => Err(ambiguous(query)),
    }
}

/// Points `name` to the image that `source` finds, and returns its ID: one round trip.
pub(super) async fn tag(
    session: &Session,
    source: &Query,
    name: &Reference,
    at: Timestamp,
) -> Result<Option<Digest>, Fault> {
    let Name { repository, tag } = Name::of(name)?;
    let texts = Texts {
        digest: sql::TAG_DIGEST,
        pin: sql::TAG_PIN,
        name: sql::TAG_NAME,
        name_or_prefix: sql::TAG_NAME_OR_PREFIX,
    };
    let at = column::time(at)?;
    let Some(row) = first(session, texts, &[&repository, &tag, &at], source).await? else {
        return Ok(None);
    };
    match super::value::get(&row, 0)? {
        Some(Key(id)) => Ok(Some(id)),
        None => Err(ambiguous(source)),
    }
}

/// One statement for each kind of query. The parameters of the query come after its own.
struct Texts {
    digest: &'static str,
    pin: &'static str,
    name: &'static str,
    name_or_prefix: &'static str,
}

type Parameter<'a> = &'a (dyn ToSql + Sync);

/// The first row of the statement for `query`. Its own parameters come first, then those of the
/// query.
async fn first(
    session: &Session,
    texts: Texts,
    own: &[Parameter<'_>],
    query: &Query,
) -> Result<Option<Row>, Fault> {
    let one = async |text, meant: &[Parameter<'_>]| {
        let parameters = [own, meant].concat();
        let rows = session.one(Ask { text, parameters }).await?;
        Ok(rows.into_iter().next())
    };
    let (reference, prefix) = match query {
        Query::Id(digest) => return one(texts.digest, &[&Key(*digest)]).await,
        Query::Name { reference, prefix } => (reference, prefix.as_ref().map(IdPrefix::bounds)),
    };
    let repository = reference.repository();
    // A digest takes precedence over a tag, as in Docker: the tag is ignored then.
    if let Some(digest) = reference.digest() {
        let found = one(texts.pin, &[&repository, &Key(digest)]).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    // No tag is empty.
    let tag = reference.tag().filter(|_| reference.digest().is_none());
    let tag = tag.unwrap_or_default();
    match prefix {
        Some((from, to)) => {
            let meant: [Parameter<'_>; 4] = [&repository, &tag, &Key(from), &Key(to)];
            one(texts.name_or_prefix, &meant).await
        }
        None if tag.is_empty() => Ok(None),
        None => one(texts.name, &[&repository, &tag]).await,
    }
}

fn ambiguous(query: &Query) -> Fault {
    match query {
        Query::Name {
            prefix: Some(prefix),
            ..
        } => Error::Ambiguous {
            prefix: prefix.as_str().to_owned(),
        }
        .into(),
        _ => Fault::damaged(format!("{query} fits several images")),
    }
}

/// One [`Found`] for each known one of these IDs, until their configs are large.
pub(super) async fn with_ids(session: &Session, ids: &[Digest]) -> Result<Vec<Found>, Fault> {
    let rows = session.one(ask!(sql::WITH_IDS, keys(ids))).await?;
    let found = rows.iter().filter_map(|row| row::found(row).transpose());
    found.collect()
}
