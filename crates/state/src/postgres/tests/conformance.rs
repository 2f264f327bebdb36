//! The conformance suite, each check in a database of its own.

macro_rules! in_postgres {
    ($($suite:ident { $($check:ident),* $(,)? })*) => {
        $(mod $suite {
            $(#[tokio::test]
            async fn $check() {
                let store = crate::postgres::tests::server::store().await;
                crate::conformance::$suite::$check(&store).await;
            })*
        })*
    };
}

crate::each_check!(in_postgres);
