//! Permanent failures are returned at once; transient ones are reported during retries.

use std::net::TcpListener;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use sockerless_registry::{
    Client, Config, DownloadPolicy, ErrorKind, Retry, RetryListener, RetryPolicy,
};
use sockerless_testkit::registry::fake::{Fault, Profile, Step};

use crate::setup::{as_user, config, start};

/// A loopback port without a listener.
fn closed() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[tokio::test]
async fn names_and_ports_that_nobody_has() {
    let client = Client::new(Config {
        retry: RetryPolicy::default(),
        ..config()
    });
    let policy = DownloadPolicy {
        max_bytes: 1000,
        allow_local: true,
    };
    for (host, words) in [
        (closed(), "connection refused"),
        ("nosuch.invalid".to_owned(), "lookup nosuch.invalid: "),
    ] {
        let begun = Instant::now();
        let repository = client.repository(&host, "a", None).expect("valid");
        let error = repository.ping().await.expect_err("nobody is there");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains(words), "{error}");
        let url = format!("http://{host}/x.tar");
        let error = client.download(&url, policy).await.expect_err("nobody");
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert!(error.to_string().contains(words), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{host}");
    }
}

#[tokio::test]
async fn retries_are_told() {
    let fake = start(Profile::default()).await;
    fake.inject(Fault::status(Step::Tags, 503).times(2));
    let (sender, heard) = mpsc::sync_channel(2);
    let listener = RetryListener::new(move |retry| sender.send(retry).expect("listened to"));
    let repository = as_user(&fake).telling(listener);
    fake.create_repository("team/app");
    assert_eq!(repository.tags().await.expect("the third time"), [""; 0]);
    let told: Vec<Retry> = heard.try_iter().collect();
    assert_eq!(told.len(), 2, "{told:?}");
    for retry in told {
        let why = "received unexpected HTTP status: 503 Service Unavailable";
        assert_eq!(retry.why, why);
    }
}
