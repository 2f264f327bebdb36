//! Tests of the time of use of records of registries.

use super::server::{database, postgres};
use crate::PostgresStore;
use crate::conformance::blob_sources::what_is_used_is_new_again;

#[tokio::test]
async fn what_is_used_is_not_forgotten() {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    let make_old = async || {
        let old = "UPDATE encodings SET used_at = used_at - 172800000000000; \
                   UPDATE locations SET used_at = used_at - 172800000000000";
        postgres().psql(&database, old);
    };
    what_is_used_is_new_again(&store, make_old).await;
}
