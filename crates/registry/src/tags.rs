//! Listing the tags of a repository, page by page.

use std::collections::HashSet;

use http::header::LINK;
use sockerless_oci::json::{any_case, decode};

use crate::error::{Error, Fault, Subject};
use crate::link;
use crate::location;
use crate::registry::Ask;
use crate::repository::Repository;

/// Tags requested per page: the maximum of Amazon ECR.
const PAGE: usize = 1000;

/// Maximum number of pages requested.
const PAGES: usize = 10_000;

/// One page. A repository without tags sends `null`.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) tags: Vec<String>,
}

any_case!(Page, "a list of tags" { "tags" => tags });

impl Repository {
    /// All tags, in the registry's order.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such repository,
    /// [`ErrorKind::Mismatch`](crate::ErrorKind::Mismatch) if there are more tags than
    /// [`Limits::tags`](crate::Limits::tags) (never a part of them), and any failure of the
    /// registry.
    pub async fn tags(&self) -> Result<Vec<String>, Error> {
        self.all_tags()
            .await
            .map_err(|fault| self.error(Subject::Tags, fault))
    }

    async fn all_tags(&self) -> Result<Vec<String>, Fault> {
        let limits = self.registry.config().limits;
        let mut all = Vec::new();
        let mut seen = HashSet::new();
        let mut tries = self.registry.tries(&self.access);
        let mut next = None;
        loop {
            let url = match &next {
                Some(url) => Clone::clone(url),
                None => match self.url(&format!("tags/list?n={PAGE}")).await {
                    Ok(url) => url,
                    Err(fault) => {
                        tries.after(fault).await?;
                        continue;
                    }
                },
            };
            let page = async {
                let ask = Ask::get(url.clone(), self.pull_scope());
                let reply = self.registry.call(&self.access, &ask).await?;
                let following = match reply.header(LINK).and_then(link::next) {
                    Some(target) => {
                        let target = location::resolve(reply.url(), target.as_bytes())?;
                        let endpoint = self.registry.endpoint().await?;
                        self.registry.admit(&endpoint, &target)?;
                        Some(target)
                    }
                    None => None,
                };
                let bytes = reply.bytes(limits.tags_page).await?;
                let page: Page = decode(&bytes)
                    .map_err(|_| Fault::Malformed("not the JSON of a list of tags".to_owned()))?;
                Ok((page.tags, following))
            };
            match page.await {
                Ok((tags, following)) => {
                    tries.reset();
                    all.extend(tags);
                    if all.len() > limits.tags || seen.len() >= PAGES {
                        return Err(Fault::Malformed(format!(
                            "more than {} tags or {PAGES} pages",
                            limits.tags
                        )));
                    }
                    seen.insert(url.to_string());
                    match following {
                        None => return Ok(all),
                        Some(url) if seen.contains(&url.to_string()) => {
                            return Err(Fault::Malformed("pages of tags in a circle".to_owned()));
                        }
                        Some(url) => next = Some(url),
                    }
                }
                Err(fault) => tries.after(fault).await?,
            }
        }
    }
}
