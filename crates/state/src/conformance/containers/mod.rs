//! Checks for every [`ContainerStore`].
//!
//! [`ContainerStore`]: crate::ContainerStore

mod concurrency;
mod records;
mod selecting;
mod states;
mod users;

pub use self::concurrency::*;
pub(in crate::conformance) use self::records::page;
pub use self::records::*;
pub use self::selecting::*;
pub use self::states::*;
pub use self::users::*;
