use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// What a server sends for a request, to the byte.
pub(super) enum Answer {
    /// This, then close the connection.
    Close(Vec<u8>),
    /// This, then nothing until the client closes the connection.
    Hang(Vec<u8>),
}

/// A web server on a loopback port that takes one request per connection.
pub(super) struct Web {
    host: String,
    heads: Arc<Mutex<Vec<String>>>,
    left: Arc<Semaphore>,
    task: JoinHandle<()>,
}

impl Web {
    /// Answers each request by its target, which is a path, or for a proxy a URL.
    pub(super) async fn start(answer: impl Fn(&str) -> Answer + Send + Sync + 'static) -> Self {
        Self::serve(answer, None).await
    }

    /// As [`Web::start`], over TLS. The CA is put into `certs_dir`.
    pub(super) async fn secure(
        certs_dir: &Path,
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).expect("a name");
        let certificate = params.self_signed(&key).expect("signed");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("its key");
        let web = Self::serve(answer, Some(TlsAcceptor::from(Arc::new(config)))).await;
        let folder = certs_dir.join(&web.host);
        std::fs::create_dir(&folder).expect("created");
        std::fs::write(folder.join("ca.crt"), certificate.pem()).expect("written");
        web
    }

    async fn serve(
        answer: impl Fn(&str) -> Answer + Send + Sync + 'static,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let host = listener.local_addr().expect("bound").to_string();
        let heads = Arc::new(Mutex::new(Vec::new()));
        let left = Arc::new(Semaphore::new(0));
        let (seen, gone) = (Arc::clone(&heads), Arc::clone(&left));
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.expect("accepted");
                let (seen, gone) = (Arc::clone(&seen), Arc::clone(&gone));
                let (answer, tls) = (Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    let _ = match tls {
                        None => talk(stream, &*answer, &seen).await,
                        Some(tls) => match tls.accept(stream).await {
                            Ok(stream) => talk(stream, &*answer, &seen).await,
                            Err(error) => Err(error),
                        },
                    };
                    gone.add_permits(1);
                });
            }
        });
        Self {
            host,
            heads,
            left,
            task,
        }
    }

    /// `HOST:PORT`.
    pub(super) fn host(&self) -> &str {
        &self.host
    }

    /// The URL of a path by plain http.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.host)
    }

    /// The heads of all requests so far.
    pub(super) fn heads(&self) -> Vec<String> {
        self.heads.lock().expect("not poisoned").clone()
    }

    /// The number of requests so far.
    pub(super) fn count(&self) -> usize {
        self.heads().len()
    }

    /// Waits for the end of one more connection.
    pub(super) async fn left(&self) {
        let left = tokio::time::timeout(Duration::from_secs(30), self.left.acquire()).await;
        left.expect("the client leaves").expect("open").forget();
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one request. It fails when the client disconnects early, as some tests intend.
async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    answer: impl Fn(&str) -> Answer,
    seen: &Mutex<Vec<String>>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let head = String::from_utf8(head).expect("text");
    let target = head.split(' ').nth(1).expect("a target").to_owned();
    seen.lock().expect("not poisoned").push(head);
    match answer(&target) {
        Answer::Close(bytes) => {
            stream.write_all(&bytes).await?;
            stream.shutdown().await
        }
        Answer::Hang(bytes) => {
            stream.write_all(&bytes).await?;
            loop {
                stream.read_u8().await?;
            }
        }
    }
}

/// A reply of 200 with a `Content-Length`.
pub(super) fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("content-length: {}\r\n", body.len());
    reply("200 OK", &head, body)
}

/// A redirect to `location`.
pub(super) fn redirect(status: u16, location: &str) -> Answer {
    let head = format!("location: {location}\r\ncontent-length: 0\r\n");
    Answer::Close(reply(&format!("{status} Redirect"), &head, b""))
}

/// A reply with these header lines and this body.
pub(super) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("HTTP/1.1 {status}\r\n{headers}\r\n").into_bytes();
    bytes.extend_from_slice(body);
    bytes
}
