use hyper::Response;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use sockerless_engine::{Engine, Usage};

use crate::answer::{self, Body};
use crate::call::Call;
use crate::containers;
use crate::frontend::Frontend;
use crate::images::ImageSummary;
use crate::query::Params;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /system/df`: what takes how much space.
pub(crate) async fn disk_usage(
    frontend: &Frontend,
    call: &Call,
) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let version = call.version;
    let wanted = Wanted::of(version, &params)?;
    let engine = &frontend.engine;
    let usages = Usages {
        images: match wanted.images {
            true => Some(images(engine.usage().await?, version)?),
            false => None,
        },
        containers: match wanted.containers {
            true => Some(containers(engine, version).await?),
            false => None,
        },
        // There are none of either.
        volumes: wanted.volumes.then(KindUsage::default),
        build_cache: wanted.build_cache.then(KindUsage::default),
    };
    let is_verbose = version.at_least(52) && params.flag("verbose");
    answer::json(&DiskUsage::of(&usages, version, is_verbose))
}

/// Which kinds of things are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Wanted {
    images: bool,
    containers: bool,
    volumes: bool,
    build_cache: bool,
}

impl Wanted {
    fn of(version: ApiVersion, params: &Params) -> Result<Self, Failure> {
        let mut kinds = params.all("type").peekable();
        if !version.at_least(42) || kinds.peek().is_none() {
            return Ok(Self {
                images: true,
                containers: true,
                volumes: true,
                build_cache: true,
            });
        }
        let mut wanted = Self::default();
        for kind in kinds {
            match kind {
                "image" => wanted.images = true,
                "container" => wanted.containers = true,
                "volume" => wanted.volumes = true,
                "build-cache" => wanted.build_cache = true,
                other => {
                    return Err(Failure::bad_request(format!(
                        "unknown object type: {other}"
                    )));
                }
            }
        }
        Ok(wanted)
    }
}

fn images(usage: Usage, version: ApiVersion) -> Result<KindUsage, Failure> {
    let Usage {
        layers_size,
        images,
    } = usage;
    let (mut active_count, mut used) = (0, 0);
    for row in images.iter().filter(|row| row.containers > 0) {
        active_count += 1;
        // What images share is not given back with one of them.
        let shared = row.shared_size.unwrap_or_default();
        used += row.found.size().saturating_sub(shared);
    }
    let items = images
        .into_iter()
        .map(|row| to_raw_value(&ImageSummary::of(row, version)).map_err(answer::unwritable))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(KindUsage {
        active_count,
        reclaimable: layers_size.saturating_sub(used),
        total_count: items.len(),
        total_size: layers_size,
        items,
    })
}

/// None runs, and none has files of its own.
async fn containers(engine: &Engine, version: ApiVersion) -> Result<KindUsage, Failure> {
    let all = containers::Wanted {
        size: true,
        ..containers::Wanted::default()
    };
    let items = containers::rows(engine, all, version).await?;
    Ok(KindUsage {
        total_count: items.len(),
        items,
        ..KindUsage::default()
    })
}

/// What was asked for.
#[derive(Debug, Default)]
struct Usages {
    images: Option<KindUsage>,
    containers: Option<KindUsage>,
    volumes: Option<KindUsage>,
    build_cache: Option<KindUsage>,
}

/// How much space things of one kind take, in bytes. What is nothing is left out, as in Docker.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct KindUsage {
    #[serde(skip_serializing_if = "is_default")]
    active_count: usize,
    #[serde(skip_serializing_if = "is_default")]
    reclaimable: u64,
    #[serde(skip_serializing_if = "is_default")]
    total_count: usize,
    #[serde(skip_serializing_if = "is_default")]
    total_size: u64,
    #[serde(skip)]
    items: Vec<Box<RawValue>>,
}

/// The same as the form since API 1.52 has it: with the things themselves only for who asks.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ShownUsage<'a> {
    #[serde(flatten)]
    totals: &'a KindUsage,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    items: &'a [Box<RawValue>],
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The answer: the form before API 1.52, the form since then, or both.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DiskUsage<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    layers_size: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    containers: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volumes: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_cache: Option<&'a [Box<RawValue>]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_usage: Option<ShownUsage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container_usage: Option<ShownUsage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    volume_usage: Option<ShownUsage<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_cache_usage: Option<ShownUsage<'a>>,
}

impl<'a> DiskUsage<'a> {
    fn of(usages: &'a Usages, version: ApiVersion, is_verbose: bool) -> Self {
        let mut answer = Self::default();
        // A client that knows the parameter knows the new form.
        if !is_verbose {
            let items = |usage: &'a Option<KindUsage>| Some(usage.as_ref()?.items.as_slice());
            answer.layers_size = usages.images.as_ref().map(|images| images.total_size);
            answer.images = items(&usages.images);
            answer.containers = items(&usages.containers);
            answer.volumes = items(&usages.volumes);
            answer.build_cache = items(&usages.build_cache);
        }
        if version.at_least(52) {
            let shown = |usage: &'a Option<KindUsage>| {
                let totals = usage.as_ref()?;
                let items = if is_verbose { &totals.items[..] } else { &[] };
                Some(ShownUsage { totals, items })
            };
            answer.image_usage = shown(&usages.images);
            answer.container_usage = shown(&usages.containers);
            answer.volume_usage = shown(&usages.volumes);
            answer.build_cache_usage = shown(&usages.build_cache);
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use bollard_stubs::models;
    use jiff::Timestamp;
    use sockerless_engine::ImageRow;

    use super::*;
    use crate::images::sample;

    fn version(text: &str) -> ApiVersion {
        ApiVersion::negotiate(Some(text)).expect("served")
    }

    fn row(name: &str, second: i64, containers: u64, shared: u64) -> ImageRow {
        ImageRow {
            found: sample::found("{}", &[name]),
            created: Timestamp::from_second(second).ok(),
            labels: BTreeMap::new(),
            containers,
            shared_size: Some(shared),
        }
    }

    #[test]
    fn kinds() {
        let read = |minor, query: &str| {
            let params = Params::parse(query).expect("valid");
            Wanted::of(version(minor), &params).map_err(|failure| failure.message)
        };
        let all = Wanted {
            images: true,
            containers: true,
            volumes: true,
            build_cache: true,
        };
        assert_eq!(read("1.42", "verbose=1"), Ok(all));
        assert_eq!(read("1.41", "type=bogus"), Ok(all));
        assert_eq!(
            read("1.42", "type=image&type=build-cache"),
            Ok(Wanted {
                containers: false,
                volumes: false,
                ..all
            })
        );
        let some = read("1.42", "type=container&type=volume").expect("known");
        assert!(some.containers && some.volumes && !some.images && !some.build_cache);
        for (query, message) in [
            ("type=bogus", "unknown object type: bogus"),
            ("type=", "unknown object type: "),
        ] {
            assert_eq!(read("1.42", query), Err(message.to_owned()));
        }
    }

    #[test]
    fn of_images() {
        let usage = Usage {
            layers_size: 20,
            images: vec![row("new:1", 2, 3, 4), row("old:1", 1, 0, 4)],
        };
        let usage = images(usage, version("1.30")).map_err(|failure| failure.message);
        let usage = usage.expect("JSON");
        assert_eq!(usage.active_count, 1);
        assert_eq!(usage.total_count, 2);
        assert_eq!(usage.total_size, 20);
        // The one in use has 12 bytes, and shares 4 of them.
        assert_eq!(usage.reclaimable, 12);
        assert!(usage.items[0].get().contains("new:1"), "in the same order");
        // Old clients count on these numbers here, though not in the list of images.
        let items = usage.items[0].get();
        assert!(items.contains(r#""Containers":3"#), "{items}");
        assert!(items.contains(r#""SharedSize":4"#), "{items}");
    }

    #[test]
    fn forms_by_version() {
        let item = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
        let usages = Usages {
            images: Some(KindUsage {
                total_count: 1,
                total_size: 5,
                items: vec![item(r#"{"Id":"i"}"#)],
                ..KindUsage::default()
            }),
            containers: Some(KindUsage::default()),
            volumes: Some(KindUsage::default()),
            build_cache: None,
        };
        let shown = |minor, is_verbose| {
            let usage = DiskUsage::of(&usages, version(minor), is_verbose);
            let text = serde_json::to_string(&usage).expect("JSON");
            serde_json::from_str::<models::SystemDataUsageResponse>(&text).expect("a usage");
            text
        };
        let old = r#""LayersSize":5,"Images":[{"Id":"i"}],"Containers":[],"Volumes":[]"#;
        let new = |items: &str| {
            format!(
                r#""ImageUsage":{{"TotalCount":1,"TotalSize":5{items}}},"ContainerUsage":{{}},"VolumeUsage":{{}}"#
            )
        };
        let items = r#","Items":[{"Id":"i"}]"#;
        assert_eq!(shown("1.51", false), format!("{{{old}}}"));
        assert_eq!(shown("1.52", false), format!("{{{old},{}}}", new("")));
        assert_eq!(shown("1.52", true), format!("{{{}}}", new(items)));
    }
}
