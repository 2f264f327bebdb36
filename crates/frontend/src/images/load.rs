//! `POST /images/load`: loads an archive, and reports its progress.

use std::future::{Future, pending};
use std::sync::Arc;

use hyper::Response;
use sockerless_images::{
    LoadOptions, Loaded, LoadedImage, LoadedLayer, Platform, Progress, Reference, Skipped, Update,
};

use super::transfer;
use crate::answer::Body;
use crate::call::Call;
use crate::frontend::Frontend;
use crate::message::{Aux, Message};
use crate::platform;
use crate::query::Params;
use crate::status::Failure;
use crate::stream::{self, Step, Work};
use crate::version::ApiVersion;

/// Lines that are made one at a time.
type Messages = Box<dyn Iterator<Item = Message> + Send>;

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
/// Everything is verified and committed before the first `Loaded image` line. Uploads to the
/// staging repository are reported while they run, if the client requests that; others get nothing
/// before the commit, so that a failure is a status. The type of the content is ignored: curl
/// labels every body as a form.
pub(crate) async fn load(frontend: &Frontend, mut call: Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let options = LoadOptions {
        platform: requested_platform(call.version, &params)?,
        auth: call.registry_auth(),
    };
    let quiet = params.flag("quiet");
    let is_live = params.get("quiet").is_some() && !quiet;
    let result = frontend.config.load_result;
    let images = frontend.images.clone();

    let (mut progress, events) = Progress::channel();
    if !is_live {
        progress = Progress::none();
    }
    let waiting = until_staged(call.upload.dropped(), images.stages());
    let work = async move { Ok(images.load(call.upload, options, &progress).await?) };
    let work = Work::new(work, events).patient_until(waiting);
    stream::answer(&call.parts, work, move |step| match step {
        Step::Update(update) => Box::new(staging_lines(update).into_iter()) as Messages,
        Step::Done(loaded) => Box::new(lines(loaded, quiet, result)),
    })
    .await
}

/// Ready when `uploaded` is, if images are staged. Without staging the commit is near then, and
/// this is never ready.
pub(super) async fn until_staged(uploaded: impl Future<Output = ()>, stages: bool) {
    uploaded.await;
    if !stages {
        pending::<()>().await;
    }
}

fn requested_platform(version: ApiVersion, params: &Params) -> Result<Option<Platform>, Failure> {
    let mut platforms = platform::of_archive(version, params)?;
    if platforms.len() > 1 {
        return Err(Failure::bad_request(
            "sockerless loads one platform at a time or all: give one platform parameter or none",
        ));
    }
    Ok(platforms.pop())
}

/// The lines for uploads to the staging repository. Aux is for images here.
fn staging_lines(update: Update) -> Vec<Message> {
    let mut lines = transfer::lines(update);
    lines.retain(|line| !line.has_aux());
    lines
}

/// The result of a load, in Docker's words. There may be a line for each of a hundred thousand
/// names, so each is made on demand.
fn lines(loaded: Loaded, quiet: bool, result: LoadResult) -> impl Iterator<Item = Message> + use<> {
    let images = Arc::new(loaded.images);
    let nothing = images.is_empty().then(Message::default);
    // Clients that count lines expect only those of Docker.
    let skipped = match !quiet || result == LoadResult::Full {
        true => skipped(&loaded.skipped),
        false => Vec::new(),
    };
    let each = move |images: &Arc<Vec<LoadedImage>>| {
        let images = Arc::clone(images);
        (0..images.len()).map(move |index| (Arc::clone(&images), index))
    };
    let layers = each(&images).flat_map(|(images, index)| {
        let layers = images[index].new_layers.clone();
        layers.into_iter().map(|new| layer(&new))
    });
    let told = layers.chain(each(&images).map(|(images, index)| aux(&images[index])));
    let names = each(&images).flat_map(|(images, index)| {
        let names = 0..images[index].names.len();
        names.flat_map(move |name| named(&images[index], name))
    });
    let ids = each(&images).filter_map(move |(images, index)| {
        let image = &images[index];
        let is_told = result == LoadResult::Full || image.names.is_empty();
        is_told.then(|| Message::stream(format!("Loaded image ID: {}\n", image.id)))
    });
    let told = (!quiet).then_some(told).into_iter().flatten();
    let told = nothing.into_iter().chain(told).chain(skipped);
    told.chain(names).chain(ids)
}

/// The lines for one name of an image.
fn named(image: &LoadedImage, index: usize) -> impl Iterator<Item = Message> + use<> {
    let name = image.names.get(index);
    let renamed = name.and_then(|name| renamed(image, name));
    let loaded = name.map(|name| Message::stream(format!("Loaded image: {}\n", name.familiar())));
    renamed.into_iter().chain(loaded)
}

