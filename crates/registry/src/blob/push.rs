//! Pushing and mounting blobs.

use http::header::LOCATION;
use http::{Method, StatusCode, Uri};
use sockerless_reference::Digest;

use crate::auth::Scope;
use crate::error::{Error, ErrorKind, Fault, Subject};
use crate::location;
use crate::manifest::announced_digest;
use crate::registry::{Ask, Upload};
use crate::repository::Repository;
use crate::source::{Progress, Source};

/// How a blob came to be in the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobPush {
    /// It already existed; nothing was sent.
    Present,
    /// It was sent.
    Uploaded,
}

/// A blob that was sent before its digest was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewBlob {
    /// The digest of what was sent.
    pub digest: Digest,
    /// The number of bytes that were sent.
    pub size: u64,
}

/// Which request carries the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// One PATCH, then an empty PUT: what the Docker client does, and what proxies let pass.
    Patch,
    /// The PUT itself.
    Put,
}

/// Why a try failed, and whether another mode or session may succeed.
struct Failed {
    fault: Fault,
    /// Whether the request with the bytes was refused for its form, not for its content.
    wrong_mode: bool,
    /// Whether the session was lost, so that a new one may succeed.
    lost: bool,
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            wrong_mode: false,
            lost: false,
        }
    }
}

/// The state of a push over its tries.
struct Attempts {
    tries: crate::retry::Tries,
    mode: Mode,
    may_switch: bool,
    may_renew: bool,
}

impl Attempts {
    fn new(repository: &Repository) -> Self {
        let tries = repository.registry.tries(&repository.access);
        Self {
            tries,
            mode: Mode::Patch,
            may_switch: true,
            may_renew: true,
        }
    }

    /// Decides on the next try: at once, after a wait, or none.
    async fn after(&mut self, failed: Failed) -> Result<(), Fault> {
        if failed.wrong_mode && self.may_switch {
            tracing::debug!(fault = %failed.fault, "sending the blob in another way");
            self.may_switch = false;
            self.mode = Mode::Put;
            return Ok(());
        }
        // The credentials were renewed when they were refused: the next session has new ones.
        let refused = failed.fault.kind() == ErrorKind::Unauthorized
            || failed.fault.registry_status() == Some(401);
        if refused && self.may_renew {
            self.may_renew = false;
            return Ok(());
        }
        if failed.lost {
            return self.tries.again(failed.fault).await;
        }
        self.tries.after(failed.fault).await
    }
}

impl Repository {
    /// Sends a blob of `size` bytes, unless the repository has it.
    ///
    /// `source` is opened for each try. It must give exactly the bytes of `digest`, which the
    /// registry verifies.
    ///
    /// # Errors
    /// [`ErrorKind::Source`] if the source fails, [`ErrorKind::Mismatch`] if it has fewer or more
    /// bytes, and any failure of the registry. Only an upload session is left then, which the
    /// registry lets expire.
    pub async fn push_blob(
        &self,
        digest: &Digest,
        size: u64,
        source: &Source,
        progress: &Progress,
    ) -> Result<BlobPush, Error> {
        let mut attempts = Attempts::new(self);
        loop {
            // An optimisation: any error shows again, more clearly, in the upload. It is repeated,
            // because an upload whose reply was lost may have succeeded.
            if matches!(self.look_for_blob(digest, self.push_scope()).await, Ok(Some(n)) if n == size)
            {
                return Ok(BlobPush::Present);
            }
            match self
                .upload(attempts.mode, digest, size, source, progress)
                .await
            {
                Ok(()) => return Ok(BlobPush::Uploaded),
                Err(failed) => {
                    let next = attempts.after(failed).await;
                    next.map_err(|fault| self.error(Subject::Blob(*digest), fault))?;
                }
            }
        }
    }

    /// Sends a blob whose size and digest are known only at the end of `source`, such as one that
    /// is compressed while it is sent: in one request of unknown length.
    ///
    /// # Errors
    /// As [`Repository::push_blob`], and [`ErrorKind::LengthRequired`] from a registry that does
    /// not accept such a request: use [`Repository::push_blob`] then.
    pub async fn push_new_blob(
        &self,
        source: &Source,
        progress: &Progress,
    ) -> Result<NewBlob, Error> {
        let mut attempts = Attempts::new(self);
        attempts.may_switch = false;
        loop {
            match self.upload_new(source, progress).await {
                Ok(blob) => return Ok(blob),
                Err(failed) => {
                    let failed = match failed.fault {
                        Fault::Refused(refusal) if failed.wrong_mode => {
                            Failed::from(Fault::LengthRequired(refusal))
                        }
                        _ => failed,
                    };
                    let next = attempts.after(failed).await;
                    next.map_err(|fault| self.error(Subject::NewBlob, fault))?;
                }
            }
        }
    }

    /// Asks the registry to mount a blob from its repository `from`. Returns whether it did; if
    /// not, for any reason other than a failure of the registry, the caller pushes the blob.
    ///
    /// # Errors
    /// Any failure of the registry.
    pub async fn mount_blob(&self, digest: &Digest, from: &str) -> Result<bool, Error> {
        let mut tries = self.registry.tries(&self.access);
        loop {
            match self.try_mount(digest, from).await {
                Ok(mounted) => return Ok(mounted),
                Err(fault) => {
                    let waited = tries.after(fault).await;
                    waited.map_err(|fault| self.error(Subject::Blob(*digest), fault))?;
                }
            }
        }
    }

