use std::sync::Arc;

use sockerless_content::ContentStore;

use crate::{Error, Images};

/// Bytes of a document that is read on the runtime's own threads: less than a millisecond.
const SMALL: usize = 64 << 10;

impl Images {
    /// Does something that keeps a processor busy for more than a moment: as much of it at a time
    /// as there are processors, and never on the runtime's own threads, which answer others
    /// meanwhile.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the work panics.
    pub async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let desk = Arc::clone(&self.desks).acquire_owned().await;
        self.on_a_thread(move || {
            // It is free when the work has ended, also when nobody waits for that any more.
            let _desk = desk;
            work()
        })
        .await
    }

    /// The same for work on a document of so many bytes, which is done at once when it is small.
    ///
    /// # Errors
    /// [`Kind::Internal`] when the work panics.
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

    /// Does something on a thread that may block.
    pub(crate) async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        on_a_thread(work).await
    }

    /// Does something with the content store on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
    ) -> Result<T, Error> {
        with_content(&self.content, work).await
    }
}

/// Does something on a thread that may block.
///
/// # Errors
/// [`Kind::Internal`] when the work panics.
async fn on_a_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::internal("a thread of the daemon failed").with_source(error))
}

/// Does something with a content store on a thread that may block.
///
/// # Errors
/// Those of the work, and [`Kind::Internal`] when it panics.
pub(crate) async fn with_content<T: Send + 'static>(
    content: &ContentStore,
    work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
) -> Result<T, Error> {
    let content = content.clone();
    Ok(on_a_thread(move || work(&content)).await??)
}
