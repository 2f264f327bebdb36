use hyper::Response;
use sockerless_engine::{Platform, Progress, PushRequest};

use super::transfer;
use crate::answer::Body;
use crate::platform;
use crate::query::Params;
use crate::server::Frontend;
use crate::service::Call;
use crate::status::Failure;
use crate::stream::{self, Step, Work};
use crate::version::ApiVersion;

/// `POST /images/{name}/push`: one tag of a name, or all, to the registry that the name says.
pub(crate) async fn push(
    frontend: &Frontend,
    call: Call,
    name: &str,
) -> Result<Response<Body>, Failure> {
    let query = call.params()?;
    let auth = call.registry_auth();
    let params = query.with_form(call.upload.form().await?);
    let request = PushRequest {
        name: name.to_owned(),
        tag: params.get("tag").unwrap_or_default().to_owned(),
        platform: requested_platform(call.version, &params)?,
        auth,
    };
    let engine = frontend.engine.clone();
    let (progress, events) = Progress::channel();
    let work = async move { Ok(engine.push(request, &progress).await?) };
    stream::answer(&call.parts, Work::new(work, events), |step| match step {
        Step::Event(event) => transfer::lines(event),
        Step::Done(()) => Vec::new(),
    })
    .await
}

fn requested_platform(version: ApiVersion, params: &Params) -> Result<Option<Platform>, Failure> {
    match params.non_empty("platform") {
        Some(json) if version.at_least(46) => platform::parse(json).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_are_read_from_api_1_46() {
        let get = |version, query| {
            let version = ApiVersion::negotiate(Some(version)).expect("served");
            let params = Params::parse(query).expect("valid");
            requested_platform(version, &params).map_err(|failure| failure.status.as_u16())
        };
        let arm = r#"platform={"os":"linux","architecture":"arm64"}"#;
        assert_eq!(get("1.45", arm), Ok(None));
        let platform = get("1.46", arm).expect("valid").expect("given");
        assert_eq!(platform.architecture, "arm64");
        assert_eq!(get("1.46", "platform="), Ok(None));
        assert_eq!(get("1.46", "platform=linux/arm64"), Err(400));
    }
}