    async fn try_mount(&self, digest: &Digest, from: &str) -> Result<bool, Fault> {
        let url = self
            .url(&format!("blobs/uploads/?{}", mount_query(digest, from)))
            .await?;
        let scope = Scope::Push {
            repository: self.path().to_owned(),
            from: Some(from.to_owned()),
        };
        match self
            .registry
            .call(&self.access, &Ask::new(Method::POST, url, scope))
            .await
        {
            Ok(reply) => Ok(reply.status() == StatusCode::CREATED),
            // Without access to the other repository, registries and token servers reply in many
            // ways; the plain upload that follows reports the real error.
            Err(fault) => match fault.refusal().map(crate::Refusal::status) {
                Some(400..=407 | 409..=428) => Ok(false),
                _ => Err(fault),
            },
        }
    }

    /// One try, in a session of its own. A broken session is never resumed: registries disagree
    /// about what it then holds.
    async fn upload(
        &self,
        mode: Mode,
        digest: &Digest,
        size: u64,
        source: &Source,
        progress: &Progress,
    ) -> Result<(), Failed> {
        let session = self.begin_upload().await?;
        match mode {
            Mode::Patch => {
                let sent = self
                    .send(Method::PATCH, session, Some(size), source, progress)
                    .await?;
                self.commit(&sent.location, digest).await
            }
            Mode::Put => {
                let url = location::with_digest(&session, digest)?;
                self.send(Method::PUT, url, Some(size), source, progress)
                    .await?;
                Ok(())
            }
        }
    }

    async fn upload_new(&self, source: &Source, progress: &Progress) -> Result<NewBlob, Failed> {
        let session = self.begin_upload().await?;
        let sent = self
            .send(Method::PATCH, session, None, source, progress)
            .await?;
        let Some(digest) = sent.digest else {
            let text = "the registry answered before it had the whole blob".to_owned();
            return Err(Fault::Connection(text).into());
        };
        self.commit(&sent.location, &digest).await?;
        Ok(NewBlob {
            digest,
            size: sent.size,
        })
    }

    /// The request with the bytes.
    async fn send(
        &self,
        method: Method,
        url: Uri,
        size: Option<u64>,
        source: &Source,
        progress: &Progress,
    ) -> Result<Sent, Failed> {
        let stream = source.open().await.map_err(Fault::Source)?;
        let patch = method == Method::PATCH;
        let upload = Upload {
            method,
            url: url.clone(),
            scope: self.push_scope(),
            stream,
            size,
            progress: progress.clone(),
            hash: size.is_none(),
        };
        let (reply, watch) = match self.registry.upload(&self.access, upload).await {
            Ok(taken) => taken,
            Err(fault) => {
                let wrong_mode = patch && refuses_form(&fault, size.is_none());
                let lost = is_lost(&fault);
                return Err(Failed {
                    fault,
                    wrong_mode,
                    lost,
                });
            }
        };
        // The latest location counts; without a new one, the old one stays valid.
        let location = match reply.headers().get(LOCATION) {
            Some(location) if patch => self.upload_location(&url, Some(location)).await?,
            _ => url,
        };
        reply.drain().await;
        Ok(Sent {
            location,
            size: watch.sent(),
            digest: watch.digest(),
        })
    }

    /// The empty PUT that gives the upload its name.
    async fn commit(&self, location: &Uri, digest: &Digest) -> Result<(), Failed> {
        let url = location::with_digest(location, digest)?;
        let ask = Ask::new(Method::PUT, url, self.push_scope()).slow_answer();
        match self.registry.call(&self.access, &ask).await {
            Ok(reply) => {
                let stored = announced_digest(&reply);
                reply.drain().await;
                match stored.filter(|stored| stored != digest) {
                    None => Ok(()),
                    // It reports another digest, whatever its status.
                    Some(found) => Err(Failed::from(Fault::Digest {
                        expected: *digest,
                        found,
                    })),
                }
            }
            Err(fault) => {
                let lost = is_lost(&fault) || matches!(fault.registry_status(), Some(404 | 416));
                Err(Failed {
                    fault,
                    wrong_mode: false,
                    lost,
                })
            }
        }
    }
}

fn mount_query(digest: &Digest, from: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("mount", &digest.to_string())
        .append_pair("from", from)
        .finish()
}

/// What a request with bytes led to.
struct Sent {
    location: Uri,
    size: u64,
    digest: Option<Digest>,
}

/// Whether a PATCH was refused for its form: too large for a proxy, out of range, a URL without
/// PATCH, or a required length.
fn refuses_form(fault: &Fault, unknown_length: bool) -> bool {
    match fault {
        Fault::Refused(refusal) => match refusal.status() {
            404 | 413 | 416 => true,
            405 | 411 | 501 => true,
            400 => unknown_length && refusal.code() == Some("CONTENT_LENGTH_INVALID"),
            _ => false,
        },
        _ => false,
    }
}

/// Whether the registry has lost the session.
fn is_lost(fault: &Fault) -> bool {
    let code = match fault {
        Fault::Refused(refusal) => refusal.code(),
        _ => None,
    };
    matches!(code, Some("BLOB_UPLOAD_INVALID" | "BLOB_UPLOAD_UNKNOWN"))
}
