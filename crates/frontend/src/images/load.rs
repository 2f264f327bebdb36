use hyper::Response;
use serde::Serialize;
use sockerless_engine::{Digest, LoadOptions, Loaded, LoadedImage, LoadedLayer, Platform};

use crate::answer::{self, Body};
use crate::platform;
use crate::query::Params;
use crate::server::Frontend;
use crate::service::Call;
use crate::status::Failure;
use crate::version::ApiVersion;

/// Which lines end a load.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LoadResult {
    /// A line for each name, then one with the ID for each image.
    #[default]
    Full,
    /// A line for each name; the ID only for images without one. For clients that count lines.
    Docker,
}

/// `POST /images/load`: the images of an archive.
///
/// Everything is verified and committed before the first byte of the answer. The type of the
/// content means nothing: curl says that every body is a form.
pub(crate) async fn load(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let options = LoadOptions {
        platform: requested_platform(call.version, &params)?,
    };
    let quiet = params.flag("quiet");
    let loaded = frontend.engine.load(call.upload, options).await?;
    answer::lines(&lines(&loaded, quiet, frontend.config.load_result))
}

fn requested_platform(version: ApiVersion, params: &Params) -> Result<Option<Platform>, Failure> {
    if !version.at_least(48) {
        return Ok(None);
    }
    let mut values = params.all("platform");
    let first = values.next();
    if values.next().is_some() {
        return Err(Failure::bad_request(if version.at_least(52) {
            "sockerless loads one platform at a time or all: give one platform parameter or none"
        } else {
            "multiple platform parameters are not supported in this API version; \
             use API version 1.52 or later"
        }));
    }
    first.map(platform::parse).transpose()
}

/// One line of the answer, its fields in Docker's order.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Line {
    Progress {
        status: &'static str,
        #[serde(rename = "progressDetail")]
        detail: Progress,
        id: String,
    },
    Aux {
        aux: Aux,
    },
    Stream {
        stream: String,
    },
    /// Docker's line for nothing at all: an empty body would be no JSON.
    Nothing {},
}

/// Bytes.
#[derive(Debug, Serialize)]
struct Progress {
    current: u64,
    total: u64,
}

#[derive(Debug, Serialize)]
struct Aux {
    #[serde(rename = "ID")]
    id: Digest,
    #[serde(rename = "RepoTags")]
    repo_tags: Vec<String>,
    #[serde(rename = "RepoDigests")]
    repo_digests: Vec<String>,
}

/// What a load did, in Docker's words.
fn lines(loaded: &Loaded, quiet: bool, result: LoadResult) -> Vec<Line> {
    let images = &loaded.images;
    if images.is_empty() {
        return vec![Line::Nothing {}];
    }
    let mut lines = Vec::new();
    if !quiet {
        lines.extend(images.iter().flat_map(|image| &image.new_layers).map(layer));
        lines.extend(images.iter().map(aux));
    }
    let names = images.iter().flat_map(|image| &image.names);
    lines.extend(names.map(|name| stream(format!("Loaded image: {}\n", name.familiar()))));
    let with_id = images
        .iter()
        .filter(|image| result == LoadResult::Full || image.names.is_empty());
    lines.extend(with_id.map(|image| stream(format!("Loaded image ID: {}\n", image.id))));
    lines
}

fn layer(layer: &LoadedLayer) -> Line {
    Line::Progress {
        status: "Loading layer",
        detail: Progress {
            current: layer.size,
            total: layer.size,
        },
        id: layer.diff_id.short(),
    }
}

fn aux(image: &LoadedImage) -> Line {
    let aux = Aux {
        id: image.id,
        repo_tags: image
            .names
            .iter()
            .map(|name| name.familiar().to_owned())
            .collect(),
        repo_digests: image.repo_digests.clone(),
    };
    Line::Aux { aux }
}

fn stream(stream: String) -> Line {
    Line::Stream { stream }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(content: &str, names: &[&str]) -> LoadedImage {
        LoadedImage {
            id: Digest::of(content),
            names: names
                .iter()
                .map(|name| name.parse().expect("a name"))
                .collect(),
            repo_digests: Vec::new(),
            new_layers: vec![LoadedLayer {
                diff_id: Digest::of("layer"),
                size: 10240,
            }],
            moved: Vec::new(),
        }
    }

    fn loaded() -> Loaded {
        let images = vec![
            image("a", &["docker.io/library/alp:1", "x/y:2"]),
            image("b", &[]),
        ];
        Loaded { images }
    }

    fn texts(loaded: &Loaded, quiet: bool, result: LoadResult) -> Vec<String> {
        let text = |line: &Line| serde_json::to_string(line).expect("JSON");
        lines(loaded, quiet, result).iter().map(text).collect()
    }

    fn stream_text(text: impl std::fmt::Display) -> String {
        format!(r#"{{"stream":"{text}\n"}}"#)
    }

    #[test]
    fn all_lines() {
        let (a, b) = (Digest::of("a"), Digest::of("b"));
        let layer = format!(
            r#"{{"status":"Loading layer","progressDetail":{{"current":10240,"total":10240}},"id":"{}"}}"#,
            Digest::of("layer").short()
        );
        assert_eq!(
            texts(&loaded(), false, LoadResult::Full),
            [
                layer.clone(),
                layer,
                format!(
                    r#"{{"aux":{{"ID":"{a}","RepoTags":["alp:1","x/y:2"],"RepoDigests":[]}}}}"#
                ),
                format!(r#"{{"aux":{{"ID":"{b}","RepoTags":[],"RepoDigests":[]}}}}"#),
                stream_text("Loaded image: alp:1"),
                stream_text("Loaded image: x/y:2"),
                stream_text(format!("Loaded image ID: {a}")),
                stream_text(format!("Loaded image ID: {b}")),
            ]
        );
    }

    #[test]
    fn quiet_is_never_silent() {
        let names = ["alp:1", "x/y:2"].map(|name| stream_text(format!("Loaded image: {name}")));
        let ids = ["a", "b"]
            .map(|content| stream_text(format!("Loaded image ID: {}", Digest::of(content))));
        let full = texts(&loaded(), true, LoadResult::Full);
        assert_eq!(full, [&names[..], &ids[..]].concat());
        let docker = texts(&loaded(), true, LoadResult::Docker);
        assert_eq!(docker, [&names[..], &ids[1..]].concat());
        let nothing = Loaded { images: Vec::new() };
        assert_eq!(texts(&nothing, true, LoadResult::Full), ["{}"]);
    }

    #[test]
    fn platforms_by_version() {
        let version = |text| ApiVersion::negotiate(Some(text)).expect("served");
        let get = |text, query| {
            let params = Params::parse(query).expect("valid");
            requested_platform(version(text), &params).map_err(|failure| failure.message)
        };
        let arm = r#"platform={"os":"linux","architecture":"arm64"}"#;
        let twice = format!("{arm}&{arm}");
        assert_eq!(get("1.47", "platform=nonsense"), Ok(None));
        assert_eq!(get("1.48", "quiet=1"), Ok(None));
        let parsed = get("1.48", arm).expect("valid").expect("given");
        assert_eq!(
            (parsed.os.as_str(), parsed.architecture.as_str()),
            ("linux", "arm64")
        );
        assert!(get("1.48", "platform=").is_err());
        assert!(
            get("1.51", &twice)
                .expect_err("two")
                .contains("use API version 1.52")
        );
        assert!(
            get("1.52", &twice)
                .expect_err("two")
                .contains("one platform at a time")
        );
    }
}
