//! Pulls of an image, and the lines that report them.

use std::time::Duration;

use hyper::Response;
use hyper::http::request::Parts;
use sockerless_images::{Progress, PullRequest, Reference, Update};
use tokio::time::sleep;

use super::transfer;
use crate::answer::Body;
use crate::frontend::Frontend;
use crate::message::Message;
use crate::status::Failure;
use crate::stream::{self, Step, Work};

/// How long silence does not count at the beginning: a refusal by a slow registry must be a status
/// then, because some clients read nothing else of a pull.
const PATIENCE: Duration = Duration::from_secs(20);

/// The half of `POST /images/create` that pulls an image.
pub(super) async fn pull(
    frontend: &Frontend,
    parts: &Parts,
    request: PullRequest,
) -> Result<Response<Body>, Failure> {
    let images = frontend.images.clone();
    let (progress, events) = Progress::channel();
    let work = async move { Ok(images.pull(request, &progress).await?) };
    let work = Work::new(work, events).patient_until(sleep(PATIENCE));
    let mut told = Told::default();
    stream::answer(parts, work, move |step| told.lines(step)).await
}

/// What a pull has reported so far.
#[derive(Debug, Default)]
struct Told {
    /// The first name that was pulled, and whether there were more.
    name: Option<(Reference, bool)>,
    newer: bool,
}

impl Told {
    fn lines(&mut self, step: Step<Update, ()>) -> Vec<Message> {
        match step {
            Step::Update(update) => {
                if let Update::Pulled { name, newer, .. } = &update {
                    self.newer |= newer;
                    match &mut self.name {
                        Some((_, several)) => *several = true,
                        None => self.name = Some((name.clone(), false)),
                    }
                }
                transfer::lines(update)
            }
            Step::Done(()) => self.status().into_iter().collect(),
        }
    }

    /// Clients look for these words in the last line.
    fn status(&self) -> Option<Message> {
        let (name, several) = self.name.as_ref()?;
        let name = if *several {
            name.familiar_repository()
        } else {
            name.familiar()
        };
        Some(Message::status(if self.newer {
            format!("Status: Downloaded newer image for {name}")
        } else {
            format!("Status: Image is up to date for {name}")
        }))
    }
}

#[cfg(test)]
mod tests {
    use sockerless_images::Digest;

    use super::*;
    use crate::message::texts;

    fn pulled(pulls: &[(&str, bool)]) -> Vec<String> {
        let mut told = Told::default();
        let mut lines = Vec::new();
        for &(name, newer) in pulls {
            let name: Reference = name.parse().expect("a name");
            lines.extend(told.lines(Step::Update(Update::PullBegins { name: name.clone() })));
            let digest = Digest::of("manifest");
            lines.extend(told.lines(Step::Update(Update::Pulled {
                name,
                digest,
                newer,
            })));
        }
        lines.extend(told.lines(Step::Done(())));
        texts(&lines)
    }

    #[test]
    fn the_last_line_tells_the_outcome() {
        let digest = format!(r#"{{"status":"Digest: {}"}}"#, Digest::of("manifest"));
        assert_eq!(
            pulled(&[("alpine:3", true)]),
            [
                r#"{"status":"Pulling from library/alpine","id":"3"}"#,
                &digest,
                r#"{"status":"Status: Downloaded newer image for alpine:3"}"#,
            ]
        );
        assert_eq!(
            pulled(&[("h:5000/a:1", false)]).last().map(String::as_str),
            Some(r#"{"status":"Status: Image is up to date for h:5000/a:1"}"#)
        );
        assert_eq!(
            pulled(&[("alpine:3", true), ("alpine:4", false)])
                .last()
                .map(String::as_str),
            Some(r#"{"status":"Status: Downloaded newer image for alpine"}"#)
        );
        assert_eq!(pulled(&[]), [""; 0]);
    }
}
