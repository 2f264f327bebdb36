//! Adds images, names, blobs and everything else of an addition.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sockerless_reference::{Digest, Reference};
use tokio_postgres::Row;

use super::blobs::NewBlobs;
use super::fault::Fault;
use super::images::{ChangedImages, NewImages, References};
use super::pointers::{Locations, Names, Pins};
use super::session::ask;
use super::staged::Forms;
use super::transaction::Transaction;
use super::value::{Key, digest, get, keys};
use super::{row, sql};
use crate::addition::{
    check_images, documents_elsewhere, lacks_document, lacks_image, lacks_variant, pointers,
    targets_elsewhere,
};
use crate::merge::merge;
use crate::name::Name;
use crate::{Added, Addition, Error, Image, column};

/// Adds everything, in two round trips: one reads existing rows, the other writes new ones.
pub(super) async fn add(
    transaction: &Transaction<'_>,
    addition: &Addition,
) -> Result<Added, Fault> {
    check_images(addition)?;
    let pointers = pointers(addition)?;
    let names = Names::to(pointers.iter().copied())?;
    let pins = Pins::to(&addition.repo_digests)?;
    let locations = Locations::of(&addition.locations)?;
    let forms = Forms::of(&addition.staged)?;

    let elsewhere: BTreeSet<_> = documents_elsewhere(addition)
        .into_iter()
        .map(|(document, _)| Key(document))
        .collect();
    let brought: BTreeSet<_> = addition.blobs.iter().map(|blob| Key(blob.digest)).collect();
    let [documents_here, images_here, blobs_here, names_here] = transaction
        .all([
            ask!(sql::DOCUMENTS_HERE, Vec::from_iter(elsewhere)),
            ask!(sql::IMAGES_HERE, targets(addition)),
            ask!(sql::BLOBS_HERE, Vec::from_iter(brought)),
            ask!(sql::NAMES_HERE, names.repositories, names.tags),
        ])
        .await?;

    check_documents(addition, &row::digests(&documents_here)?)?;
    let images = Images::merge(&images_here, addition)?;
    images.check(addition)?;
    let blobs = NewBlobs::of(&addition.blobs, &row::digests(&blobs_here)?)?;
    let moved = images.moved(&pointers, &names_here)?;

    let documents: BTreeMap<_, _> = addition
        .documents
        .iter()
        .map(|(digest, bytes)| (*digest, bytes))
        .collect();
    let contents: Vec<&[u8]> = documents.values().map(|bytes| &bytes[..]).collect();
    let (new, changed) = images.rows()?;
    let [replace, forget_variants] = changed.replace();
    let references = References::of(images.written(), forms.documents());
    let [variants, digests, kept, referred] = references.add();
    let (at, touched) = match addition.tagged_at {
        Some(at) => (column::time(at)?, names.targets.clone()),
        None => (0, Vec::new()),
    };
    transaction
        .all([
            ask!(sql::ADD_DOCUMENTS, keys(documents.keys()), contents),
            new.add(),
            replace,
            forget_variants,
            variants,
            digests,
            kept,
            referred,
            blobs.add(),
            ask!(sql::POINT, names.repositories, names.tags, names.targets),
            ask!(sql::TOUCH, at, touched),
            ask!(sql::PIN, pins.repositories, pins.digests, pins.targets),
            ask!(sql::LOCATE, locations.digests, locations.repositories),
            forms.add(),
        ])
        .await?;
    Ok(Added {
        new_images: images.new,
        moved,
        new_blobs: blobs.in_order,
    })
}

/// Every image that the addition refers to.
fn targets(addition: &Addition) -> Vec<Key> {
    let images = addition.images.iter().map(|image| image.target);
    let pointers = addition.names.iter().chain(&addition.repo_digests);
    let staged = addition.staged.iter().map(|staged| staged.target);
    let targets = images
        .chain(pointers.map(|(_, target)| *target))
        .chain(staged);
    let targets: BTreeSet<_> = targets.map(Key).collect();
    targets.into_iter().collect()
}

fn check_documents(addition: &Addition, here: &[Digest]) -> Result<(), Error> {
    let here: HashSet<_> = here.iter().collect();
    for (document, target) in documents_elsewhere(addition) {
        if !here.contains(&document) {
            return Err(lacks_document(document, target));
        }
    }
    Ok(())
}

/// The images of an addition as they will be stored, and those to which it only points.
struct Images {
    all: BTreeMap<Digest, Image>,
    /// Targets that are new, in the addition's order.
    new: Vec<Digest>,
    /// Targets that exist with less content.
    changed: BTreeSet<Digest>,
}

impl Images {
    fn merge(here: &[Row], addition: &Addition) -> Result<Self, Fault> {
        let here = here.iter().map(row::image);
        let here = here.map(|image| image.map(|image| (image.target, image)));
        let mut images = Self {
            all: here.collect::<Result<_, _>>()?,
            new: Vec::new(),
            changed: BTreeSet::new(),
        };
        for image in &addition.images {
            let Some(old) = images.all.get_mut(&image.target) else {
                images.all.insert(image.target, image.clone());
                images.new.push(image.target);
                continue;
            };
            if let Some(more) = merge(old, image) {
                *old = more;
                images.changed.insert(image.target);
            }
        }
        for new in &images.new {
            images.changed.remove(new);
        }
        Ok(images)
    }

    /// Checks that every reference has a target.
    fn check(&self, addition: &Addition) -> Result<(), Error> {
        for (target, name) in targets_elsewhere(addition) {
            if !self.all.contains_key(&target) {
                return Err(lacks_image(target, name));
            }
        }
        let mut configs: HashMap<Digest, HashSet<Digest>> = HashMap::new();
        for staged in &addition.staged {
            let configs = configs.entry(staged.target).or_insert_with(|| {
                let image = self.all.get(&staged.target);
                let variants = image.iter().flat_map(|image| &image.variants);
                variants.map(|variant| variant.config).collect()
            });
            if !configs.contains(&staged.config) {
                return Err(lacks_variant(staged));
            }
        }
        Ok(())
    }

    /// The names that pointed to an image with another ID than the addition gives them.
    fn moved(
        &self,
        pointers: &[&(Reference, Digest)],
        here: &[Row],
    ) -> Result<Vec<(Reference, Digest)>, Fault> {
        let mut before = HashMap::with_capacity(here.len());
        for row in here {
            let name = Name {
                repository: get(row, 0)?,
                tag: get(row, 1)?,
            };
            let id = match self.all.get(&digest(row, 2)?) {
                Some(image) => image.id,
                None => digest(row, 3)?,
            };
            before.insert(name, id);
        }
        let mut moved = Vec::new();
        for (reference, target) in pointers {
            let now = self.all.get(target).map(|image| image.id);
            if let Some(before) = before.get(&Name::of(reference)?)
                && now != Some(*before)
            {
                moved.push((reference.clone(), *before));
            }
        }
        Ok(moved)
    }

    /// The images whose rows are written.
    fn written(&self) -> impl Iterator<Item = &Image> {
        let targets = self.new.iter().chain(&self.changed);
        targets.filter_map(|target| self.all.get(target))
    }

    fn rows(&self) -> Result<(NewImages, ChangedImages), Error> {
        let (mut new, mut changed) = (NewImages::default(), ChangedImages::default());
        let added: HashSet<&Digest> = self.new.iter().collect();
        for (target, image) in &self.all {
            if self.changed.contains(target) {
                changed.push(image)?;
            } else if added.contains(target) {
                new.push(image)?;
            }
        }
        Ok((new, changed))
    }
}
