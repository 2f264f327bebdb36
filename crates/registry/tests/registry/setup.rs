use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use sockerless_registry::{
    ByteStream, Client, Config, Credentials, Digest, DockerConfigFile, Error, Progress, Proxies,
    Repository, RetryPolicy, Source, Timeouts,
};
use sockerless_testkit::registry::fake::{FakeRegistry, Profile};

/// A configuration that is independent of the machine and does not wait between tries.
pub(crate) fn config() -> Config {
    let wait = Duration::from_millis(1);
    Config {
        certs_dir: None,
        docker_config: DockerConfigFile::Never,
        proxies: Proxies::none(),
        retry: RetryPolicy {
            tries: 4,
            base: wait,
            cap: wait,
        },
        ..Config::default()
    }
}

/// As [`config`], for tests in which something hangs.
pub(crate) fn impatient() -> Config {
    let soon = Duration::from_millis(500);
    let timeouts = Timeouts {
        idle: soon,
        answer: soon,
        commit: soon,
        ..Timeouts::default()
    };
    // On a busy machine, a slow reply may look like a hang.
    let retry = RetryPolicy {
        tries: 10,
        ..config().retry
    };
    Config {
        timeouts,
        retry,
        ..config()
    }
}

pub(crate) fn basic(username: &str, password: &str) -> Credentials {
    Credentials::Basic {
        username: username.into(),
        password: password.into(),
    }
}

pub(crate) async fn start(profile: Profile) -> FakeRegistry {
    FakeRegistry::start(profile).await.expect("a free port")
}

/// The repository `team/app` of a fake, accessed without credentials.
pub(crate) fn open(fake: &FakeRegistry, config: Config) -> Repository {
    let credentials = Some(Credentials::Anonymous);
    Client::new(config)
        .repository(&fake.host(), "team/app", credentials)
        .expect("valid names")
}

/// The repository `team/app` of a fake, accessed as `u` with the password `p`.
pub(crate) fn as_user(fake: &FakeRegistry) -> Repository {
    let credentials = Some(basic("u", "p"));
    Client::new(config())
        .repository(&fake.host(), "team/app", credentials)
        .expect("valid names")
}

/// Bytes that are the same in each run and do not repeat.
pub(crate) fn noise(length: usize) -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(next).collect()
}

/// A source that gives `bytes` in pieces.
pub(crate) fn pieces(bytes: &Bytes, size: usize) -> Source {
    let bytes = bytes.clone();
    Source::new(move || {
        let list: Vec<_> = bytes
            .chunks(size)
            .map(|piece| Ok(bytes.slice_ref(piece)))
            .collect();
        let stream: ByteStream = Box::pin(futures_util::stream::iter(list));
        async move { Ok(stream) }
    })
}

/// A progress and the numbers reported to it.
pub(crate) fn recorded() -> (Progress, Arc<Mutex<Vec<u64>>>) {
    let told = Arc::new(Mutex::new(Vec::new()));
    let teller = Arc::clone(&told);
    (
        Progress::new(move |sent| teller.lock().expect("not poisoned").push(sent)),
        told,
    )
}

pub(crate) async fn push(repository: &Repository, bytes: &Bytes) -> Result<Digest, Error> {
    let digest = Digest::of(bytes);
    let source = pieces(bytes, 100_000);
    repository
        .push_blob(&digest, bytes.len() as u64, &source, &Progress::none())
        .await?;
    Ok(digest)
}

pub(crate) async fn pull(
    repository: &Repository,
    digest: &Digest,
    size: u64,
) -> Result<Bytes, Error> {
    let stream = repository.get_blob(digest, size).await?;
    let all: Vec<Bytes> = stream.try_collect().await?;
    Ok(all.concat().into())
}

pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// An image of one layer: its blobs and its manifest.
pub(crate) struct Image {
    pub(crate) config: Bytes,
    pub(crate) layer: Bytes,
    pub(crate) manifest: Bytes,
}

pub(crate) fn image(layer: Bytes) -> Image {
    let config = Bytes::from_static(
        br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#,
    );
    let descriptor = |kind: &str, bytes: &Bytes| {
        serde_json::json!({
            "mediaType": kind,
            "digest": Digest::of(bytes).to_string(),
            "size": bytes.len(),
        })
    };
    let manifest = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar+gzip", &layer)],
    });
    Image {
        config,
        layer,
        manifest: manifest.to_string().into(),
    }
}

/// Pushes a whole image and pulls it back.
pub(crate) async fn round_trip(
    repository: &Repository,
    tag: &str,
    image: &Image,
) -> Result<(), Error> {
    let manifest_digest = Digest::of(&image.manifest);
    push(repository, &image.config).await?;
    push(repository, &image.layer).await?;
    repository
        .put_manifest(
            &manifest_digest.into(),
            OCI_MANIFEST,
            image.manifest.clone(),
        )
        .await?;
    let tag = tag.parse().expect("a tag");
    repository
        .put_manifest(&tag, OCI_MANIFEST, image.manifest.clone())
        .await?;

    let head = repository
        .head_manifest(&tag)
        .await?
        .expect("it was pushed");
    assert_eq!(head.digest, manifest_digest);
    assert_eq!(head.media_type, OCI_MANIFEST);
    assert_eq!(head.size, image.manifest.len() as u64);
    let manifest = repository.get_manifest(&tag).await?;
    assert_eq!(
        (manifest.digest, manifest.bytes),
        (manifest_digest, image.manifest.clone())
    );
    for blob in [&image.config, &image.layer] {
        let digest = Digest::of(blob);
        assert_eq!(
            repository.head_blob(&digest).await?,
            Some(blob.len() as u64)
        );
        assert_eq!(pull(repository, &digest, blob.len() as u64).await?, *blob);
    }
    assert_eq!(repository.tags().await?, [tag.to_string()]);
    Ok(())
}
