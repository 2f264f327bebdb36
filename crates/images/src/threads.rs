//! Runs blocking and processor-bound work outside the threads of the runtime.

use std::sync::Arc;

use sockerless_content::ContentStore;

use crate::{Error, Images};

/// Bytes of a document that is still parsed on the runtime's own threads: less than a millisecond.
const SMALL: usize = 64 << 10;

impl Images {
    /// Runs work that keeps a processor busy for more than a moment: at most one at a time for each
    /// processor, and never on the runtime's own threads, which serve others meanwhile.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the work panics.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let desk = Arc::clone(&self.desks).acquire_owned().await;
        self.on_a_thread(move || {
            // Released when the work ends, even if its caller is gone.
            let _desk = desk;
            work()
        })
        .await
    }

    /// The same for work on a document of so many bytes, which runs on this thread when it is
    /// small.
    ///
    /// # Errors
    /// [`Kind::Internal`](crate::Kind::Internal) when the work panics.
    pub async fn compute_on<T: Send + 'static>(
        &self,
        bytes: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        match bytes <= SMALL {
            true => Ok(work()),
            false => self.compute(work).await,
        }
    }

    /// Runs a function on a thread that may block.
    pub(crate) async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        on_a_thread(work).await
    }

    /// Runs a function with the content store on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
    ) -> Result<T, Error> {
        with_content(&self.content, work).await
    }
}

/// Runs a function on a thread that may block.
///
/// # Errors
/// [`Kind::Internal`](crate::Kind::Internal) when the work panics.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::internal("a thread of the daemon failed").with_source(error))
}

/// Runs a function with a content store on a thread that may block.
///
/// # Errors
/// Those of the work, and [`Kind::Internal`](crate::Kind::Internal) when it panics.
pub(crate) async fn with_content<T: Send + 'static>(
    content: &ContentStore,
    work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
) -> Result<T, Error> {
    let content = content.clone();
    Ok(on_a_thread(move || work(&content)).await??)
}
