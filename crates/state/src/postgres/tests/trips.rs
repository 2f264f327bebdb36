//! Tests of the number of round trips.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::server::{database, postgres};
use crate::conformance::sample::{
    STAGING, Sample, add, at, form, found, name, named, pinned, places, prefix, together,
};
use crate::{ContainerStore, ImageStore, Layer, PostgresStore};

/// The number of requests in each round trip, all of which must arrive before the first response.
#[derive(Default)]
struct Trips {
    wanted: Vec<usize>,
    asked: usize,
    answered: usize,
    held: Vec<u8>,
}

/// Relays between a client and the server. While round trips are checked, responses are held back
/// until all requests of one have arrived: a client that waits in between never continues.
async fn relay(listener: TcpListener, trips: Arc<Mutex<Trips>>) {
    while let Ok((client, _)) = listener.accept().await {
        let server = TcpStream::connect(postgres().address()).await.unwrap();
        let ((from_client, to_client), (from_server, to_server)) =
            (client.into_split(), server.into_split());
        tokio::spawn(requests(from_client, to_server, Arc::clone(&trips)));
        tokio::spawn(answers(from_server, to_client, Arc::clone(&trips)));
    }
}

async fn requests(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, trips: Arc<Mutex<Trips>>) {
    // The first message has no type.
    let mut first = true;
    let mut messages = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        messages.extend(&buffer[..length]);
        while let Some(message) = next(&mut messages, first) {
            first = false;
            // The server responds to Sync and Query with ReadyForQuery.
            trips.lock().unwrap().asked += usize::from(matches!(message[0], b'S' | b'Q'));
        }
        server.write_all(&buffer[..length]).await.unwrap();
    }
}

async fn answers(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, trips: Arc<Mutex<Trips>>) {
    let mut messages = Vec::new();
    let mut buffer = vec![0; 1 << 16];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        messages.extend(&buffer[..length]);
        let mut free = Vec::new();
        while let Some(message) = next(&mut messages, false) {
            let mut trips = trips.lock().unwrap();
            trips.answered += usize::from(message[0] == b'Z');
            trips.held.extend(message);
            if trips
                .wanted
                .first()
                .is_none_or(|wanted| trips.answered == *wanted)
            {
                free.append(&mut trips.held);
                if !trips.wanted.is_empty() {
                    trips.wanted.remove(0);
                    (trips.asked, trips.answered) = (trips.asked - trips.answered, 0);
                }
            }
        }
        if client.write_all(&free).await.is_err() {
            break;
        }
    }
}

/// The next whole message.
fn next(bytes: &mut Vec<u8>, first: bool) -> Option<Vec<u8>> {
    let begin = usize::from(!first);
    let length = bytes.get(begin..begin + 4)?;
    let length = u32::from_be_bytes(length.try_into().unwrap()) as usize;
    let end = begin + length;
    (bytes.len() >= end).then(|| bytes.drain(..end).collect())
}

struct Counted {
    store: PostgresStore,
    trips: Arc<Mutex<Trips>>,
}

impl Counted {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = postgres().url_through(listener.local_addr().unwrap(), &database());
        let trips = Arc::default();
        tokio::spawn(relay(listener, Arc::clone(&trips)));
        let store = PostgresStore::open(&format!("{url}?sslmode=disable"))
            .await
            .unwrap();
        Self { store, trips }
    }

    /// Runs the work twice, so that its statements are prepared, and then in these round trips.
    async fn takes<T>(
        &self,
        what: &str,
        wanted: &[usize],
        work: impl AsyncFn(&PostgresStore) -> T,
    ) {
        // The same connection, which is not tested before use.
        let idle = || async {
            let lease = self.store.works.pool.lease().await.unwrap();
            lease.give_back();
        };
        idle().await;
        work(&self.store).await;
        {
            let mut trips = self.trips.lock().unwrap();
            *trips = Trips {
                wanted: wanted.to_vec(),
                ..Trips::default()
            };
        }
        let done = timeout(Duration::from_secs(60), work(&self.store)).await;
        let trips = self.trips.lock().unwrap();
        assert!(done.is_ok(), "{what} waits before {:?}", trips.wanted);
        assert_eq!((&trips.wanted[..], trips.asked), (&[][..], 0), "{what}");
    }
}

#[tokio::test]
async fn round_trips() {
    let counted = Counted::new().await;
    let mut large = Sample::index("amd", "arm");
    for variant in &mut large.image.variants {
        let layer = |n: usize| {
            let mut layer: Layer = variant.layers[0].clone();
            layer.digest = sockerless_reference::Digest::of(format!("layer {n}"));
            layer
        };
        variant.layers = (0..20).map(layer).collect();
    }
    let staging = form(&large, 0, STAGING, "staged");
    let mut addition = together([large.named(&["app:1", "app:2"]), staging]);
    addition.repo_digests = vec![(pinned("r.example/app", large.target()), large.target())];
    addition.locations = places(&[("a", STAGING), ("b", STAGING)]);
    addition.tagged_at = Some(at(1));
    let id = large.id();
    let removal = crate::Removal {
        repo_digests: vec![pinned("r.example/app", large.target())],
        ..large.removal(&["app:1", "app:2"])
    };
    let container = large.container('a', "web");
    let pin = pinned("r.example/app", large.target());

    counted
        .takes("add", &[5, 14, 1], async |store| {
            store.add(addition.clone()).await.unwrap();
        })
        .await;
    for query in [
        named("app:1"),
        prefix(id, 12),
        named(&pin.to_string()),
        sockerless_reference::Query::Id(id),
    ] {
        counted
            .takes("find", &[1], async |store| found(store, &query).await)
            .await;
        counted
            .takes("tag", &[1], async |store| {
                store.tag(&query, &name("app:2"), at(2)).await.unwrap()
            })
            .await;
    }
    counted
        .takes("with_ids", &[1], async |store| {
            store.with_ids(&[id, id]).await.unwrap()
        })
        .await;
    counted
        .takes("record", &[1], async |store| {
            store
                .record_push(
                    large.target(),
                    std::slice::from_ref(&pin),
                    &places(&[("a", STAGING)]),
                )
                .await
                .unwrap()
        })
        .await;
    counted
        .takes("a container comes and goes", &[2, 1, 1, 1], async |store| {
            store.add_container(&container).await.unwrap();
            assert!(store.remove_container(&container.id).await.unwrap());
        })
        .await;
    counted
        .takes("remove and add", &[6, 11, 1, 5, 14, 1], async |store| {
            store.remove(&removal).await.unwrap();
            add(store, addition.clone()).await;
        })
        .await;
}
