//! The URLs of a download, for messages and errors.

use http::Uri;

use super::target::shown;
use crate::error::{Error, Fault, Subject};
use crate::location::redact;

/// Where a download comes from, without secrets.
#[derive(Debug)]
pub(super) struct Origin {
    host: String,
    asked: String,
    redirected_to: Option<String>,
}

impl Origin {
    pub(super) fn new(url: &Uri) -> Self {
        Self {
            host: url.host().unwrap_or_default().to_owned(),
            asked: redact(&url.to_string()),
            redirected_to: None,
        }
    }

    /// The origin for a text that is not a URL.
    pub(super) fn invalid(text: &str) -> Self {
        Self {
            host: String::new(),
            asked: shown(text),
            redirected_to: None,
        }
    }

    /// Drops the redirects of the previous try.
    pub(super) fn begin(&mut self) {
        self.redirected_to = None;
    }

    pub(super) fn redirect(&mut self, to: &Uri) {
        self.redirected_to = Some(redact(&to.to_string()));
    }

    /// The URL after all redirects.
    pub(super) fn found(&self) -> &str {
        self.redirected_to.as_ref().unwrap_or(&self.asked)
    }

    pub(super) fn error(&self, fault: Fault) -> Error {
        let subject = Subject::Download {
            url: self.asked.clone(),
            redirected_to: self.redirected_to.clone(),
        };
        Error::new(self.host.as_str(), None, subject, fault)
    }
}
