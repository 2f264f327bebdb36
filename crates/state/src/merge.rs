//! An image that comes again with more of it present, as an index does whose platforms are spread
//! over several archives.

use sockerless_reference::Digest;

use crate::{Image, Variant};

/// `old` with what `new` brings in addition; none when that is nothing.
pub(crate) fn merge(old: &Image, new: &Image) -> Option<Image> {
    let documents = union(&old.documents, &new.documents);
    let blobs = union(&old.blobs, &new.blobs);
    let more_variants = new
        .variants
        .iter()
        .any(|variant| find(&old.variants, variant).is_none());
    let more =
        more_variants || documents.len() > old.documents.len() || blobs.len() > old.blobs.len();
    if !more {
        return None;
    }
    let (id, variants) = if more_variants {
        let newer = new
            .variants
            .iter()
            .map(|variant| find(&old.variants, variant).unwrap_or(variant));
        let rest = old
            .variants
            .iter()
            .filter(|variant| find(&new.variants, variant).is_none());
        (new.id, newer.chain(rest).cloned().collect())
    } else {
        (old.id, old.variants.clone())
    };
    Some(Image {
        id,
        variants,
        documents,
        blobs,
        ..old.clone()
    })
}

/// An index may list one manifest for two platforms.
fn find<'a>(variants: &'a [Variant], like: &Variant) -> Option<&'a Variant> {
    variants
        .iter()
        .find(|variant| variant.manifest == like.manifest && variant.platform == like.platform)
}

fn union(old: &[Digest], new: &[Digest]) -> Vec<Digest> {
    let mut all = old.to_vec();
    for digest in new {
        if !all.contains(digest) {
            all.push(*digest);
        }
    }
    all
}
