//! `GET /system/df`: disk usage.

use std::collections::VecDeque;

use bytes::Bytes;
use futures_util::{TryStreamExt, stream};
use hyper::Response;
use serde::Serialize;
use serde_json::value::RawValue;
use sockerless_images::Usage;

use crate::answer::{self, Body, Broken};
use crate::call::Call;
use crate::containers;
use crate::frontend::Frontend;
use crate::images::Rows;
use crate::query::Params;
use crate::status::Failure;
use crate::version::ApiVersion;

/// `GET /system/df`: disk usage. Sums are computed first; images are looked up again while the
/// client reads.
pub(crate) async fn disk_usage(frontend: &Frontend, call: Call) -> Result<Response<Body>, Failure> {
    let params = call.params()?;
    let version = call.version;
    let wanted = Wanted::of(version, &params)?;
    let images = &frontend.images;
    let (mut rows, mut totals) = (None, None);
    if wanted.images {
        let (usage, sharing) = images.usage().await?;
        totals = Some(Totals::of_images(&usage));
        let list = images.used_images(sharing).await?;
        rows = Some(Rows::new(frontend, &call, list));
    }
    let usages = Usages {
        images: totals,
        containers: match wanted.containers {
            true => Some(containers(frontend, version).await?),
            false => None,
        },
        // Neither exists here.
        volumes: wanted.volumes,
        build_cache: wanted.build_cache,
    };
    let is_verbose = version.at_least(52) && params.flag("verbose");
    let text = usages.text(version, is_verbose)?;
    let (method, path) = (call.parts.method.clone(), call.parts.uri.path().to_owned());
    let parts = stream::try_unfold((text, rows), async |(mut text, mut rows)| {
        let part = next_part(&mut text, &mut rows).await?;
        Ok::<_, Failure>(part.map(|part| (part, (text, rows))))
    });
    let parts = parts.map_err(move |failure| {
        failure.log(&method, &path);
        Broken
    });
    Ok(answer::json_stream(parts))
}

/// The next part of the response's text.
async fn next_part(text: &mut Text, rows: &mut Option<Rows>) -> Result<Option<Bytes>, Failure> {
    loop {
        match (text.parts.pop_front(), rows.as_mut()) {
            (None, _) => return Ok(None),
            (Some(Part::Text(text)), _) => return Ok(Some(text.into())),
            (Some(Part::Images { .. }), None) => {}
            (Some(Part::Images { begun }), Some(rows)) => {
                let page = rows.next_page().await?;
                if page.is_empty() {
                    continue;
                }
                text.parts.push_front(Part::Images { begun: true });
                if !begun {
                    return Ok(Some(page));
                }
                return Ok(Some([b",", page.as_ref()].concat().into()));
            }
        }
    }
}

/// Which kinds of objects are requested.
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

/// Containers here do not run and have no files of their own.
async fn containers(frontend: &Frontend, version: ApiVersion) -> Result<Containers, Failure> {
    let all = containers::Wanted {
        size: true,
        ..containers::Wanted::default()
    };
    let items = containers::rows(frontend, all, version).await?;
    Ok(Containers {
        totals: Totals {
            total_count: items.len() as u64,
            ..Totals::default()
        },
        items,
    })
}

/// The usage of the requested kinds.
#[derive(Debug, Default)]
struct Usages {
    images: Option<Totals>,
    containers: Option<Containers>,
    volumes: bool,
    build_cache: bool,
}

#[derive(Debug, Default)]
struct Containers {
    totals: Totals,
    items: Vec<Box<RawValue>>,
}

/// The disk usage of objects of one kind, in bytes. Zeros are omitted, as in Docker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Totals {
    #[serde(skip_serializing_if = "is_default")]
    active_count: u64,
    #[serde(skip_serializing_if = "is_default")]
    reclaimable: u64,
    #[serde(skip_serializing_if = "is_default")]
    total_count: u64,
    #[serde(skip_serializing_if = "is_default")]
    total_size: u64,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Totals {
    /// Removing one image does not free what it shares with others.
    fn of_images(usage: &Usage) -> Self {
        Self {
            active_count: usage.used_images,
            reclaimable: usage.layers_size.saturating_sub(usage.used_size),
            total_count: usage.images,
            total_size: usage.layers_size,
        }
    }
}

/// The text of the response, with a gap for the images.
#[derive(Debug, Default, PartialEq, Eq)]
struct Text {
    parts: VecDeque<Part>,
}

#[derive(Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Images { begun: bool },
}

