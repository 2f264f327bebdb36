//! Creating a container: checks, merge with the image's config, and the record.

use jiff::Timestamp;
use sockerless_oci::{Platform, PlatformMatcher, media_type};
use sockerless_state::{Container, ContainerAdded, ContainerState, Found, Variant};

use super::check::check;
use super::spec::{ContainerSpec, Settings};
use super::{ContainerRow, id, name};
use crate::{Containers, HostConfig, NetworkingConfig};
use sockerless_events::Action;
use sockerless_images::{Error, Kind};
use sockerless_oci::config::RunConfig;

/// How often an image is looked up again when it is removed while its container is created.
const TRIES: usize = 8;

/// How many generated names are tried.
const NAMES: u32 = 100;

/// What is to be created.
#[derive(Debug, Clone, Default)]
pub struct CreateContainer {
    /// Its name, with or without a leading slash; generated if empty.
    pub name: String,
    /// The image as the client names it.
    pub image: String,
    /// The platform that the image must have; its default variant when absent.
    pub platform: Option<Platform>,
    /// What the client wants to run; it is merged with the image's config.
    pub run: RunConfig,
    /// Settings that an image does not have.
    pub settings: Settings,
    /// How it runs on its host.
    pub host_config: Option<HostConfig>,
    /// The networks that it is to be in.
    pub networking_config: Option<NetworkingConfig>,
}

/// A container that was created.
#[derive(Debug, Clone)]
pub struct CreatedContainer {
    /// Its ID.
    pub id: String,
    /// Warnings for the client.
    pub warnings: Vec<String>,
}

impl Containers {
    /// Creates a container. It holds its image: while the container exists, the image is only
    /// removed by force.
    ///
    /// # Errors
    /// [`Kind::NotFound`] for an image that does not exist, or not for the platform,
    /// [`Kind::Conflict`] for a name that another container has, [`Kind::InvalidParameter`] for an
    /// invalid name, for settings that no runtime can apply and for a container without a command;
    /// with Docker's messages.
    pub async fn create(&self, request: CreateContainer) -> Result<CreatedContainer, Error> {
        let given = match request.name.as_str() {
            "" => None,
            given => Some(name::checked(given)?.to_owned()),
        };
        for _ in 0..TRIES {
            let row = self.prepare(&request).await?;
            if let Some(row) = self.record(row, given.as_deref()).await? {
                return Ok(CreatedContainer {
                    warnings: self.warnings(&request, &row.spec.platform),
                    id: row.id,
                });
            }
        }
        let message = format!(
            "image {} was replaced {TRIES} times while a container of it was made",
            request.image
        );
        Err(Error::new(Kind::Conflict, message))
    }

    /// Docker's warning for an image of another platform than this daemon's, unless the client
    /// asked for that platform.
    fn warnings(&self, request: &CreateContainer, platform: &Platform) -> Vec<String> {
        let own = self.images.platform();
        if request.platform.is_some() || PlatformMatcher::new(own).matches_config(platform) {
            return Vec::new();
        }
        vec![format!(
            "The requested image's platform ({platform}) does not match the detected host platform \
             ({own}) and no specific platform was requested"
        )]
    }

    /// The requested container, without a name.
    async fn prepare(&self, request: &CreateContainer) -> Result<ContainerRow, Error> {
        let found = self
            .images
            .inspect(&request.image, request.platform.as_ref())
            .await?;
        let variant = found.image.variants.get(found.variant).ok_or_else(|| {
            let message = format!("image {} has no variant that can run", found.image.target);
            Error::internal(message)
        })?;
        let platform = variant.platform.spelled();
        check(&request.run, &platform)?;
        let mut run = request.run.clone();
        let windows = platform.os == "windows";
        run.merge_image(&self.images.config_of(&found).await?.run, windows);
        run.finish()
            .map_err(|error| Error::new(Kind::InvalidParameter, error.to_string()))?;
        let id = id::random()?;
        let mut settings = request.settings.clone();
        if settings.hostname.is_empty() {
            id::short(&id).clone_into(&mut settings.hostname);
        }
        let (manifest_media_type, manifest_size) = self.manifest_of(&found, variant).await?;
        let spec = ContainerSpec {
            image_name: request.image.clone(),
            manifest: variant.manifest,
            manifest_media_type,
            manifest_size,
            platform,
            pull_reference: self
                .images
                .pullable(&found, variant, &request.image)
                .await?,
            run,
            settings,
            host_config: request.host_config.clone(),
            networking_config: request.networking_config.clone(),
        };
        Ok(ContainerRow {
            id,
            name: String::new(),
            target: found.image.target,
            image: variant.config,
            created_at: Timestamp::now(),
            spec,
        })
    }

    /// Media type and size of a variant's manifest.
    async fn manifest_of(&self, found: &Found, variant: &Variant) -> Result<(String, u64), Error> {
        let image = &found.image;
        if variant.manifest == image.target {
            return Ok((image.media_type.clone(), image.size));
        }
        let broken = |what: &str| {
            let message = format!("manifest {} is {what}", variant.manifest);
            Error::internal(message)
        };
        let document = self.images.document(variant.manifest).await?;
        let document = document.ok_or_else(|| broken("not kept here, but its image is"))?;
        let declared = media_type::declared(&document)
            .map_err(|error| broken("kept here but is no manifest").with_source(error))?;
        // Only OCI manifests may omit it.
        let media_type = declared.unwrap_or_else(|| media_type::OCI_MANIFEST.to_owned());
        Ok((media_type, document.len() as u64))
    }

    /// Records a container under its given name or a generated one. `None` if its image has been
    /// removed in the meantime.
    async fn record(
        &self,
        mut row: ContainerRow,
        given: Option<&str>,
    ) -> Result<Option<ContainerRow>, Error> {
        let spec = row.spec.to_bytes()?;
        let mut attempt = 0;
        loop {
            row.name = match given {
                Some(given) => given.to_owned(),
                None => name::made_up(attempt)?,
            };
            attempt += 1;
            let container = Container {
                id: row.id.clone(),
                name: row.name.clone(),
                target: row.target,
                image: row.image,
                created_at: row.created_at,
                state: ContainerState::default(),
                revision: 0,
                spec: spec.clone(),
            };
            match self.state.add_container(&container).await? {
                ContainerAdded::Added => {
                    self.publish(Action::Create, &row).done().await;
                    return Ok(Some(row));
                }
                ContainerAdded::ImageGone => return Ok(None),
                ContainerAdded::NameTaken { by } if given.is_some() || attempt == NAMES => {
                    return Err(name::taken(&row.name, &by));
                }
                ContainerAdded::NameTaken { .. } => {}
            }
        }
    }
}
