use std::io;
use std::sync::{Arc, Mutex, Once};

use sockerless_registry::{Client, Credentials};
use sockerless_testkit::registry::fake::{Action, Fault, Profile, Step};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

use crate::setup::{basic, config, image, noise, round_trip, start};

/// What was logged.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Records everything that this thread logs from now on.
    pub(crate) fn record(&self) -> DefaultGuard {
        // Call sites first reached by a thread without a subscriber would be cached as disabled for
        // all.
        static EVERYBODY: Once = Once::new();
        EVERYBODY.call_once(|| {
            let nowhere = subscriber(io::sink);
            tracing::subscriber::set_global_default(nowhere).expect("the first");
        });
        tracing::subscriber::set_default(subscriber(self.clone()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("not poisoned").clone()).expect("text")
    }
}

fn subscriber(
    to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static,
) -> impl tracing::Subscriber + Send + Sync {
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_writer(to)
        .finish()
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0
            .lock()
            .expect("not poisoned")
            .extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[tokio::test]
async fn no_secret_is_ever_logged_or_shown() {
    let log = Log::default();
    let _guard = log.record();

    let mut shown = String::new();
    for profile in [Profile::ecr("u", "hunter2"), Profile::quay("u", "hunter2")] {
        let fake = start(profile).await;
        fake.create_repository("team/app");
        fake.inject(Fault::new(Step::Patch, Action::RevokeTokens));
        fake.inject(Fault::status(Step::Storage, 503));
        let client = Client::new(config());
        let of = |credentials| {
            client
                .repository(&fake.host(), "team/app", Some(credentials))
                .expect("valid")
        };
        let known = of(basic("u", "hunter2"));
        round_trip(&known, "a", &image(noise(1000)))
            .await
            .expect("known");
        shown += &format!("{client:?} {known:?} {:?}", known.credentials().await);
        for credentials in [
            basic("u", "hunter3"),
            Credentials::RegistryToken("hunter3".into()),
            Credentials::IdentityToken {
                username: None,
                token: "hunter3".into(),
            },
        ] {
            shown += &format!("{credentials:?}");
            let error = of(credentials).check_push().await.expect_err("unknown");
            shown += &format!("{error} {error:?}");
        }
    }

    let logged = log.text();
    // The log works, so what is missing was left out on purpose.
    assert!(logged.contains("trying again"), "{logged}");
    // Basic credentials are base64: `dTpodW50ZXIy` is `u:hunter2`.
    for secret in ["hunter", "dTpodW50ZXI", "fake-token-", "X-Signature"] {
        assert!(!logged.contains(secret), "{secret}: {logged}");
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}
