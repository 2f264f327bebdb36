//! Tests of damaged rows and of text that cannot be stored.

use bytes::Bytes;

use super::server::{database, postgres};
use crate::conformance::sample::{Sample, add, at, found, name, named};
use crate::{ContainerStore, Error, ImageStore, PostgresStore};

#[tokio::test]
async fn damage_is_told() {
    let database = database();
    let store = PostgresStore::open(&postgres().url(&database))
        .await
        .unwrap();
    let (one, two) = (Sample::new("one"), Sample::new("two"));
    add(&store, one.named(&["one:1"])).await;
    add(&store, two.named(&["two:1"])).await;
    let spoil = "SET session_replication_role = replica; \
                 DELETE FROM documents WHERE bytes = 'config of one'";
    postgres().psql(&database, spoil);

    let error = store.find(&named("one:1")).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    assert_eq!(found(&store, &named("two:1")).await.image, two.image);

    for (column, value) in [("contents", "'{}'"), ("size", "NULL")] {
        let spoil = format!(
            "ALTER TABLE images ALTER COLUMN {column} DROP NOT NULL; \
             UPDATE images SET {column} = {value}"
        );
        postgres().psql(&database, &spoil);
        let error = store.find(&named("two:1")).await.unwrap_err();
        assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    }
    let error = store.add(two.named(&["new:1"])).await.unwrap_err();
    assert!(matches!(error, Error::Damaged { .. }), "{error:?}");
    let places = store.places(None, 9).await.unwrap();
    assert_eq!(places.len(), 2);
}

/// PostgreSQL texts cannot have a zero byte.
#[tokio::test]
async fn text_with_a_zero_byte_is_unstorable() {
    let store = super::server::store().await;
    let mut sample = Sample::new("one");
    sample.image.media_type = "application/\0".to_owned();
    let error = store.add(sample.named(&["one:1"])).await.unwrap_err();
    assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");

    let fine = Sample::new("fine");
    add(&store, fine.named(&["fine:1"])).await;
    let mut container = fine.container('a', "a\0b");
    container.spec = Bytes::from_static(b"\0");
    let error = store.add_container(&container).await.unwrap_err();
    assert!(matches!(error, Error::Unstorable { .. }), "{error:?}");
    assert_eq!(store.container("a\0").await.unwrap(), None);
    let beginnings = ["a\0".to_owned(), "docker.io/library/fi".to_owned()];
    let places = store.places_in(&beginnings, 9).await.unwrap();
    assert_eq!(places, Some(vec![fine.image.place()]));
    let tagged = store.tag(&named("fine:1"), &name("fine:2"), at(1)).await;
    assert_eq!(tagged.unwrap(), Some(fine.id()));
}
