//! Looking up single images, their variants, documents and configs.

use std::collections::BTreeMap;

use bytes::Bytes;
use sockerless_oci::Time;
use sockerless_oci::config::ImageConfig;
use sockerless_oci::{Platform, PlatformMatcher};
use sockerless_reference::{Digest, Query};
use sockerless_state::{Counts, Found, Variant};

use crate::{Error, Images, Kind};

/// The index of the variant that matches a platform best; `None` when none does.
pub(crate) fn best(variants: &[Variant], wanted: &Platform) -> Option<usize> {
    let matcher = PlatformMatcher::new(wanted);
    let ranked = variants
        .iter()
        .enumerate()
        .filter_map(|(index, variant)| Some((matcher.rank_config(&variant.platform)?, index)));
    ranked.min().map(|(_, index)| index)
}

impl Images {
    /// The image that `name` means; its variant for `platform` when one is given.
    ///
    /// # Errors
    /// [`Kind::NotFound`] when there is none, [`Kind::InvalidParameter`] for an invalid name.
    pub async fn inspect(&self, name: &str, platform: Option<&Platform>) -> Result<Found, Error> {
        let query = Query::parse(name)
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let found = self.state.find(&query).await;
        let found = found.map_err(|error| Error::state(error, &query))?;
        let found = found.ok_or_else(|| Error::no_such_image(&query))?;
        match platform {
            None => Ok(found),
            Some(wanted) => self.variant(found, &query, wanted).await,
        }
    }

    /// The same image, seen as its variant for another platform.
    async fn variant(
        &self,
        found: Found,
        query: &Query,
        wanted: &Platform,
    ) -> Result<Found, Error> {
        let variants = &found.image.variants;
        let Some(variant) = best(variants, wanted) else {
            let own = variants.get(found.variant);
            let own = own
                .map(|variant| variant.platform.clone())
                .unwrap_or_default();
            let message = format!(
                "image with reference {query} was found but its platform ({own}) does not match \
                 the specified platform ({wanted})"
            );
            return Err(Error::new(Kind::NotFound, message));
        };
        if variant == found.variant {
            return Ok(found);
        }
        let config = Query::Id(found.image.variants[variant].config);
        let other = self.state.find(&config).await;
        let other = other.map_err(|error| Error::state(error, query))?;
        let other = other.ok_or_else(|| Error::no_such_image(query))?;
        Ok(Found {
            names: found.names,
            ..other
        })
    }

    /// The bytes of a config, manifest or index.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the state cannot be read.
    pub async fn document(&self, digest: Digest) -> Result<Option<Bytes>, Error> {
        self.state.document(digest).await.map_err(Error::from)
    }

    /// How many images, names and containers there are. This goes through all names.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the state cannot be read.
    pub async fn counts(&self) -> Result<Counts, Error> {
        self.state.counts().await.map_err(Error::from)
    }

    /// How many images and containers there are.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the state cannot be read.
    pub async fn images_and_containers(&self) -> Result<(u64, u64), Error> {
        let counts = self.state.images_and_containers().await;
        counts.map_err(Error::from)
    }

    /// The config of an image.
    ///
    /// # Errors
    /// [`Kind::Internal`] when it cannot be read. Configs of images that were loaded, pulled or
    /// imported can be.
    pub async fn config_of(&self, found: &Found) -> Result<ImageConfig, Error> {
        let (config, id) = (found.config.clone(), found.image.id);
        self.compute_on(config.len(), move || {
            ImageConfig::parse(&config).map_err(|error| {
                let message = format!(
                    "the config of image {id} is kept here but cannot be read: remove the image \
                     and load it again"
                );
                Error::internal(message).with_source(error)
            })
        })
        .await?
    }

    /// The same for a list, in which one image must not hide the others; `None` when it cannot be
    /// read, which is logged.
    pub(crate) async fn config_if_readable(
        &self,
        found: &Found,
    ) -> Result<Option<ImageConfig>, Error> {
        let (config, id) = (found.config.clone(), found.image.id);
        let unreadable = self.unreadable.clone();
        self.compute_on(config.len(), move || unreadable.config(&config, id))
            .await
    }

    /// When an image was made, and its labels, as far as they are known.
    pub(crate) async fn facts_of(&self, found: &Found) -> Result<Facts, Error> {
        let config = self.config_if_readable(found).await?;
        Ok(facts(config, found))
    }
}

/// When an image was made, and its labels.
pub(crate) type Facts = (Option<Time>, BTreeMap<String, String>);

/// The same from a config, if there is one.
pub(crate) fn facts(config: Option<ImageConfig>, found: &Found) -> Facts {
    match config {
        Some(config) => (config.created, config.run.labels),
        None => {
            let variant = found.image.variants.get(found.variant);
            let created = variant.and_then(|variant| variant.created);
            let created = created.and_then(|time| time.to_string().parse().ok());
            (created, BTreeMap::new())
        }
    }
}
