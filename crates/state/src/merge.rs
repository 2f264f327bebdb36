//! Merges an image that is added again with more content, such as an index whose platforms are
//! spread over several archives.

use std::collections::{HashMap, HashSet};

use sockerless_oci::Platform;
use sockerless_reference::Digest;

use crate::{Image, Variant};

/// `old` with the additional content of `new`; `None` when there is none.
pub(crate) fn merge(old: &Image, new: &Image) -> Option<Image> {
    let documents = union(&old.documents, &new.documents);
    let blobs = union(&old.blobs, &new.blobs);
    let (olds, news) = (by_key(&old.variants), by_key(&new.variants));
    let more_variants = news.keys().any(|key| !olds.contains_key(key));
    let more =
        more_variants || documents.len() > old.documents.len() || blobs.len() > old.blobs.len();
    if !more {
        return None;
    }
    let (id, variants) = if more_variants {
        let newer = new
            .variants
            .iter()
            .map(|variant| olds.get(&key(variant)).copied().unwrap_or(variant));
        let rest = old
            .variants
            .iter()
            .filter(|variant| !news.contains_key(&key(variant)));
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

/// The identity of a variant. An index may list one manifest for two platforms.
type Key<'a> = (Digest, &'a Platform);

fn key(variant: &Variant) -> Key<'_> {
    (variant.manifest, &variant.platform)
}

/// Of equal variants the first.
fn by_key(variants: &[Variant]) -> HashMap<Key<'_>, &Variant> {
    let mut by_key = HashMap::with_capacity(variants.len());
    for variant in variants {
        by_key.entry(key(variant)).or_insert(variant);
    }
    by_key
}

fn union(old: &[Digest], new: &[Digest]) -> Vec<Digest> {
    let mut all = old.to_vec();
    let mut seen: HashSet<Digest> = old.iter().copied().collect();
    all.extend(new.iter().filter(|digest| seen.insert(**digest)));
    all
}
