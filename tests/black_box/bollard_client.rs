//! A second real client: the crate bollard.

use bollard::query_parameters::{
    ImportImageOptionsBuilder, ListImagesOptionsBuilder, TagImageOptionsBuilder,
};
use bollard::{API_DEFAULT_VERSION, Docker};
use futures_util::{StreamExt as _, stream};
use sockerless_testkit::daemon::{Backend, Daemon};

use crate::SOCKERLESS;
use crate::fixtures;

on_both_backends!(load_tag_inspect);

const ID: &str = "sha256:b33d9f2e7c928f5834685fa63c203c1e18c1b6b3bdd92f977cbebe5afc8532f5";

fn load_tag_inspect(backend: Backend) {
    let daemon = Daemon::start(SOCKERLESS, backend);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(scenario(&daemon));
}

async fn scenario(daemon: &Daemon) {
    let docker = Docker::connect_with_unix(&daemon.host(), 60, API_DEFAULT_VERSION).unwrap();
    let docker = docker.negotiate_version().await.unwrap();
    assert_eq!(docker.ping().await.unwrap(), "OK");
    assert_eq!(docker.info().await.unwrap().images, Some(0));

    let missing = docker.inspect_image("fixture/helper:x86_64-v18.1").await;
    let Err(bollard::errors::Error::DockerResponseServerError {
        status_code,
        message,
    }) = missing
    else {
        panic!("{missing:?}");
    };
    assert_eq!(status_code, 404);
    assert_eq!(message, "No such image: fixture/helper:x86_64-v18.1");

    let archive = fixtures::read("docker-29-graphdriver.tar");
    let parts: Vec<Result<_, std::io::Error>> = archive
        .chunks(5_000)
        .map(|part| Ok(part.to_vec().into()))
        .collect();
    let options = ImportImageOptionsBuilder::default().quiet(false).build();
    let mut answer = Box::pin(docker.import_image_stream(options, stream::iter(parts), None));
    let mut streams = Vec::new();
    let mut ids = Vec::new();
    while let Some(message) = answer.next().await {
        let message = message.expect("every line can be read");
        streams.extend(message.stream);
        ids.extend(message.aux.and_then(|aux| aux.id));
    }
    let name = "Loaded image: fixture/helper:x86_64-v18.1\n".to_owned();
    assert_eq!(streams, [name, format!("Loaded image ID: {ID}\n")]);
    assert_eq!(ids, [ID]);

    let options = TagImageOptionsBuilder::default()
        .repo("example.com/bollard")
        .tag("1")
        .build();
    docker.tag_image(ID, Some(options)).await.unwrap();
    let image = docker.inspect_image("example.com/bollard:1").await.unwrap();
    assert_eq!(image.id.as_deref(), Some(ID));
    assert_eq!(image.architecture.as_deref(), Some("amd64"));
    assert_eq!(
        image.config.and_then(|config| config.cmd),
        Some(vec!["gitlab-runner-build".to_owned()])
    );

    let options = ListImagesOptionsBuilder::default().all(true).build();
    let images = docker.list_images(Some(options)).await.unwrap();
    assert_eq!(images.len(), 1);
    let mut names = images[0].repo_tags.clone();
    names.sort();
    assert_eq!(
        names,
        ["example.com/bollard:1", "fixture/helper:x86_64-v18.1"]
    );

    let options = ImportImageOptionsBuilder::default().quiet(true).build();
    let body = bollard::body_full(b"no archive".to_vec().into());
    let first = Box::pin(docker.import_image(options, body, None))
        .next()
        .await;
    let Some(Err(bollard::errors::Error::DockerResponseServerError { status_code, .. })) = first
    else {
        panic!("{first:?}");
    };
    assert_eq!(status_code, 500);
}
