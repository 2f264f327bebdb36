//! `POST /images/create`: pulls and imports.

use hyper::Response;
use sockerless_images::{ImportRequest, PullRequest};

use super::{import, pull};
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::query::Params;
use crate::status::Failure;

/// `POST /images/create`: pulls an image, or makes one of a file system.
pub(crate) async fn create(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let query = call.params()?;
    let auth = call.registry_auth();
    let Call {
        parts,
        version,
        upload,
        ..
    } = call;
    let own = frontend.images.platform();
    // The body is the file system then, and its type is ignored: curl labels every body as a form.
    if let Ok(Source::Body) = Source::of(&query) {
        let platform = platform::of_new_image(version, &query, own)?;
        let request = import_request(&query, platform, auth);
        return import::body(frontend, &parts, upload, request).await;
    }
    let params = query.with_form(upload.form().await?);
    let source = Source::of(&params)?;
    let platform = platform::of_new_image(version, &params, own)?;
    match source {
        Source::Registry(name) => {
            let request = PullRequest {
                from_image: name.to_owned(),
                tag: params.get("tag").unwrap_or_default().to_owned(),
                platform,
                auth,
            };
            pull::pull(frontend, &parts, request).await
        }
        Source::Url(url) => {
            let request = import_request(&params, platform, auth);
            import::url(frontend, &parts, url.to_owned(), request).await
        }
        Source::Body => Err(Failure::bad_request(
            "fromSrc=- says that the body is a file system, but it is a form: put the parameters \
             into the query",
        )),
    }
}

/// Where an image comes from.
#[derive(Debug, PartialEq, Eq)]
enum Source<'a> {
    /// A name that is pulled.
    Registry(&'a str),
    /// The request's body, a file system.
    Body,
    /// The file system at this URL.
    Url(&'a str),
}

impl<'a> Source<'a> {
    /// A pull takes precedence. `docker pull -a` once put a colon after the name.
    fn of(params: &'a Params) -> Result<Self, Failure> {
        if let Some(name) = params.non_empty("fromImage") {
            return Ok(Self::Registry(name.strip_suffix(':').unwrap_or(name)));
        }
        match params.non_empty("fromSrc") {
            Some("-") => Ok(Self::Body),
            Some(url) => Ok(Self::Url(url)),
            None => Err(Failure::bad_request(
                "the parameter fromImage is missing: give the name of the image to pull, or with \
                 fromSrc a file system to import",
            )),
        }
    }
}

fn import_request(
    params: &Params,
    platform: Option<sockerless_images::Platform>,
    auth: Option<String>,
) -> ImportRequest {
    let text = |name| params.get(name).unwrap_or_default().to_owned();
    ImportRequest {
        repository: text("repo"),
        tag: text("tag"),
        message: text("message"),
        changes: params.all("changes").map(str::to_owned).collect(),
        platform,
        auth,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(query).expect("valid")
    }

    #[test]
    fn sources() {
        for (query, source) in [
            ("fromImage=alpine", Source::Registry("alpine")),
            ("fromImage=a/b:&fromSrc=-", Source::Registry("a/b")),
            ("fromImage=&fromSrc=-", Source::Body),
            ("fromSrc=h/x.tar", Source::Url("h/x.tar")),
        ] {
            let params = params(query);
            let found = Source::of(&params).map_err(|failure| failure.message);
            assert_eq!(found, Ok(source), "{query}");
        }
        for query in ["", "fromImage=&tag=1", "fromSrc="] {
            let params = params(query);
            let failure = Source::of(&params).expect_err(query);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            let message = failure.message;
            assert!(message.contains("fromImage is missing"), "{message}");
        }
    }

    #[test]
    fn import_parameters() {
        let params = params("repo=a/b&tag=1&message=m&changes=ENV+A%3Db&changes=USER+me");
        let request = import_request(&params, None, Some("x".to_owned()));
        assert_eq!(request.repository, "a/b");
        assert_eq!(request.tag, "1");
        assert_eq!(request.message, "m");
        assert_eq!(request.changes, ["ENV A=b", "USER me"]);
        assert_eq!(request.auth.as_deref(), Some("x"));
    }
}
