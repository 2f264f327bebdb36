//! The conformance suite, each check in a database of its own.

use super::server;

macro_rules! in_postgres {
    ($($check:ident),* $(,)?) => {
        $(#[tokio::test]
        async fn $check() {
            let store = server::store().await;
            crate::conformance::$check(&store).await;
        })*
    };
}

crate::each_check!(in_postgres);