/// What the archive has besides its images. Programs look for images in lines of a `stream`.
fn skipped(skipped: &Skipped) -> Vec<Message> {
    let artifacts = skipped.artifacts.iter();
    let mut lines: Vec<_> = artifacts
        .map(|artifact| Message::status(format!("Skipped, not an image: {artifact}")))
        .collect();
    let rest = skipped.count - skipped.artifacts.len();
    if rest > 0 {
        let text = format!("Skipped {rest} more that are not images");
        lines.push(Message::status(text));
    }
    lines
}

/// Docker's message for an image that loses its name.
fn renamed(image: &LoadedImage, name: &Reference) -> Option<Message> {
    let old = image.moved.get(name)?;
    Some(Message::stream(format!(
        "The image {} already exists, renaming the old one with ID {old} to empty string\n",
        name.familiar()
    )))
}

fn layer(layer: &LoadedLayer) -> Message {
    let size = layer.size;
    Message::progress(layer.diff_id.short(), "Loading layer", size, Some(size))
}

fn aux(image: &LoadedImage) -> Message {
    let names = image.names.iter().map(Reference::familiar);
    Message::aux(Aux::Loaded {
        id: image.id,
        repo_tags: names.map(str::to_owned).collect(),
        repo_digests: image.repo_digests.clone(),
    })
}

#[cfg(test)]
mod tests {
    use sockerless_images::{Artifact, Digest, LayerStep};
    use std::collections::HashMap;

    use super::*;
    use crate::message;

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
            moved: HashMap::new(),
        }
    }

    fn loaded() -> Loaded {
        let images = vec![
            image("a", &["docker.io/library/alp:1", "x/y:2"]),
            image("b", &[]),
        ];
        Loaded {
            images,
            skipped: Skipped::default(),
        }
    }

    fn texts(loaded: &Loaded, quiet: bool, result: LoadResult) -> Vec<String> {
        let lines: Vec<_> = lines(loaded.clone(), quiet, result).collect();
        message::texts(&lines)
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
    fn a_name_that_moves_is_told_before_it_is_loaded() {
        let mut image = image("a", &["x/y:1", "x/y:2"]);
        let old = Digest::of("old");
        image.moved = HashMap::from([("x/y:2".parse().expect("a name"), old)]);
        let loaded = Loaded {
            images: vec![image],
            skipped: Skipped::default(),
        };
        let lines = texts(&loaded, true, LoadResult::Docker);
        assert_eq!(
            lines,
            [
                stream_text("Loaded image: x/y:1"),
                stream_text(format!(
                    "The image x/y:2 already exists, renaming the old one with ID {old} to empty \
                     string"
                )),
                stream_text("Loaded image: x/y:2"),
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
        let nothing = Loaded {
            images: Vec::new(),
            skipped: Skipped::default(),
        };
        assert_eq!(texts(&nothing, true, LoadResult::Full), ["{}"]);
    }

    #[test]
    fn what_is_not_an_image_is_told_before_the_images() {
        let digest = Digest::of("chart");
        let chart = Artifact {
            digest,
            kind: "application/vnd.cncf.helm.config.v1+json".to_owned(),
        };
        let loaded = Loaded {
            images: vec![image("a", &["x/y:1"])],
            skipped: Skipped {
                artifacts: vec![chart],
                count: 3,
            },
        };
        let lines = texts(&loaded, false, LoadResult::Docker);
        assert_eq!(
            lines[2..],
            [
                format!(
                    "{{\"status\":\"Skipped, not an image: {digest}, a Helm chart \
                     (application/vnd.cncf.helm.config.v1+json)\"}}"
                ),
                r#"{"status":"Skipped 2 more that are not images"}"#.to_owned(),
                stream_text("Loaded image: x/y:1"),
            ]
        );
        assert_eq!(texts(&loaded, true, LoadResult::Full).len(), 4);
        assert_eq!(texts(&loaded, true, LoadResult::Docker).len(), 1);
    }

    #[test]
    fn staging_has_no_aux() {
        let (digest, layer) = (Digest::of("manifest"), Digest::of("layer"));
        let step = LayerStep::Pushed;
        let pushed = staging_lines(Update::Layer { id: layer, step });
        assert_eq!(pushed.len(), 1);
        let pushed = staging_lines(Update::Pushed {
            tag: "t".to_owned(),
            digest,
            size: 5,
            instead_of: Some(layer),
        });
        assert_eq!(
            message::texts(&pushed),
            [format!(r#"{{"status":"t: digest: {digest} size: 5"}}"#)]
        );
    }

    #[test]
    fn one_platform_or_all() {
        let version = ApiVersion::MAX;
        let get = |query: &str| {
            let params = Params::parse(query).expect("valid");
            requested_platform(version, &params).map_err(|failure| failure.message)
        };
        let arm = r#"platform={"os":"linux","architecture":"arm64"}"#;
        assert_eq!(get("quiet=1"), Ok(None));
        let platform = get(arm).expect("valid").expect("given");
        assert_eq!(platform.architecture, "arm64");
        let error = get(&format!("{arm}&{arm}")).expect_err("two");
        assert!(error.contains("one platform at a time"), "{error}");
    }
}
