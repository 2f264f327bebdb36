//! The conformance suite for a file and for memory.

macro_rules! in_memory {
    ($($check:ident),* $(,)?) => {
        mod in_memory {
            $(#[tokio::test]
            async fn $check() {
                let store = crate::SqliteStore::in_memory().await.unwrap();
                crate::conformance::$check(&store).await;
            })*
        }
    };
}

macro_rules! in_a_file {
    ($($check:ident),* $(,)?) => {
        mod in_a_file {
            // Look-ups that are alone are then done on the thread that asks.
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $check() {
                let folder = tempfile::tempdir().unwrap();
                let store = crate::SqliteStore::open(folder.path().join("state.db")).await.unwrap();
                crate::conformance::$check(&store).await;
            })*
        }
    };
}

crate::each_check!(in_memory);
crate::each_check!(in_a_file);
