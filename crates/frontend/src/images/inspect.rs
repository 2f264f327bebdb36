//! `GET /images/{name}/json`: the description of one image.

use hyper::Response;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use sockerless_images::{Digest, Found};
use sockerless_oci::Descriptor;

use super::config::{ConfigDocument, NO_TIME, Settings};
use super::manifests::{self, ManifestSummary};
use super::names::tags_and_digests;
use super::size;
use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::platform;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /images/{name}/json`: everything about one image.
pub(crate) async fn inspect(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let params = call.params()?;
    let wants_manifests = call.version.at_least(48) && params.flag("manifests");
    let platform = platform::of_image(call.version, 49, &params)?;
    if wants_manifests && platform.is_some() {
        return Err(Failure::bad_request(
            "conflicting options: manifests and platform options cannot both be set",
        ));
    }
    let found = frontend.images.inspect(name, platform.as_ref()).await?;
    let images = &frontend.images;
    let image = wants_manifests.then(|| found.image.clone());
    let (bytes, version, own_os) = (
        found.config.len(),
        call.version,
        images.platform().os.clone(),
    );
    let response = images.compute_on(bytes, move || {
        let mut response = ImageInspect::of(&found, version, &own_os)?;
        if platform.is_some()
            && let (Some(descriptor), Some(variant)) = (
                &mut response.descriptor,
                found.image.variants.get(found.variant),
            )
        {
            descriptor.platform = Some(variant.platform.clone());
        }
        Ok::<_, Failure>(response)
    });
    let mut response = response.await??;
    if let Some(image) = image {
        response.manifests = manifests::summaries(images, &image).await?;
    }
    answer::large_json(images, bytes, response).await
}

/// The response, its fields in Docker's order. `None` is left out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ImageInspect {
    id: Digest,
    repo_tags: Vec<String>,
    repo_digests: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container_config: Option<Settings>,
    #[serde(skip_serializing_if = "Option::is_none")]
    docker_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<String>,
    config: Settings,
    architecture: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    os: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    os_version: Option<String>,
    /// -1 when it is not known.
    size: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    virtual_size: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_driver: Option<GraphDriver>,
    #[serde(rename = "RootFS")]
    root_fs: RootFs,
    metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    descriptor: Option<Descriptor>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    manifests: Vec<ManifestSummary>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GraphDriver {
    data: Value,
    name: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct RootFs {
    r#type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    layers: Vec<Digest>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    last_tag_time: String,
}

impl ImageInspect {
    /// `own_os` is the OS of an image whose config has none, as in Docker.
    fn of(found: &Found, version: ApiVersion, own_os: &str) -> Result<Self, Failure> {
        let document = ConfigDocument::parse(&found.config).map_err(|error| {
            Failure::internal("the image's config is kept here but cannot be read", &error)
        })?;
        let ConfigDocument { config, origin } = &document;
        let variant = found.image.variants.get(found.variant);
        let (repo_tags, repo_digests) = tags_and_digests(found);
        let below = |minor| !version.at_least(minor);
        // Texts that API 1.52 omits when they are empty.
        let text = |text: &str| Some(text.to_owned()).filter(|text| below(52) || !text.is_empty());
        let platform = &config.platform;
        Ok(Self {
            id: variant.map_or(found.image.id, |variant| variant.config),
            repo_tags,
            repo_digests,
            parent: below(52).then(String::new),
            comment: text(document.comment()),
            created: document
                .created_text()
                .or_else(|| below(44).then(|| NO_TIME.to_owned())),
            container: below(45).then(|| origin.container.clone()),
            container_config: match below(45) {
                true => Some(document.container_config()?),
                false => None,
            },
            docker_version: text(&origin.docker_version),
            author: text(&config.author),
            config: document.config(version)?,
            architecture: platform.architecture.clone(),
            variant: platform.variant.clone(),
            os: match platform.os.as_str() {
                "" => own_os,
                os => os,
            }
            .to_owned(),
            os_version: platform.os_version.clone(),
            size: size::shown(found.content_size),
            virtual_size: below(44).then(|| size::shown(found.content_size)),
            graph_driver: below(52).then_some(GraphDriver {
                data: Value::Null,
                name: "sockerless",
            }),
            root_fs: RootFs {
                r#type: config.rootfs_type.clone(),
                layers: variant
                    .map(|variant| variant.layers.iter().map(|layer| layer.diff_id).collect())
                    .unwrap_or_default(),
            },
            metadata: Metadata {
                last_tag_time: found
                    .last_tagged_at
                    .as_ref()
                    .map_or_else(|| NO_TIME.to_owned(), Timestamp::to_string),
            },
            descriptor: version.at_least(48).then(|| {
                let image = &found.image;
                Descriptor::new(&image.media_type, image.target, image.size)
            }),
            manifests: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::sample;

    fn found(config: &str) -> Found {
        sample::found(config, &["alpine:3"])
    }

    fn shown(found: &Found, version: &str) -> String {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        let inspect = ImageInspect::of(found, version, "linux").map_err(|failure| failure.message);
        serde_json::to_string(&inspect.expect("a config")).expect("JSON")
    }

    const CONFIG: &str = r#"{"architecture":"arm64","variant":"v8","os":"linux",
        "created":"2024-01-02T03:04:05.5Z","config":{"Env":["A=b"]},"history":[],
        "rootfs":{"type":"layers","diff_ids":[]}}"#;

    #[test]
    fn newest() {
        assert_eq!(
            shown(&found(CONFIG), "1.55"),
            format!(
                concat!(
                    r#"{{"Id":"{id}","RepoTags":["alpine:3"],"RepoDigests":[],"#,
                    r#""Created":"2024-01-02T03:04:05.5Z","Config":{{"Env":["A=b"]}},"#,
                    r#""Architecture":"arm64","Variant":"v8","Os":"linux","Size":12,"#,
                    r#""RootFS":{{"Type":"layers","Layers":["{layer}"]}},"#,
                    r#""Metadata":{{"LastTagTime":"0001-01-01T00:00:00Z"}},"Descriptor":{{"#,
                    r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#,
                    r#""digest":"{manifest}","size":8}}}}"#,
                ),
                id = Digest::of(CONFIG),
                layer = Digest::of("tar"),
                manifest = Digest::of("manifest"),
            )
        );
    }

    #[test]
    fn oldest() {
        let mut found =
            found(r#"{"os.version":"10.0.1","author":"me","history":[{},{"comment":"why"}]}"#);
        found.names.clear();
        found.last_tagged_at = Some("2026-05-06T07:08:09.12Z".parse().expect("a time"));
        let containers = r#""AttachStderr":false,"AttachStdin":false,"AttachStdout":false,"Cmd":null,"Domainname":"","Entrypoint":null,"Env":null,"Hostname":"","Image":"","Labels":null,"OnBuild":null,"OpenStdin":false,"StdinOnce":false,"Tty":false,"User":"","Volumes":null,"WorkingDir":"""#;
        assert_eq!(
            shown(&found, "1.24"),
            format!(
                concat!(
                    r#"{{"Id":"{id}","RepoTags":[],"RepoDigests":[],"Parent":"","Comment":"why","#,
                    r#""Created":"0001-01-01T00:00:00Z","Container":"","#,
                    r#""ContainerConfig":{{{containers}}},"DockerVersion":"","Author":"me","#,
                    r#""Config":{{{containers}}},"Architecture":"","Os":"linux","#,
                    r#""OsVersion":"10.0.1","Size":12,"VirtualSize":12,"#,
                    r#""GraphDriver":{{"Data":null,"Name":"sockerless"}},"#,
                    r#""RootFS":{{"Type":"","Layers":["{layer}"]}},"#,
                    r#""Metadata":{{"LastTagTime":"2026-05-06T07:08:09.12Z"}}}}"#,
                ),
                id = found.image.id,
                containers = containers,
                layer = Digest::of("tar"),
            )
        );
    }

    #[test]
    fn fields_come_and_go() {
        let found = found(r#"{"architecture":"amd64","os":"linux"}"#);
        let has = |version: &str, field: &str| {
            let value: Value = serde_json::from_str(&shown(&found, version)).expect("JSON");
            value.get(field).is_some()
        };
        for (field, last, first_without) in [
            ("VirtualSize", "1.43", "1.44"),
            ("Created", "1.43", "1.44"),
            ("Container", "1.44", "1.45"),
            ("ContainerConfig", "1.44", "1.45"),
            ("Parent", "1.51", "1.52"),
            ("Comment", "1.51", "1.52"),
            ("DockerVersion", "1.51", "1.52"),
            ("Author", "1.51", "1.52"),
            ("GraphDriver", "1.51", "1.52"),
        ] {
            assert!(has(last, field), "{field} in {last}");
            assert!(!has(first_without, field), "{field} in {first_without}");
        }
        assert!(!has("1.47", "Descriptor"));
        assert!(has("1.48", "Descriptor"));
    }
}
