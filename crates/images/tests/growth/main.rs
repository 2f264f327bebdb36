//! The work of a load grows as its archive does: for twice the input it allocates at most about
//! twice as much memory, whatever shape the input has.
//!
//! Bytes are counted and not seconds: they are the same on every machine. Work that allocates
//! nothing, such as comparisons, is measured as processor time against a smaller input.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

mod shapes;

use std::alloc::System;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cap::Cap;
use futures_util::stream;
use rustix::time::{ClockId, clock_gettime};
use sockerless_content::ContentStore;
use sockerless_images::{
    Config, Error, Images, ImportConfig, Limits, LoadOptions, Loaded, Platform, Progress,
    RegistryConfig,
};
use sockerless_state::SqliteStore;

use shapes::{SHAPES, Shape};

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// How many times as much may be allocated for twice the input. Tables double as they grow, so it is
/// not just twice.
const GROWTH: f64 = 2.4;

/// What a load takes whatever its archive: threads, buffers, the statements of the store.
const FIXED: usize = 4 << 20;

async fn engine() -> Images {
    let config = Config {
        clients: sockerless_images::ClientLimits::default(),
        share_credentials: false,
        platform: Platform::new("linux", "amd64", ""),
        limits: Limits::default(),
        staging: None,
        cache_size: None,
        import: ImportConfig {
            max_download_bytes: 1 << 20,
            allow_local: true,
        },
        registry: RegistryConfig::default(),
    };
    let state = SqliteStore::in_memory().await.expect("state");
    Images::new(config, Arc::new(state), ContentStore::discarding())
}

async fn load(images: &Images, archive: &Bytes) -> Result<Loaded, Error> {
    let body = stream::iter([Ok::<_, Infallible>(archive.clone())]);
    let options = LoadOptions::default();
    images.load(body, options, &Progress::none()).await
}

/// Bytes that are allocated while the archive is loaded into an empty store, and once more.
async fn allocated(shape: &Shape, size: usize) -> usize {
    let archive: Bytes = (shape.archive)(size).into();
    let images = engine().await;
    let before = ALLOCATOR.total_allocated();
    for _ in 0..2 {
        match (load(&images, &archive).await, shape.refused) {
            (Ok(_), None) => {}
            (Err(error), Some(limit)) if error.message().contains(limit) => {}
            (result, wanted) => panic!("{} {size}: {result:?}, not {wanted:?}", shape.name),
        }
    }
    ALLOCATOR.total_allocated() - before
}

fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("a time")
}

/// Processor time of two loads that give the same names to one image and then to another.
async fn moving(names: usize) -> Duration {
    let archives = ["one", "other"].map(|seed| Bytes::from(shapes::names(seed, names)));
    let images = engine().await;
    let before = processor_time();
    for archive in &archives {
        let loaded = load(&images, archive).await.expect("loaded");
        assert_eq!(loaded.images[0].names.len(), names);
    }
    let loaded = load(&images, &archives[0]).await.expect("loaded");
    assert_eq!(loaded.images[0].moved.len(), names);
    processor_time() - before
}

/// One test, because the counters are those of the whole process.
#[tokio::test]
async fn work_grows_as_its_input() {
    // Allocations that are only made once.
    allocated(&SHAPES[0], 10).await;
    let mut faults = Vec::new();
    for shape in SHAPES {
        let (once, twice) = (
            allocated(shape, shape.size).await,
            allocated(shape, 2 * shape.size).await,
        );
        let growth = twice.saturating_sub(FIXED) as f64 / once.max(FIXED) as f64;
        if growth > GROWTH {
            faults.push(format!("{}: {once} bytes, then {twice}", shape.name));
        }
    }
    // Four times the names: four times the time when each is looked at once, and sixteen times when
    // each is compared with all.
    let (few, many) = (moving(5_000).await, moving(20_000).await);
    if many > 9 * few {
        faults.push(format!("names that move: {few:?}, then {many:?}"));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}
