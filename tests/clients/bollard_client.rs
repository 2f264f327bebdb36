//! The crate bollard: what its users do with images and containers.

use std::collections::HashMap;

use bollard::errors::Error;
use bollard::models::{ContainerCreateBody, EventMessage, HostConfig};
use bollard::query_parameters::{
    CreateContainerOptions, CreateContainerOptionsBuilder, CreateImageOptionsBuilder,
    DataUsageOptionsBuilder, EventsOptionsBuilder, ImportImageOptionsBuilder,
    InspectContainerOptions, ListContainersOptionsBuilder, ListImagesOptions,
    ListImagesOptionsBuilder, PruneImagesOptionsBuilder, RemoveContainerOptionsBuilder,
    RemoveImageOptionsBuilder, RenameContainerOptionsBuilder, StartContainerOptions,
    TagImageOptionsBuilder,
};
use bollard::{API_DEFAULT_VERSION, Docker, body_full};
use futures_util::{Stream, StreamExt as _, TryStreamExt as _};
use sockerless_testkit::daemon::Daemon;
use sockerless_testkit::tar::Tar;

use crate::saved::files;
use crate::{BASE, BASE_NAME, HELPER, HELPER_NAME, TWO_IMAGES, daemon, daemon_with_images, read};

/// Runs a scenario with a client that speaks the newest version both know.
fn with<F: Future<Output = ()>>(daemon: &Daemon, scenario: impl FnOnce(Docker) -> F) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let docker = Docker::connect_with_unix(&daemon.host(), 60, API_DEFAULT_VERSION).unwrap();
        scenario(docker.negotiate_version().await.unwrap()).await;
    });
}

fn filter<'a>(name: &'a str, value: &'a str) -> HashMap<&'a str, Vec<&'a str>> {
    HashMap::from([(name, vec![value])])
}

/// The status and the message with which the daemon refused.
fn refusal<T: std::fmt::Debug>(result: Result<T, Error>) -> (u16, String) {
    match result {
        Err(Error::DockerResponseServerError {
            status_code,
            message,
        }) => (status_code, message),
        other => panic!("{other:?}"),
    }
}

async fn bytes<B: AsRef<[u8]>>(stream: impl Stream<Item = Result<B, Error>>) -> Vec<u8> {
    let chunks: Vec<B> = stream.try_collect().await.unwrap();
    chunks
        .iter()
        .flat_map(|chunk| chunk.as_ref().to_vec())
        .collect()
}

