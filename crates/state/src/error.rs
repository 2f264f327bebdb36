use std::sync::Arc;

/// What a database or an operating system said.
pub type Source = Arc<dyn std::error::Error + Send + Sync>;

/// Why a state store could not answer.
///
/// In [`store`](Self::Unavailable::store) it says which one: the path of its file, or `memory`.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A prefix fits several IDs, of images or of containers.
    #[error("prefix {prefix} fits several IDs")]
    Ambiguous {
        /// The hexadecimal prefix.
        prefix: String,
    },
    /// An addition refers to something that is neither in it nor in the store.
    #[error("{what} is neither in the addition nor in the store")]
    Incomplete {
        /// What is missing, with its digest.
        what: String,
    },
    /// The caller gave something that breaks its own rules, such as an image without a variant.
    #[error("cannot be stored: {what}")]
    Unstorable {
        /// What it is, what is wrong with it.
        what: String,
    },
    /// The store cannot work now, but its data is well: it is locked by another process, the disk
    /// is full, the file cannot be read or written. The same call may succeed later.
    #[error("state in {store} is unavailable while {doing}")]
    Unavailable {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// What was said.
        source: Source,
    },
    /// The store holds something that it never wrote. It needs repair or a backup.
    #[error("state in {store} is damaged, noticed while {doing}")]
    Damaged {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// What is wrong.
        source: Source,
    },
    /// The database refused a statement for a reason that is no fault of the caller or the disk.
    #[error("state in {store} refused {doing}")]
    Refused {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// What was said.
        source: Source,
    },
    /// The file or database belongs to something else. It was not changed.
    #[error("{store} holds no sockerless state: {found}")]
    Foreign {
        /// Which store.
        store: String,
        /// What it is instead.
        found: String,
    },
    /// A newer version of this program has written the state. It was not changed.
    #[error("state in {store} has schema {found}, this version knows up to {known}")]
    SchemaFromFuture {
        /// Which store.
        store: String,
        /// The schema version found.
        found: i64,
        /// The newest schema version that is understood.
        known: i64,
    },
    /// The thread that served the store has ended.
    #[error("state in {store} is closed")]
    Closed {
        /// Which store.
        store: String,
    },
}
