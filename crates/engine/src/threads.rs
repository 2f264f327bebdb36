use sockerless_content::ContentStore;

use crate::{Engine, Error, Kind};

impl Engine {
    /// Does something on a thread that may block.
    pub(crate) async fn on_a_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(|error| {
            Error::new(Kind::Internal, "a thread of the daemon failed").with_source(error)
        })
    }

    /// Does something with the content store on a thread that may block.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&ContentStore) -> Result<T, sockerless_content::Error> + Send + 'static,
    ) -> Result<T, Error> {
        let content = self.content.clone();
        Ok(self.on_a_thread(move || work(&content)).await??)
    }
}
