use std::time::Duration;

use hyper::Response;
use sockerless_engine::{Event, Platform, Progress, PullRequest, Reference};
use tokio::time::sleep;

use super::transfer;
use crate::answer::Body;
use crate::message::Message;
use crate::platform;
use crate::query::Params;
use crate::server::Frontend;
use crate::service::Call;
use crate::status::Failure;
use crate::stream::{self, Step, Work};
use crate::version::ApiVersion;

/// Silence that does not count at the beginning: in about half a minute a registry that cannot be
/// reached has been tried often enough, and that is to be a status, for there are clients that
/// read nothing else of a pull.
const PATIENCE: Duration = Duration::from_secs(20);

/// `POST /images/create`: pulls an image.
pub(crate) async fn create(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let query = call.params()?;
    let auth = call.registry_auth();
    let params = query.with_form(call.upload.form().await?);
    let request = PullRequest {
        from_image: source(&params)?.to_owned(),
        tag: params.get("tag").unwrap_or_default().to_owned(),
        platform: requested_platform(call.version, &params, frontend.engine.platform())?,
        auth,
    };
    let engine = frontend.engine.clone();
    let (progress, events) = Progress::channel();
    let work = async move { Ok(engine.pull(request, &progress).await?) };
    let work = Work::new(work, events).patient_until(sleep(PATIENCE));
    let mut told = Told::default();
    stream::answer(&call.parts, work, move |step| told.lines(step)).await
}

/// The name to pull. `docker pull -a` once put a colon after it.
fn source(params: &Params) -> Result<&str, Failure> {
    if let Some(name) = params.non_empty("fromImage") {
        return Ok(name.strip_suffix(':').unwrap_or(name));
    }
    Err(if params.non_empty("fromSrc").is_some() {
        Failure::not_implemented(
            "sockerless does not import file systems: load an image archive with \
             POST /images/load, or pull an image with the parameter fromImage",
        )
    } else {
        Failure::bad_request(
            "the parameter fromImage is missing: give the name of the image to pull",
        )
    })
}

fn requested_platform(
    version: ApiVersion,
    params: &Params,
    own: &Platform,
) -> Result<Option<Platform>, Failure> {
    match params.non_empty("platform") {
        Some(text) if version.at_least(32) => platform::parse_text(text, own).map(Some),
        _ => Ok(None),
    }
}

/// What a pull has told so far.
#[derive(Debug, Default)]
struct Told {
    /// The first name that was pulled, and whether there were more.
    name: Option<(Reference, bool)>,
    newer: bool,
}

impl Told {
    fn lines(&mut self, step: Step<Event, ()>) -> Vec<Message> {
        match step {
            Step::Event(event) => {
                if let Event::Pulled { name, newer, .. } = &event {
                    self.newer |= newer;
                    match &mut self.name {
                        Some((_, several)) => *several = true,
                        None => self.name = Some((name.clone(), false)),
                    }
                }
                transfer::lines(event)
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
    use sockerless_engine::Digest;

    use super::*;
    use crate::message::texts;

    fn params(query: &str) -> Params {
        Params::parse(query).expect("valid")
    }

    #[test]
    fn sources() {
        let get = |query: &str| {
            let params = params(query);
            let source = source(&params).map(str::to_owned);
            source.map_err(|failure| (failure.status.as_u16(), failure.message))
        };
        assert_eq!(get("fromImage=alpine"), Ok("alpine".to_owned()));
        assert_eq!(get("fromImage=a/b:&fromSrc=-"), Ok("a/b".to_owned()));
        let (status, message) = get("fromSrc=-").expect_err("an import");
        assert_eq!(status, 501);
        assert!(message.contains("does not import"), "{message}");
        let (status, message) = get("fromImage=&tag=1").expect_err("nothing");
        assert_eq!(status, 400);
        assert!(message.contains("fromImage is missing"), "{message}");
    }

    #[test]
    fn platforms_are_read_from_api_1_32() {
        let own = Platform::default();
        let get = |version| {
            let version = ApiVersion::negotiate(Some(version)).expect("served");
            let params = params("platform=linux/arm64");
            requested_platform(version, &params, &own).map_err(|failure| failure.message)
        };
        assert_eq!(get("1.31"), Ok(None));
        let platform = get("1.32").expect("valid").expect("given");
        assert_eq!(platform.architecture, "arm64");
    }

    fn pulled(pulls: &[(&str, bool)]) -> Vec<String> {
        let mut told = Told::default();
        let mut lines = Vec::new();
        for &(name, newer) in pulls {
            let name: Reference = name.parse().expect("a name");
            lines.extend(told.lines(Step::Event(Event::PullBegins { name: name.clone() })));
            let digest = Digest::of("manifest");
            lines.extend(told.lines(Step::Event(Event::Pulled {
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
