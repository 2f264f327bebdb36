//! Removes variants of an image.

use std::collections::BTreeSet;

use rusqlite::{Connection, params};
use sockerless_reference::Digest;

use super::fault::Fault;
use super::value::Key;
use super::{blobs, containers, documents, images};
use crate::variants::{Left, split};
use crate::{Image, Removed};

const STAGED_OF_VARIANT: &str = "SELECT manifest FROM staged WHERE target = $1 AND config = $2";
const REMOVE_STAGED_OF_VARIANT: &str = "DELETE FROM staged WHERE target = $1 AND config = $2";
const IS_STAGED: &str = "SELECT 1 FROM staged WHERE manifest = $1 AND target = $2 LIMIT 1";
const REMOVE_IMAGE_DIGEST: &str =
    "DELETE FROM image_digests WHERE role = $1 AND digest = $2 AND target = $3";
const REMOVE_IMAGE_DOCUMENT: &str = "DELETE FROM image_documents WHERE digest = $1 AND target = $2";
const IS_NEEDED: &str = "SELECT 1 FROM image_documents WHERE digest = $1 LIMIT 1";
const REMOVE_IMAGE_BLOB: &str = "DELETE FROM image_blobs WHERE digest = $1 AND target = $2";
const REMOVE_REPO_DIGESTS_TO: &str = "DELETE FROM repo_digests WHERE digest = $1 AND target = $2";

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[
    STAGED_OF_VARIANT,
    REMOVE_STAGED_OF_VARIANT,
    IS_STAGED,
    REMOVE_IMAGE_DIGEST,
    REMOVE_IMAGE_DOCUMENT,
    IS_NEEDED,
    REMOVE_IMAGE_BLOB,
    REMOVE_REPO_DIGESTS_TO,
];

/// Removes the variants with these manifests, or nothing when that is not allowed. That is checked
/// before anything is written, because a transaction with a result is committed.
pub(super) fn remove(
    connection: &Connection,
    target: Digest,
    manifests: &[Digest],
) -> Result<Removed, Fault> {
    let Some(image) = images::get(connection, target)? else {
        return Ok(Removed::Changed);
    };
    let Some((rest, gone)) = split(image, manifests) else {
        return Ok(Removed::Changed);
    };
    for variant in &gone {
        if containers::use_variant(connection, target, variant.config)? {
            return Ok(Removed::Changed);
        }
    }

    images::replace(connection, &rest)?;
    let left = Left::by(&gone, &rest);
    for (role, digests) in [("manifest", &left.manifests), ("config", &left.configs)] {
        let mut statement = connection.prepare_cached(REMOVE_IMAGE_DIGEST)?;
        for digest in digests {
            statement.execute(params![role, Key(*digest), Key(target)])?;
        }
    }
    let mut documents = &left.manifests | &left.configs;
    for config in &left.configs {
        documents.extend(remove_staged(connection, target, *config)?);
    }
    remove_documents(connection, &rest, documents)?;
    let released = remove_blobs(connection, target, left.blobs)?;
    Ok(Removed::Done { released })
}

/// Removes the staged forms of the variant with this config, and returns their manifests.
fn remove_staged(
    connection: &Connection,
    target: Digest,
    config: Digest,
) -> Result<Vec<Digest>, Fault> {
    let variant = [Key(target), Key(config)];
    let mut statement = connection.prepare_cached(STAGED_OF_VARIANT)?;
    let manifests = statement
        .query_map(variant, |row| row.get(0).map(|Key(manifest)| manifest))?
        .collect::<Result<_, _>>()?;
    connection
        .prepare_cached(REMOVE_STAGED_OF_VARIANT)?
        .execute(variant)?;
    Ok(manifests)
}

/// Unlinks the documents that `rest` does not need, and removes those that no image needs. The
/// image can no longer be pulled as one of them: that would find another variant.
fn remove_documents(
    connection: &Connection,
    rest: &Image,
    mut documents: BTreeSet<Digest>,
) -> Result<(), Fault> {
    for needed in rest.needed_documents() {
        documents.remove(&needed);
    }
    let mut is_staged = connection.prepare_cached(IS_STAGED)?;
    let mut release = connection.prepare_cached(REMOVE_IMAGE_DOCUMENT)?;
    let mut remove_repo_digests = connection.prepare_cached(REMOVE_REPO_DIGESTS_TO)?;
    let mut is_needed = connection.prepare_cached(IS_NEEDED)?;
    for document in documents {
        let parameters = [Key(document), Key(rest.target)];
        if is_staged.exists(parameters)? {
            continue;
        }
        release.execute(parameters)?;
        remove_repo_digests.execute(parameters)?;
        if !is_needed.exists([Key(document)])? {
            documents::remove(connection, document)?;
        }
    }
    Ok(())
}

/// Unlinks these blobs, and returns those to which no image refers now.
fn remove_blobs(
    connection: &Connection,
    target: Digest,
    blobs: BTreeSet<Digest>,
) -> Result<Vec<Digest>, Fault> {
    let mut release = connection.prepare_cached(REMOVE_IMAGE_BLOB)?;
    for blob in &blobs {
        release.execute([Key(*blob), Key(target)])?;
    }
    let mut is_referenced = connection.prepare_cached(blobs::IS_REFERENCED)?;
    let mut released = Vec::new();
    for blob in blobs {
        if !is_referenced.exists([Key(blob)])? {
            blobs::remove(connection, blob)?;
            released.push(blob);
        }
    }
    Ok(released)
}