impl Text {
    fn push(&mut self, text: &str) {
        match self.parts.back_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push_back(Part::Text(text.to_owned())),
        }
    }

    /// Begins a member of the object.
    fn member(&mut self, name: &str) {
        let comma = if self.parts.is_empty() { "{" } else { "," };
        self.push(comma);
        self.push(&format!("{name:?}:"));
    }

    fn images(&mut self) {
        self.push("[");
        self.parts.push_back(Part::Images { begun: false });
        self.push("]");
    }

    fn containers(&mut self, items: &[Box<RawValue>]) {
        self.push("[");
        for (index, item) in items.iter().enumerate() {
            self.push(if index > 0 { "," } else { "" });
            self.push(item.get());
        }
        self.push("]");
    }

    /// An object with sums, and with the objects themselves where `items` adds some.
    fn usage(
        &mut self,
        name: &str,
        totals: Totals,
        items: Option<&dyn Fn(&mut Self)>,
    ) -> Result<(), Failure> {
        self.member(name);
        let text = serde_json::to_string(&totals).map_err(answer::unwritable)?;
        let Some(items) = items.filter(|_| totals.total_count > 0) else {
            self.push(&text);
            return Ok(());
        };
        self.push(text.trim_end_matches('}'));
        self.push(",\"Items\":");
        items(self);
        self.push("}");
        Ok(())
    }
}

impl Usages {
    /// The response: the form before API 1.52, the form since then, or both. A client that knows
    /// `verbose` knows the new form.
    fn text(&self, version: ApiVersion, is_verbose: bool) -> Result<Text, Failure> {
        let mut text = Text::default();
        if !is_verbose {
            if let Some(totals) = &self.images {
                text.member("LayersSize");
                text.push(&totals.total_size.to_string());
                text.member("Images");
                text.images();
            }
            if let Some(containers) = &self.containers {
                text.member("Containers");
                text.containers(&containers.items);
            }
            for (is_wanted, name) in [(self.volumes, "Volumes"), (self.build_cache, "BuildCache")] {
                if is_wanted {
                    text.member(name);
                    text.push("[]");
                }
            }
        }
        if version.at_least(52) {
            if let Some(totals) = self.images {
                let items: &dyn Fn(&mut Text) = &Text::images;
                text.usage("ImageUsage", totals, is_verbose.then_some(items))?;
            }
            if let Some(containers) = &self.containers {
                let items: &dyn Fn(&mut Text) = &|text| text.containers(&containers.items);
                let items = is_verbose.then_some(items);
                text.usage("ContainerUsage", containers.totals, items)?;
            }
            for (is_wanted, name) in [
                (self.volumes, "VolumeUsage"),
                (self.build_cache, "BuildCacheUsage"),
            ] {
                if is_wanted {
                    text.usage(name, Totals::default(), None)?;
                }
            }
        }
        text.push(if text.parts.is_empty() { "{}\n" } else { "}\n" });
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use bollard_stubs::models;

    use super::*;

    fn version(text: &str) -> ApiVersion {
        ApiVersion::negotiate(Some(text)).expect("served")
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
    fn sums_of_images() {
        let usage = Usage {
            layers_size: 20,
            images: 2,
            used_images: 1,
            used_size: 8,
        };
        let totals = Totals {
            active_count: 1,
            reclaimable: 12,
            total_count: 2,
            total_size: 20,
        };
        assert_eq!(Totals::of_images(&usage), totals);
    }

    #[test]
    fn forms_by_version() {
        let item = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
        let usages = Usages {
            images: Some(Totals {
                total_count: 1,
                total_size: 5,
                ..Totals::default()
            }),
            containers: Some(Containers {
                totals: Totals {
                    total_count: 2,
                    ..Totals::default()
                },
                items: vec![item(r#"{"Id":"c"}"#), item(r#"{"Id":"d"}"#)],
            }),
            volumes: true,
            build_cache: false,
        };
        let shown = |minor, is_verbose| {
            let text = usages.text(version(minor), is_verbose);
            let text = text.map_err(|failure| failure.message).expect("JSON");
            let parts = text.parts.into_iter().map(|part| match part {
                Part::Text(text) => text,
                Part::Images { .. } => r#"{"Id":"i"}"#.to_owned(),
            });
            let text: String = parts.collect();
            serde_json::from_str::<models::SystemDataUsageResponse>(&text).expect("a usage");
            text
        };
        let containers = r#"[{"Id":"c"},{"Id":"d"}]"#;
        let old = format!(
            r#""LayersSize":5,"Images":[{{"Id":"i"}}],"Containers":{containers},"Volumes":[]"#
        );
        let new = |images: &str, containers: &str| {
            format!(
                r#""ImageUsage":{{"TotalCount":1,"TotalSize":5{images}}},"ContainerUsage":{{"TotalCount":2{containers}}},"VolumeUsage":{{}}"#
            )
        };
        assert_eq!(shown("1.51", false), format!("{{{old}}}\n"));
        assert_eq!(shown("1.52", false), format!("{{{old},{}}}\n", new("", "")));
        let items = new(
            r#","Items":[{"Id":"i"}]"#,
            &format!(r#","Items":{containers}"#),
        );
        assert_eq!(shown("1.52", true), format!("{{{items}}}\n"));
        let nothing = Usages::default().text(version("1.51"), false);
        let nothing = nothing.map_err(|failure| failure.message).expect("JSON");
        assert_eq!(nothing.parts, [Part::Text("{}\n".to_owned())]);
    }
}
