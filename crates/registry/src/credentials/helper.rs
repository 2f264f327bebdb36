//! Running credential helpers.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use sockerless_oci::json::{any_case, decode};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use super::{CredentialError, Credentials, TOKEN_USER};
use crate::secret::Secret;

/// Maximum bytes of a helper's output that are read: more than any token has.
const OUTPUT_LIMIT: u64 = 64 << 10;

/// A credential helper: a program that reads a registry from its standard input and prints the
/// credentials as JSON. It runs without a shell.
#[derive(Debug)]
pub(crate) struct Helper {
    program: String,
    path: PathBuf,
}

#[derive(Default)]
struct Answer {
    username: String,
    secret: String,
}

any_case!(Answer, "credentials" { "username" => username, "secret" => secret });

impl Helper {
    /// Finds the helper called `name` in the absolute folders of `search`, which has the form of
    /// `PATH`. Blocking, for a few calls of `stat`.
    pub(crate) fn find(name: &str, search: &OsStr) -> Result<Self, CredentialError> {
        let bare = !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !bare {
            return Err(CredentialError::HelperName {
                name: name.to_owned(),
            });
        }
        let program = format!("docker-credential-{name}");
        let found = std::env::split_paths(search)
            .filter(|folder| folder.is_absolute())
            .map(|folder| folder.join(&program))
            .find(|path| path.is_file());
        match found {
            Some(path) => Ok(Self { program, path }),
            None => Err(CredentialError::HelperMissing { program }),
        }
    }

    /// The program's name.
    pub(crate) fn program(&self) -> &str {
        &self.program
    }

    /// Gets the credentials of `key`; `None` if the helper reports that it has none.
    pub(crate) async fn get(
        &self,
        key: &str,
        limit: Duration,
    ) -> Result<Option<Credentials>, CredentialError> {
        match tokio::time::timeout(limit, self.run(key)).await {
            Ok(answer) => answer,
            // The child is killed with the future that held it.
            Err(_) => Err(CredentialError::HelperTimeout {
                program: self.program.clone(),
                limit,
            }),
        }
    }

    async fn run(&self, key: &str) -> Result<Option<Credentials>, CredentialError> {
        let failed = |error: std::io::Error| self.failure(error.to_string());
        let mut child = Command::new(&self.path)
            .arg("get")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            // A helper that ends without reading may still have printed why.
            match input.write_all(format!("{key}\n").as_bytes()).await {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    return Err(failed(error));
                }
                _ => {}
            }
        }
        let mut output = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout
                .take(OUTPUT_LIMIT + 1)
                .read_to_end(&mut output)
                .await
                .map_err(failed)?;
        }
        if output.len() as u64 > OUTPUT_LIMIT {
            return Err(self.failure(format!("an answer longer than {OUTPUT_LIMIT} bytes")));
        }
        let status = child.wait().await.map_err(failed)?;
        if status.success() {
            self.answer(&output)
        } else {
            self.refusal(&output, status)
        }
    }

    fn answer(&self, output: &[u8]) -> Result<Option<Credentials>, CredentialError> {
        // The parser's message could quote the answer.
        let answer: Answer = decode(output)
            .map_err(|_| self.failure("its answer is not the JSON of credentials".to_owned()))?;
        let secret = Secret::new(answer.secret);
        if answer.username == TOKEN_USER {
            return Ok(Some(Credentials::IdentityToken {
                username: None,
                token: secret,
            }));
        }
        if answer.username.is_empty() && secret.is_empty() {
            return Ok(None);
        }
        Ok(Some(Credentials::Basic {
            username: answer.username,
            password: secret,
        }))
    }

    /// Helpers print their errors on standard output.
    fn refusal(
        &self,
        output: &[u8],
        status: std::process::ExitStatus,
    ) -> Result<Option<Credentials>, CredentialError> {
        let text = String::from_utf8_lossy(output);
        let text = text.trim();
        match text {
            "credentials not found in native keychain"
            | "no credentials server URL"
            | "no credentials username" => Ok(None),
            "" => Err(self.failure(format!("ended with {status} and no word"))),
            _ => {
                let line: String = text
                    .lines()
                    .next()
                    .unwrap_or_default()
                    .chars()
                    .take(256)
                    .collect();
                Err(self.failure(line))
            }
        }
    }

    fn failure(&self, reason: String) -> CredentialError {
        CredentialError::Helper {
            program: self.program.clone(),
            reason,
        }
    }
}
