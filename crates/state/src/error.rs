//! The error of the state stores.

use std::sync::Arc;

/// The error of a database or an operating system.
pub type Source = Arc<dyn std::error::Error + Send + Sync>;

/// Why an operation of a state store failed.
///
/// Its [`store`](Self::Unavailable::store) names the store: the path of its file, `memory`, or the
/// URL of its database without user and password.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A prefix matches several IDs, of images or of containers.
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
    /// The caller gave something invalid, such as an image without a variant.
    #[error("cannot be stored: {what}")]
    Unstorable {
        /// What it is, what is wrong with it.
        what: String,
    },
    /// The store cannot work now, but its data is intact: it is locked by another process, the disk
    /// is full, the file cannot be read or written, the server cannot be reached. The same call may
    /// succeed later.
    ///
    /// Nothing was changed, with one exception: when the connection to a database is lost during a
    /// commit, the outcome is not known. Then the change was made completely or not at all, and the
    /// caller has to look it up.
    #[error("state in {store} is unavailable while {doing}")]
    Unavailable {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// The underlying error.
        source: Source,
    },
    /// There is no room for a change where the store is kept. The existing data is intact.
    #[error("no space left on the disk of {store} while {doing}")]
    Full {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// The underlying error.
        source: Source,
    },
    /// The store contains something that it never wrote. It needs repair or a backup.
    #[error("state in {store} is damaged, noticed while {doing}")]
    Damaged {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// What is wrong.
        source: Source,
    },
    /// The database refused a statement for a reason that is not the fault of the caller or the
    /// disk.
    #[error("state in {store} refused {doing}")]
    Refused {
        /// Which store.
        store: String,
        /// What was being done.
        doing: &'static str,
        /// The underlying error.
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
        /// The newest supported schema version.
        known: i64,
    },
    /// The address of a database is invalid.
    #[error("the address of the state is not valid: {what}")]
    Address {
        /// What is wrong with it. Never the address itself, which may have a password in it.
        what: String,
    },
    /// No server of the database accepts connections.
    #[error("no connection to {store}: {said}")]
    Unreachable {
        /// Which store.
        store: String,
        /// The message of the system or the server.
        said: String,
    },
    /// The server does not know the user or its password, or has rules against it.
    #[error("{store} does not let user {user} in: {said}")]
    AccessDenied {
        /// Which store.
        store: String,
        /// The user.
        user: String,
        /// The message of the server.
        said: String,
    },
    /// There is a server, but not this database in it.
    #[error("{store} is not there: database {database} has to be created first")]
    DatabaseMissing {
        /// Which store.
        store: String,
        /// Name of the database.
        database: String,
    },
    /// The user lacks a right that a store needs.
    #[error("user {user} may not {missing} in {store}")]
    RightsMissing {
        /// Which store.
        store: String,
        /// The user.
        user: String,
        /// What is not allowed: `create tables in schema public`.
        missing: String,
    },
    /// The database is read-only, because its server is a replica or because it is configured so.
    #[error("{store} can only be read: {why}")]
    ReadOnly {
        /// Which store.
        store: String,
        /// Why it is read-only.
        why: &'static str,
    },
    /// A pooler in front of the server gives one session to several clients.
    #[error("{store} shares sessions among its clients: a pooler has to be in session mode")]
    SharedSession {
        /// Which store.
        store: String,
    },
    /// The server of the database is older than what the store needs.
    #[error("the server of {store} has version {found}, at least {least} is needed")]
    ServerTooOld {
        /// Which store.
        store: String,
        /// The version found.
        found: String,
        /// The oldest supported version.
        least: u32,
    },
    /// The database stores text in an encoding that lacks characters.
    #[error("{store} has encoding {found}, and has to be created with UTF8")]
    Encoding {
        /// Which store.
        store: String,
        /// The encoding.
        found: String,
    },
    /// The thread that served the store has ended.
    #[error("state in {store} is closed")]
    Closed {
        /// Which store.
        store: String,
    },
}