#[test]
fn import() {
    with(&daemon(), async |docker| {
        let options = CreateImageOptionsBuilder::new()
            .from_src("-")
            .repo("team/imported")
            .tag("1")
            .message("by bollard")
            .changes(vec![r#"CMD ["serve"]"#.to_owned(), "USER 1000".to_owned()])
            .build();
        let tar = Tar::new().file("hello", "hello\n").finish();
        let answer = docker.create_image(Some(options), Some(body_full(tar.into())), None);
        let lines: Vec<_> = answer.try_collect().await.unwrap();
        let image = docker.inspect_image("team/imported:1").await.unwrap();
        assert_eq!(lines.last().unwrap().status, image.id);
        let config = image.config.unwrap();
        assert_eq!(config.cmd, Some(vec!["serve".to_owned()]));
        assert_eq!(config.user.as_deref(), Some("1000"));
        let history = docker.image_history("team/imported:1").await.unwrap();
        assert_eq!(history[0].comment, "by bollard");
    });
}

#[test]
fn export_and_import() {
    let daemon = daemon_with_images();
    with(&daemon, async |docker| {
        let one = bytes(docker.export_image(HELPER_NAME)).await;
        let both = bytes(docker.export_images(&[HELPER_NAME, BASE_NAME])).await;
        let items = |archive: &[u8]| {
            let manifest = files(archive).remove("manifest.json").unwrap();
            let manifest: Vec<serde_json::Value> = serde_json::from_slice(&manifest).unwrap();
            manifest.len()
        };
        assert_eq!((items(&one), items(&both)), (1, 2));
        let missing = docker
            .export_image("nosuch:1")
            .try_collect::<Vec<_>>()
            .await;
        assert_eq!(refusal(missing).0, 404);

        let force = RemoveImageOptionsBuilder::new().force(true).build();
        for id in [HELPER, BASE] {
            let removed = docker
                .remove_image(id, Some(force.clone()), None)
                .await
                .unwrap();
            assert!(
                removed.iter().any(|it| it.deleted.as_deref() == Some(id)),
                "{removed:?}"
            );
        }
        let quiet = ImportImageOptionsBuilder::new().quiet(true).build();
        let loaded = docker.import_image(quiet, body_full(both.into()), None);
        let loaded: Vec<_> = loaded.try_collect().await.unwrap();
        assert!(
            loaded.iter().all(|line| line.error_detail.is_none()),
            "{loaded:?}"
        );
        assert_eq!(
            docker.inspect_image(BASE_NAME).await.unwrap().id.as_deref(),
            Some(BASE)
        );
    });
}

#[test]
fn list() {
    let daemon = daemon_with_images();
    with(&daemon, async |docker| {
        let tag = TagImageOptionsBuilder::new()
            .repo("team/helper")
            .tag("1")
            .build();
        docker.tag_image(HELPER, Some(tag)).await.unwrap();
        for (name, value, expected) in [
            ("reference", "team/*", vec![HELPER]),
            ("reference", "nosuch", vec![]),
            (
                "label",
                "org.opencontainers.image.title=helper",
                vec![HELPER],
            ),
            ("dangling", "false", vec![HELPER, BASE]),
            ("dangling", "true", vec![]),
            ("since", BASE_NAME, vec![HELPER]),
            ("until", "2000-01-01", vec![]),
        ] {
            let filters = filter(name, value);
            let options = ListImagesOptionsBuilder::new().filters(&filters).build();
            let images = docker.list_images(Some(options)).await.unwrap();
            let ids: Vec<&str> = images.iter().map(|image| image.id.as_str()).collect();
            assert_eq!(ids, expected, "{name}={value}");
        }
        let filters = filter("nonsense", "x");
        let options = ListImagesOptionsBuilder::new().filters(&filters).build();
        let (status, message) = refusal(docker.list_images(Some(options)).await);
        assert_eq!(
            (status, message.as_str()),
            (400, "invalid filter 'nonsense'")
        );
    });
}

#[test]
fn containers() {
    let daemon = daemon_with_images();
    with(&daemon, async |docker| {
        let body = |image: &str| ContainerCreateBody {
            image: Some(image.to_owned()),
            cmd: Some(vec!["sh".to_owned(), "-c".to_owned(), "make".to_owned()]),
            env: Some(vec!["CI=true".to_owned()]),
            labels: Some(HashMap::from([("job".to_owned(), "1".to_owned())])),
            host_config: Some(HostConfig {
                memory: Some(64 << 20),
                auto_remove: Some(true),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let named = |name: &str| Some(CreateContainerOptionsBuilder::new().name(name).build());
        let missing = docker
            .create_container(named("job"), body("nosuch:1"))
            .await;
        assert_eq!(
            refusal(missing),
            (404, "No such image: nosuch:1".to_owned())
        );
        let created = docker
            .create_container(named("job"), body(HELPER_NAME))
            .await
            .unwrap();
        assert_eq!(created.warnings, Vec::<String>::new());
        let inspected = docker
            .inspect_container("job", None::<InspectContainerOptions>)
            .await
            .unwrap();
        assert_eq!(inspected.id.as_ref(), Some(&created.id));
        assert_eq!(inspected.image.as_deref(), Some(HELPER));
        assert_eq!(
            inspected.host_config.and_then(|it| it.memory),
            Some(64 << 20)
        );
        let again = docker.create_container(named("job"), body(BASE)).await;
        assert_eq!(refusal(again).0, 409);

        let rename = RenameContainerOptionsBuilder::new().name("work").build();
        docker.rename_container("job", rename).await.unwrap();
        let filters = filter("name", "work");
        let options = ListContainersOptionsBuilder::new()
            .all(true)
            .filters(&filters)
            .build();
        let listed = docker.list_containers(Some(options)).await.unwrap();
        assert_eq!(listed.len(), 1);
        assert_eq!(listed[0].names, Some(vec!["/work".to_owned()]));
        assert_eq!(listed[0].image_id.as_deref(), Some(HELPER));
        let (status, message) = refusal(
            docker
                .start_container("work", None::<StartContainerOptions>)
                .await,
        );
        assert_eq!(status, 501);
        assert!(
            message.contains("no execution backend is configured"),
            "{message}"
        );
        // It would be removed at its end, and cannot start.
        let force = RemoveContainerOptionsBuilder::new().force(true).build();
        let removed = docker.remove_container("work", Some(force)).await;
        assert_eq!(
            refusal(removed),
            (404, "No such container: work".to_owned())
        );
        let gone = docker
            .inspect_container("work", None::<InspectContainerOptions>)
            .await;
        assert_eq!(refusal(gone), (404, "No such container: work".to_owned()));
    });
}

#[test]
fn events() {
    with(&daemon(), async |docker| {
        let filters = filter("type", "image");
        let options = EventsOptionsBuilder::new()
            .since("0")
            .filters(&filters)
            .build();
        let mut events = Box::pin(docker.events(Some(options)));
        let quiet = ImportImageOptionsBuilder::new().quiet(true).build();
        let load = docker.import_image(quiet, body_full(read(TWO_IMAGES).into()), None);
        let _lines: Vec<_> = load.try_collect().await.unwrap();
        let tag = TagImageOptionsBuilder::new().repo("named").tag("1").build();
        docker.tag_image(BASE, Some(tag)).await.unwrap();
        let mut seen: Vec<(String, String)> = Vec::new();
        while seen.len() < 3 {
            let event: EventMessage = events.next().await.unwrap().unwrap();
            let id = event.actor.and_then(|actor| actor.id);
            seen.push((event.action.unwrap(), id.unwrap()));
        }
        assert_eq!(seen.pop(), Some(("tag".to_owned(), BASE.to_owned())));
        seen.sort();
        let loaded = |id: &str| ("load".to_owned(), id.to_owned());
        assert_eq!(seen, [loaded(BASE), loaded(HELPER)]);
    });
}

#[test]
fn usage_and_prune() {
    let daemon = daemon_with_images();
    with(&daemon, async |docker| {
        let body = ContainerCreateBody {
            image: Some(BASE_NAME.to_owned()),
            cmd: Some(vec!["true".to_owned()]),
            ..ContainerCreateBody::default()
        };
        docker
            .create_container(None::<CreateContainerOptions>, body)
            .await
            .unwrap();
        let options = DataUsageOptionsBuilder::new().verbose(true).build();
        let usage = docker.df(Some(options)).await.unwrap();
        let images = usage.image_usage.unwrap();
        assert_eq!(
            (images.total_count, images.active_count),
            (Some(2), Some(1))
        );
        let containers = usage.container_usage.unwrap();
        assert_eq!(containers.total_count, Some(1));
        let item = containers.items.unwrap().remove(0);
        assert_eq!(item["Image"], BASE_NAME);

        let filters = filter("dangling", "false");
        let options = PruneImagesOptionsBuilder::new().filters(&filters).build();
        let pruned = docker.prune_images(Some(options)).await.unwrap();
        assert!(
            pruned.space_reclaimed.is_some_and(|bytes| bytes > 0),
            "{pruned:?}"
        );
        let deleted = pruned.images_deleted.unwrap_or_default();
        assert!(
            deleted
                .iter()
                .any(|it| it.deleted.as_deref() == Some(HELPER)),
            "{deleted:?}"
        );
        let left = docker.list_images(None::<ListImagesOptions>).await.unwrap();
        assert_eq!(left.len(), 1);
        assert_eq!(left[0].id, BASE);
    });
}
