//! Removes variants of an image.

use std::collections::BTreeSet;

use sockerless_reference::Digest;
use tokio_postgres::Row;

use super::fault::Fault;
use super::images::{ChangedImages, References};
use super::session::ask;
use super::transaction::Transaction;
use super::value::{Key, digest, keys};
use super::{row, sql};
use crate::variants::{Left, split};
use crate::{Image, Removed};

/// Removes the variants with these manifests, or nothing when that is not allowed; in two round
/// trips.
pub(super) async fn remove(
    transaction: &Transaction<'_>,
    target: Digest,
    manifests: &[Digest],
) -> Result<Removed, Fault> {
    let key = Key(target);
    let [image, used, forms] = transaction
        .all([
            ask!(sql::IMAGES_HERE, vec![key]),
            ask!(sql::CONFIGS_USED, key),
            ask!(sql::FORMS_OF, key),
        ])
        .await?;
    let image = image.first().map(row::image).transpose()?;
    let Some((rest, gone)) = image.and_then(|image| split(image, manifests)) else {
        return Ok(Removed::Changed);
    };
    let used = row::digests(&used)?;
    if gone.iter().any(|variant| used.contains(&variant.config)) {
        return Ok(Removed::Changed);
    }

    let left = Left::by(&gone, &rest);
    let documents = documents(&rest, &left, &forms)?;
    let [manifests, configs] = [&left.manifests, &left.configs].map(keys);
    let (documents, blobs) = (keys(&documents), keys(&left.blobs));
    let mut changed = ChangedImages::default();
    changed.push(&rest)?;
    let [replace, forget_variants] = changed.replace();
    let references = References::of([&rest], []);
    let [variants, digests, kept, referred] = references.add();
    let [.., released, _] = transaction
        .all([
            replace,
            forget_variants,
            variants,
            digests,
            kept,
            referred,
            ask!(sql::REMOVE_DIGESTS, key, manifests, configs),
            ask!(sql::REMOVE_FORMS, key, configs),
            ask!(sql::RELEASE_DOCUMENTS, key, documents),
            ask!(sql::REMOVE_PINS_TO, key, documents),
            ask!(sql::REMOVE_DOCUMENTS, documents),
            ask!(sql::RELEASE_BLOBS, key, blobs),
            ask!(sql::BLOBS_RELEASED, blobs),
            ask!(sql::REMOVE_BLOBS, blobs),
        ])
        .await?;
    Ok(Removed::Done {
        released: row::digests(&released)?,
    })
}

/// The documents that the image no longer keeps, because `rest` does not need them and no remaining
/// staged form is one of them. The image can no longer be pulled as one of them: that would find
/// another variant.
fn documents(rest: &Image, left: &Left, forms: &[Row]) -> Result<BTreeSet<Digest>, Fault> {
    let mut documents = &left.manifests | &left.configs;
    let mut staying = BTreeSet::new();
    for form in forms {
        let (config, manifest) = (digest(form, 0)?, digest(form, 1)?);
        if left.configs.contains(&config) {
            documents.insert(manifest);
        } else {
            staying.insert(manifest);
        }
    }
    for needed in rest.needed_documents().chain(staying) {
        documents.remove(&needed);
    }
    Ok(documents)
}
