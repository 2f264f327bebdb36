//! The `platform` parameters: an OCI platform as JSON, with Docker's errors; for a pull and an
//! import as text.

mod json;

use sockerless_images::Platform;

use crate::query::Params;
use crate::status::Failure;
use crate::version::ApiVersion;

/// The requested variant of an image. The endpoint has the parameter since API 1.`since`.
pub(crate) fn of_image(
    version: ApiVersion,
    since: u16,
    params: &Params,
) -> Result<Option<Platform>, Failure> {
    match params.non_empty("platform") {
        Some(json) if version.at_least(since) => json::parse(json).map(Some),
        _ => Ok(None),
    }
}

/// The requested variants of an archive.
pub(crate) fn of_archive(version: ApiVersion, params: &Params) -> Result<Vec<Platform>, Failure> {
    if !version.at_least(48) {
        return Ok(Vec::new());
    }
    if !version.at_least(52) && params.all("platform").count() > 1 {
        return Err(Failure::bad_request(
            "multiple platform parameters are not supported in this API version; \
             use API version 1.52 or later",
        ));
    }
    params.all("platform").map(json::parse).collect()
}

/// The variants to remove.
pub(crate) fn of_removal(version: ApiVersion, params: &Params) -> Result<Vec<Platform>, Failure> {
    if !version.at_least(50) {
        return Ok(Vec::new());
    }
    params.all("platforms").map(json::parse).collect()
}

/// Reads `OS[/ARCH[/VARIANT]]`; missing parts are those of `own`.
pub(crate) fn parse_text(text: &str, own: &Platform) -> Result<Platform, Failure> {
    Platform::parse(text, own).map_err(|error| Failure::bad_request(error.to_string()))
}

/// The platform of a new image. Missing parts are those of `own`.
pub(crate) fn of_new_image(
    version: ApiVersion,
    params: &Params,
    own: &Platform,
) -> Result<Option<Platform>, Failure> {
    match params.non_empty("platform") {
        Some(text) if version.at_least(32) => parse_text(text, own).map(Some),
        _ => Ok(None),
    }
}

/// The variant that a container is for. Missing parts are those of `own`.
pub(crate) fn of_container(
    version: ApiVersion,
    params: &Params,
    own: &Platform,
) -> Result<Option<Platform>, Failure> {
    match params.non_empty("platform") {
        Some(text) if version.at_least(41) => parse_text(text, own).map(Some),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: &str = r#"={"os":"linux","architecture":"arm64"}"#;
    const AMD: &str = r#"={"os":"linux","architecture":"amd64"}"#;

    fn version(minor: &str) -> ApiVersion {
        ApiVersion::negotiate(Some(&format!("1.{minor}"))).expect("served")
    }

    fn params(query: &str) -> Params {
        Params::parse(query).expect("valid")
    }

    /// Architectures, or the message.
    fn shown(
        platforms: Result<impl IntoIterator<Item = Platform>, Failure>,
    ) -> Result<Vec<String>, String> {
        match platforms {
            Ok(platforms) => Ok(platforms.into_iter().map(|one| one.architecture).collect()),
            Err(failure) => {
                assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
                Err(failure.message)
            }
        }
    }

    fn architectures(wanted: &[&str]) -> Result<Vec<String>, String> {
        Ok(wanted.iter().map(|one| (*one).to_owned()).collect())
    }

    #[test]
    fn of_an_image() {
        let get = |minor, query: &str| shown(of_image(version(minor), 46, &params(query)));
        let arm = format!("platform{ARM}");
        assert_eq!(get("45", &arm), architectures(&[]));
        assert_eq!(get("46", &arm), architectures(&["arm64"]));
        assert_eq!(get("46", "platform="), architectures(&[]));
        assert_eq!(
            get("46", "platform=linux/arm64"),
            Err(
                "failed to parse platform: invalid character 'l' looking for beginning of value"
                    .to_owned()
            )
        );
    }

    #[test]
    fn of_an_archive() {
        let get = |minor, query: &str| shown(of_archive(version(minor), &params(query)));
        let one = format!("platform{ARM}");
        let two = format!("{one}&platform{AMD}");
        assert_eq!(get("47", "platform=nonsense"), architectures(&[]));
        assert_eq!(get("48", "quiet=1"), architectures(&[]));
        assert_eq!(get("48", &one), architectures(&["arm64"]));
        assert_eq!(
            get("48", "platform="),
            Err("failed to parse platform: unexpected end of JSON input".to_owned())
        );
        assert!(
            get("51", &two)
                .expect_err("two")
                .contains("use API version 1.52")
        );
        assert_eq!(get("52", &two), architectures(&["arm64", "amd64"]));
    }

    #[test]
    fn of_a_removal() {
        let get = |minor, query: &str| shown(of_removal(version(minor), &params(query)));
        let two = format!("platforms{ARM}&platforms{AMD}");
        assert_eq!(get("50", &two), architectures(&["arm64", "amd64"]));
        assert_eq!(get("50", "force=1"), architectures(&[]));
        assert_eq!(get("49", "platforms=x"), architectures(&[]));
        assert!(get("50", "platforms=x").is_err());
    }

    #[test]
    fn of_a_new_image() {
        let own = Platform::default();
        let get = |minor, query: &str| shown(of_new_image(version(minor), &params(query), &own));
        assert_eq!(get("31", "platform=linux/arm64"), architectures(&[]));
        assert_eq!(get("32", "platform=linux/arm64"), architectures(&["arm64"]));
        assert_eq!(get("32", "platform="), architectures(&[]));
        assert!(get("32", "platform=/").is_err());
    }
}
