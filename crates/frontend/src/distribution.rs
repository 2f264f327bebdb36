//! `/distribution/…`: manifests in a registry.

use hyper::Response;
use serde::Serialize;
use sockerless_images::{Distribution, Platform};
use sockerless_oci::Descriptor;

use crate::answer::{self, Body};
use crate::call::Call;
use crate::frontend::Frontend;
use crate::status::Failure;

/// `GET /distribution/{name}/json`: the manifest or index that a registry has under a name.
pub(crate) async fn inspect(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let name = call.captures.get("name");
    let auth = call.registry_auth();
    let found = frontend.images.distribution(name, auth.as_deref()).await?;
    answer::json(&DistributionInspect::from(found))
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DistributionInspect {
    descriptor: Descriptor,
    platforms: Vec<Platform>,
}

impl From<Distribution> for DistributionInspect {
    fn from(found: Distribution) -> Self {
        Self {
            descriptor: Descriptor::new(found.media_type, found.digest, found.size),
            platforms: found.platforms,
        }
    }
}

#[cfg(test)]
mod tests {
    use sockerless_images::Digest;

    use super::*;

    #[test]
    fn shown_as_docker_does() {
        let platform = |os: &str, variant: Option<&str>, os_version: Option<&str>| Platform {
            os: os.to_owned(),
            architecture: "arm64".to_owned(),
            variant: variant.map(str::to_owned),
            os_version: os_version.map(str::to_owned),
        };
        let digest = Digest::of("index");
        let inspect = DistributionInspect::from(Distribution {
            media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
            digest,
            size: 730,
            platforms: vec![
                platform("linux", Some("v8"), None),
                platform("windows", None, Some("10.0.1")),
            ],
        });
        assert_eq!(
            serde_json::to_string(&inspect).expect("JSON"),
            format!(
                concat!(
                    r#"{{"Descriptor":{{"mediaType":"application/vnd.oci.image.index.v1+json","#,
                    r#""digest":"{digest}","size":730}},"Platforms":["#,
                    r#"{{"architecture":"arm64","os":"linux","variant":"v8"}},"#,
                    r#"{{"architecture":"arm64","os":"windows","os.version":"10.0.1"}}]}}"#
                ),
                digest = digest
            )
        );
    }
}
