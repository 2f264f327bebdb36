use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use sockerless_containers::Containers;
use sockerless_content::ContentStore;
use sockerless_frontend::{ConnectionLimits, Frontend, FrontendConfig, LoadResult};
use sockerless_images::{
    ClientLimits, Config, Images, ImportConfig, Limits, Platform, RegistryConfig,
};
use sockerless_registry::DockerConfigFile;
use sockerless_state::SqliteStore;
use sockerless_testkit::image::Image;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A frontend with everything it needs.
pub(crate) struct Scene {
    frontend: Frontend,
    root: tempfile::TempDir,
}

/// A client's connection.
pub(crate) struct Client {
    requests: SendRequest<Full<Bytes>>,
    /// Ends the connection gracefully.
    shutdown: Option<oneshot::Sender<()>>,
    served: JoinHandle<()>,
}

/// A response that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) is_chunked: bool,
    pub(crate) body: Bytes,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        let root = tempfile::tempdir().expect("folder");
        let content = ContentStore::open(root.path()).expect("content");
        let platform = Platform {
            os: "linux".to_owned(),
            architecture: "amd64".to_owned(),
            variant: None,
            os_version: None,
        };
        let config = Config {
            platform: platform.clone(),
            limits: Limits::default(),
            staging: None,
            cache_size: None,
            clients: ClientLimits::default(),
            import: ImportConfig {
                max_download_bytes: 1 << 20,
                allow_local: true,
            },
            share_credentials: false,
            registry: RegistryConfig {
                docker_config: DockerConfigFile::Never,
                ..RegistryConfig::default()
            },
        };
        let state = SqliteStore::in_memory().await.expect("state");
        let state = Arc::new(state);
        let images = Images::new(config, Arc::clone(&state) as _, content);
        let containers = Containers::new(images.clone(), state);
        let config = FrontendConfig {
            version: "0.0.0".to_owned(),
            platform,
            load_result: LoadResult::Full,
            id: "id".to_owned(),
            root_dir: String::new(),
            insecure_registries: Vec::new(),
            driver_status: Vec::new(),
            connections: ConnectionLimits::default(),
        };
        Self {
            frontend: Frontend::new(images, containers, config),
            root,
        }
    }

    /// The same with an image for each of these names, newest last.
    pub(crate) async fn with_images(names: &[&str]) -> Self {
        let scene = Self::new().await;
        for (second, name) in names.iter().enumerate() {
            let image = sample(name, second);
            scene.load(&image, &[name]).await;
        }
        scene
    }

    pub(crate) async fn load(&self, image: &Image, names: &[&str]) {
        let archive = image.docker_archive(names).finish();
        let answer = self.post("/images/load?quiet=1", archive).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        assert!(answer.text().contains("Loaded image"), "{}", answer.text());
    }

    /// The file of a blob.
    pub(crate) fn blob(&self, digest: &str) -> PathBuf {
        let hex = digest.trim_start_matches("sha256:");
        self.root.path().join("blobs/sha256").join(hex)
    }

    /// The response to these bytes, which the server can read and write only one at a time.
    pub(crate) async fn byte_by_byte(&self, request: &[u8]) -> String {
        let (client, server) = tokio::io::duplex(1);
        let served = tokio::spawn(
            self.frontend
                .serve_connection(server, std::future::pending()),
        );
        let (mut reader, mut writer) = tokio::io::split(client);
        let mut response = String::new();
        let (written, read) = tokio::join!(
            writer.write_all(request),
            reader.read_to_string(&mut response)
        );
        written.expect("written");
        read.expect("read");
        drop((reader, writer));
        served.await.expect("no panic");
        response
    }

    pub(crate) async fn connect(&self) -> Client {
        let (client, server) = tokio::io::duplex(1 << 16);
        let frontend = self.frontend.clone();
        let (shutdown, stopped) = oneshot::channel();
        let served = tokio::spawn(async move {
            let stopped = async {
                // An error means that the client was dropped, which does not request a shutdown.
                if stopped.await.is_err() {
                    std::future::pending::<()>().await;
                }
            };
            frontend.serve_connection(server, stopped).await;
        });
        let (requests, connection) = handshake(TokioIo::new(client)).await.expect("handshake");
        tokio::spawn(connection);
        Client {
            requests,
            shutdown: Some(shutdown),
            served,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, Vec::new()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.ask("DELETE", path, Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, body: Vec<u8>) -> Answer {
        self.ask("POST", path, body).await
    }

    async fn ask(&self, method: &str, path: &str, body: Vec<u8>) -> Answer {
        let request = Request::builder().method(method).uri(path);
        self.send(request, body).await
    }

    pub(crate) async fn send(
        &self,
        request: hyper::http::request::Builder,
        body: Vec<u8>,
    ) -> Answer {
        let response = self.connect().await.begin(request, body).await;
        let (parts, body) = response.into_parts();
        let header = |name: &str| {
            let value = parts.headers.get(name);
            value.map_or("", |value| value.to_str().expect("text"))
        };
        Answer {
            status: parts.status,
            content_type: header("content-type").to_owned(),
            is_chunked: header("transfer-encoding") == "chunked",
            body: body.collect().await.expect("a whole body").to_bytes(),
        }
    }
}

impl Client {
    /// Sends a request; returns the head of the response, its body unread.
    pub(crate) async fn begin(
        &mut self,
        request: hyper::http::request::Builder,
        body: Vec<u8>,
    ) -> Response<Incoming> {
        let request = request.header("host", "x").body(Full::new(body.into()));
        let request = request.expect("a request");
        self.requests
            .send_request(request)
            .await
            .expect("an answer")
    }

    /// Starts a shutdown, and waits until this connection has ended.
    pub(crate) async fn shut_down(&mut self) {
        let shutdown = self.shutdown.take().expect("once");
        shutdown.send(()).expect("served");
        (&mut self.served).await.expect("no panic");
    }

    /// Disconnects, and waits until the daemon has noticed.
    pub(crate) async fn leave(self, body: Incoming) {
        drop((self.requests, body));
        self.served.await.expect("no panic");
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{}", self.text());
        assert_eq!(self.content_type, "application/json");
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The status and message of a refusal.
    pub(crate) fn refusal(&self) -> (u16, String) {
        assert_eq!(self.content_type, "application/json");
        assert!(!self.is_chunked, "several clients read no error in chunks");
        let error: Value = serde_json::from_slice(&self.body).expect("JSON");
        let message = error["message"].as_str().expect("a message");
        (self.status.as_u16(), message.to_owned())
    }
}

/// An image that was made so many seconds after 2024-01-01.
pub(crate) fn sample(seed: &str, second: usize) -> Image {
    Image::sample(seed, 1).reconfigured(|config| {
        config["created"] = format!("2024-01-01T00:00:{second:02}Z").into();
    })
}
