//! `GET /containers/json`: the list of containers.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use futures_util::stream;
use hyper::Response;
use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};
use sockerless_containers::{ContainerRow, Containers};
use sockerless_images::{Digest, Images, Kind};

use super::network;
use super::row::{ContainerSummary, Shown, summary};
use super::wanted::Wanted;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /containers/json`: containers, newest first.
pub(crate) async fn list(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let (wanted, may_fit) = Wanted::parse(&call.params()?)?;
    // Objects that a filter names must exist, even when nothing is shown.
    let rows = match may_fit {
        true => rows(frontend, wanted, call.version).await?,
        false => {
            frontend.containers.list(wanted.filter).await?;
            Vec::new()
        }
    };
    let texts = rows
        .into_iter()
        .map(|row| Ok(Box::<str>::from(row).into_string().into()));
    Ok(answer::array(stream::iter(texts)))
}

/// The rows of containers as serialized text, newest first: nothing else is kept of each, because a
/// container may have megabytes.
pub(crate) async fn rows(
    frontend: &Frontend,
    wanted: Wanted,
    version: ApiVersion,
) -> Result<Vec<Box<RawValue>>, Failure> {
    let (images, containers) = (&frontend.images, &frontend.containers);
    let mut known = Known::default();
    let mut newest: BTreeMap<(Reverse<Timestamp>, String), Box<RawValue>> = BTreeMap::new();
    let mut list = containers.list(wanted.filter).await?;
    loop {
        let page = list.next_page().await?;
        if page.is_empty() {
            return Ok(newest.into_values().collect());
        }
        let mut shown_rows = Vec::with_capacity(page.len());
        for row in page {
            if !is_in(&row, &wanted.networks) {
                continue;
            }
            let shown = Shown {
                is_current: known.is_current(containers, &row).await?,
                size: match wanted.size {
                    true => known.size(images, &row).await?,
                    false => None,
                },
            };
            shown_rows.push((row, shown));
        }
        let texts = images.compute(move || {
            let texts = shown_rows.into_iter().map(|(row, shown)| {
                let text = text_of(&summary(&row, shown, version))?;
                Ok(((Reverse(row.created_at), row.id), text))
            });
            texts.collect::<Result<Vec<_>, Failure>>()
        });
        for (place, text) in texts.await?? {
            newest.insert(place, text);
            if wanted.limit.is_some_and(|limit| newest.len() > limit) {
                newest.pop_last();
            }
        }
    }
}

fn text_of(row: &ContainerSummary<'_>) -> Result<Box<RawValue>, Failure> {
    to_raw_value(row)
        .map_err(|error| Failure::internal("the answer cannot be written as JSON", &error))
}

/// Whether the container is in one of these networks; in any when there are none.
fn is_in(row: &ContainerRow, networks: &[String]) -> bool {
    if networks.is_empty() {
        return true;
    }
    let own = network::networks(&row.spec, &network::mode(&row.spec));
    networks.iter().any(|name| own.contains_key(name))
}

/// Facts about the images of a list, each looked up once.
#[derive(Debug, Default)]
struct Known {
    current: HashMap<(String, Digest), bool>,
    sizes: HashMap<Digest, Option<u64>>,
}

impl Known {
    async fn is_current(
        &mut self,
        containers: &Containers,
        row: &ContainerRow,
    ) -> Result<bool, Failure> {
        let key = (row.spec.image_name.clone(), row.image);
        if let Some(is_current) = self.current.get(&key) {
            return Ok(*is_current);
        }
        let is_current = containers.is_current(row).await?;
        self.current.insert(key, is_current);
        Ok(is_current)
    }

    async fn size(&mut self, images: &Images, row: &ContainerRow) -> Result<Option<u64>, Failure> {
        if let Some(size) = self.sizes.get(&row.image) {
            return Ok(*size);
        }
        let size = image_size(images, row).await?;
        self.sizes.insert(row.image, size);
        Ok(size)
    }
}

/// Bytes of the image of a container, if they are known; 0 when it was removed.
pub(super) async fn image_size(
    images: &Images,
    row: &ContainerRow,
) -> Result<Option<u64>, Failure> {
    match images.inspect(&row.image.to_string(), None).await {
        Ok(found) => Ok(found.content_size),
        Err(error) if error.kind() == Kind::NotFound => Ok(Some(0)),
        Err(error) => Err(error.into()),
    }
}
