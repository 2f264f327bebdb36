//! The most frequent operations on the state: find, tag, add. In SQLite, on disk and in memory.
#![allow(
    clippy::unwrap_used,
    reason = "what cannot be measured is a panic with its reason"
)]

use std::cell::Cell;
use std::hint::black_box;
use std::time::Duration;

use bytes::Bytes;
use criterion::Criterion;
use jiff::Timestamp;
use sockerless_oci::Platform;
use sockerless_reference::{Digest, Query, Reference};
use sockerless_state::{Addition, Blob, Image, ImageStore, Layer, Origin, SqliteStore, Variant};
use tokio::runtime::Runtime;

/// Images that are in the store already.
const IMAGES: u64 = 1000;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    let runtime = Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let on_disk = SqliteStore::open(folder.path().join("state.db"));
    let stores = [
        ("on disk", runtime.block_on(on_disk).unwrap()),
        (
            "in memory",
            runtime.block_on(SqliteStore::in_memory()).unwrap(),
        ),
    ];
    for (place, store) in &stores {
        for number in 0..IMAGES {
            runtime.block_on(store.add(addition(number))).unwrap();
        }
        measure(&mut criterion, &runtime, place, store);
    }
    criterion.final_summary();
}

fn measure(criterion: &mut Criterion, runtime: &Runtime, place: &str, store: &SqliteStore) {
    let by_name = Query::parse(&name(IMAGES / 2)).unwrap();
    let digits = Digest::of(config(IMAGES / 2)).hex();
    let by_prefix = Query::parse(&digits[..12]).unwrap();
    let mut group = criterion.benchmark_group(place);
    for (what, query) in [("find by name", &by_name), ("find by prefix", &by_prefix)] {
        group.bench_function(what, |bencher| {
            bencher.iter(|| {
                let found = runtime.block_on(store.find(black_box(query)));
                assert!(found.unwrap().is_some());
            });
        });
    }
    let next = Cell::new(0_u64);
    group.bench_function("tag", |bencher| {
        bencher.iter(|| {
            next.set(next.get() + 1);
            let name = Reference::parse(&format!("bench.example/new:{}", next.get())).unwrap();
            let tagged = runtime.block_on(store.tag(&by_name, &name, Timestamp::UNIX_EPOCH));
            assert!(tagged.unwrap().is_some());
        });
    });
    let next = Cell::new(IMAGES);
    group.bench_function("add", |bencher| {
        bencher.iter(|| {
            next.set(next.get() + 1);
            let added = runtime.block_on(store.add(addition(next.get())));
            assert_eq!(added.unwrap().new_images.len(), 1);
        });
    });
    group.finish();
}

/// An image with five layers, of which all have four in common.
fn addition(number: u64) -> Addition {
    let layers: Vec<Layer> = (0..5)
        .map(|at| {
            let digest = Digest::of(match at {
                4 => format!("layer {number}"),
                at => format!("layer of all {at}"),
            });
            Layer {
                diff_id: digest,
                digest,
                size: 1000,
                media_type: LAYER.to_owned(),
                urls: Vec::new(),
                content_size: Some(1000),
            }
        })
        .collect();
    let blobs = layers.iter().map(|layer| Blob {
        digest: layer.digest,
        size: layer.size,
        media_type: layer.media_type.clone(),
        diff_id: layer.diff_id,
        tar_size: layer.size,
        content_size: layer.size,
    });
    let blobs = blobs.collect();
    let (config, manifest) = (config(number), format!("manifest {number}"));
    let (id, target) = (Digest::of(&config), Digest::of(&manifest));
    let image = Image {
        target,
        media_type: MANIFEST.to_owned(),
        size: manifest.len() as u64,
        id,
        origin: Origin::Generated,
        variants: vec![Variant {
            platform: Platform {
                os: "linux".to_owned(),
                architecture: "amd64".to_owned(),
                ..Platform::default()
            },
            manifest: target,
            config: id,
            layers,
            created: Some(Timestamp::from_second(number as i64).unwrap()),
        }],
        documents: Vec::new(),
        blobs: Vec::new(),
        loaded_at: Timestamp::UNIX_EPOCH,
    };
    Addition {
        images: vec![image],
        documents: vec![(id, Bytes::from(config)), (target, Bytes::from(manifest))],
        blobs,
        names: vec![(Reference::parse(&name(number)).unwrap(), target)],
        ..Addition::default()
    }
}

fn name(number: u64) -> String {
    format!("bench.example/image{number}:1")
}

fn config(number: u64) -> String {
    format!("{{\"config\":{number}}}")
}
