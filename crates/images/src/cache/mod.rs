//! The content folder as a cache of what the staging repository has.

mod evict;
mod fill;

pub(crate) use evict::Shrinking;

use std::collections::HashSet;
use std::time::Duration;

use sockerless_reference::Digest;

use crate::encode::Encoding;
use crate::{Error, Images};

/// How long a blob may be nobody's after it was made visible or was last found to be whole: far
/// longer than it then takes until an image refers to it.
pub const GRACE: Duration = Duration::from_secs(3600);

impl Images {
    /// Those of `digests` that the staging repository can give back to the bit: as they are, or
    /// made again of what they became when they were compressed.
    ///
    /// Other registries do not count: they may forget what somebody pushed there, or want the
    /// credentials of that client.
    async fn staged_blobs(&self, digests: &[Digest]) -> Result<HashSet<Digest>, Error> {
        let Some(staging) = &self.config.staging else {
            return Ok(HashSet::new());
        };
        // Each with what has to be there.
        let mut forms: Vec<_> = digests.iter().map(|digest| (*digest, *digest)).collect();
        for encoding in Encoding::COMPRESSED {
            let became = self.state.encodings(digests, encoding.name()).await?;
            forms.extend(became.iter().map(|became| (became.diff_id, became.digest)));
        }
        let wanted: Vec<_> = forms.iter().map(|(_, form)| *form).collect();
        let locations = self.state.locations(&wanted).await?;
        let name = staging.repository.repository();
        let there = locations.into_iter().filter(|(_, at)| at == name);
        let there: HashSet<_> = there.map(|(form, _)| form).collect();
        let staged = forms.into_iter().filter(|(_, form)| there.contains(form));
        Ok(staged.map(|(digest, _)| digest).collect())
    }
}
