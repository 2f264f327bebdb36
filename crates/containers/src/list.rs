//! Listing containers, page by page.

use sockerless_state::Container;
use std::sync::Arc;

use super::filter::{Prepared, means_nothing};
use super::{ContainerFilter, ContainerRow};
use crate::Containers;
use sockerless_images::Error;
use sockerless_images::Unreadable;

/// How many containers are fetched at a time: a client's request may be megabytes.
const PAGE: usize = 8;

/// Containers that match a filter, a page at a time.
#[derive(Debug)]
pub struct ContainerList {
    containers: Containers,
    filter: Arc<Prepared>,
    after: Option<String>,
}

impl ContainerList {
    /// The next containers, in order of ID. Only empty at the end.
    ///
    /// # Errors
    /// [`Kind::Internal`](sockerless_images::Kind::Internal) when the state cannot be read.
    pub async fn next_page(&mut self) -> Result<Vec<ContainerRow>, Error> {
        loop {
            let state = &self.containers.state;
            let (selection, after) = (&self.filter.selection, self.after.as_deref());
            let page = state.containers(selection, after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(Vec::new());
            };
            self.after = Some(last.id.clone());
            let (filter, unreadable) = (
                Arc::clone(&self.filter),
                self.containers.images.unreadable().clone(),
            );
            let rows = self.containers.images.compute(move || {
                let rows = page
                    .into_iter()
                    .filter_map(|container| row(container, &unreadable));
                rows.filter(|row| filter.fits(row)).collect::<Vec<_>>()
            });
            let rows = rows.await?;
            if !rows.is_empty() {
                return Ok(rows);
            }
        }
    }
}

/// A container; `None` if it cannot be read, which is logged.
fn row(container: Container, unreadable: &Unreadable) -> Option<ContainerRow> {
    let id = container.id.clone();
    let log = |error: &Error| unreadable.log("a container", &id, error);
    ContainerRow::of(container).inspect_err(log).ok()
}

impl Containers {
    /// The containers that match `filter`.
    ///
    /// # Errors
    /// [`Kind::InvalidParameter`](sockerless_images::Kind::InvalidParameter) for a name that is not
    /// a regular expression, [`Kind::NotFound`](sockerless_images::Kind::NotFound) for a container
    /// of `before` or `since` that does not exist.
    pub async fn list(&self, filter: ContainerFilter) -> Result<ContainerList, Error> {
        Ok(ContainerList {
            containers: self.clone(),
            filter: Arc::new(Prepared::new(self, filter).await?),
            after: None,
        })
    }

    /// Whether the client's name for the image of a container still refers to that image.
    ///
    /// # Errors
    /// [`Kind::Internal`](sockerless_images::Kind::Internal) when the state cannot be read.
    pub async fn is_current(&self, container: &ContainerRow) -> Result<bool, Error> {
        match self.images.inspect(&container.spec.image_name, None).await {
            Ok(found) => {
                let mut variants = found.image.variants.iter();
                Ok(variants.any(|variant| variant.config == container.image))
            }
            Err(error) if means_nothing(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
