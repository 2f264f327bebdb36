//! Imports of a file system that the daemon fetches from a URL.

use sockerless_registry::{DownloadPolicy, Fault};

use super::{ImportRequest, Imported};
use crate::{Error, Images, Kind, Progress};

/// What an import may fetch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportConfig {
    /// Most bytes of a file system that is fetched from a URL.
    pub max_download_bytes: u64,
    /// Whether a URL may lead to this machine itself and to link-local addresses, where clouds keep
    /// their metadata services.
    pub allow_local: bool,
}

impl Images {
    /// The same for a file system at a URL; without a scheme it is http. `progress` reports
    /// retries.
    ///
    /// # Errors
    /// As [`import`](Self::import), and errors of the download: [`Kind::InvalidParameter`] for an
    /// invalid URL or one whose address is not allowed.
    pub async fn import_url(
        &self,
        url: &str,
        request: ImportRequest,
        progress: &Progress,
    ) -> Result<Imported, Error> {
        let url = match url.contains("://") {
            true => url.to_owned(),
            false => format!("http://{url}"),
        };
        let policy = DownloadPolicy {
            max_bytes: self.config.import.max_download_bytes,
            allow_local: self.config.import.allow_local,
        };
        // Errors in the request are returned before anything is fetched.
        let mut wanted = self.wanted(request, None)?;
        let listener = progress.retries("the URL");
        let download = self.registries.download_telling(&url, policy, listener);
        let download = download.await.map_err(not_fetched)?;
        if wanted.message.is_empty() {
            wanted.message = format!("Imported from {}", download.url());
        }
        self.make(download, wanted).await
    }
}

/// Adds the option that would allow it to the message.
fn not_fetched(error: sockerless_registry::Error) -> Error {
    let option = match error.fault() {
        Fault::LocalAddress { .. } => "--import-from anywhere",
        Fault::TooLarge { .. } => "--max-import-bytes",
        _ => return Error::registry(error),
    };
    let message = format!("{error} (the option {option} of the daemon allows it)");
    Error::new(Kind::InvalidParameter, message).with_source(error)
}
