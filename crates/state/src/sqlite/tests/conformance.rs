//! The conformance suite for a file and for memory.

macro_rules! in_memory {
    ($($suite:ident { $($check:ident),* $(,)? })*) => {
        mod in_memory {
            $(mod $suite {
                $(#[tokio::test]
                async fn $check() {
                    let store = crate::SqliteStore::in_memory().await.unwrap();
                    crate::conformance::$suite::$check(&store).await;
                })*
            })*
        }
    };
}

macro_rules! in_a_file {
    ($($suite:ident { $($check:ident),* $(,)? })*) => {
        mod in_a_file {
            $(mod $suite {
                // Single look-ups are then done on the caller's thread.
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $check() {
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("state.db");
                    let store = crate::SqliteStore::open(path).await.unwrap();
                    crate::conformance::$suite::$check(&store).await;
                })*
            })*
        }
    };
}

crate::each_check!(in_memory);
crate::each_check!(in_a_file);
