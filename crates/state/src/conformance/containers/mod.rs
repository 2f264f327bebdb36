//! What every [`ContainerStore`] has to do.
//!
//! [`ContainerStore`]: crate::ContainerStore

mod concurrency;
mod records;
mod users;

pub use self::concurrency::*;
pub use self::records::*;
pub use self::users::*;
