//! Real clients: `docker create`, `docker ps`, `docker rm`, and the crate bollard.

use bollard::API_DEFAULT_VERSION;
use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{CreateContainerOptionsBuilder, ListContainersOptionsBuilder};
use sockerless_testkit::daemon::Backend;

use super::{loaded, names};
use crate::docker_cli::Docker;

on_both_backends!(docker, bollard);

fn docker(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let docker = Docker::with(daemon);
    let id = docker.run(&[
        "create",
        "--name",
        "web",
        "-e",
        "A=b",
        "-p",
        "8080:80",
        "-v",
        "/tmp:/a",
        "--label",
        "k=v",
        "--restart",
        "always",
        "p/one:1",
        "serve",
        "two words",
    ]);
    let id = id.trim();
    let format = "{{.ID}} {{.Image}} {{.Names}} {{.Status}} {{.Command}}";
    let row = docker.run(&["ps", "-a", "--no-trunc", "--format", format]);
    assert_eq!(
        row.trim(),
        format!("{id} p/one:1 web Created \"/entry serve 'two words'\"")
    );
    assert_eq!(docker.run(&["ps", "-q"]), "");
    assert_eq!(docker.run(&["ps", "-aq", "--filter", "label=k=w"]), "");
    let format = "{{.Image}} {{.HostConfig.RestartPolicy.Name}} {{json .HostConfig.Binds}} \
                  {{json .Config.Env}} {{.State.Status}}";
    let shown = docker.run(&["inspect", "-f", format, "web"]);
    assert_eq!(
        shown.trim(),
        format!(
            "{} always [\"/tmp:/a\"] [\"A=b\",\"PATH=/bin\",\"SEED=containers\"] created",
            image.id()
        )
    );
    let refused = docker.fail(&["create", "--name", "web", "p/one:1"]);
    assert!(
        refused.contains("is already in use by container"),
        "{refused}"
    );
    for command in [
        &["start", "web"][..],
        &["logs", "web"],
        &["exec", "web", "ls"],
    ] {
        let refused = docker.fail(command);
        assert!(
            refused.contains("no execution backend is configured"),
            "{refused}"
        );
    }
    docker.run(&["rename", "web", "www"]);
    assert_eq!(names(&docker.daemon, "all=1"), ["www"]);
    docker.run(&["rm", "-f", "www"]);
    docker.run(&["create", "p/one:1"]);
    let pruned = docker.run(&["container", "prune", "-f"]);
    assert!(pruned.contains("Deleted Containers:"), "{pruned}");
    assert_eq!(docker.run(&["ps", "-aq"]), "");
    for list in ["volume", "network"] {
        assert_eq!(docker.run(&[list, "ls", "-q"]), "");
    }
}

fn bollard(backend: Backend) {
    let (daemon, image) = loaded(backend);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let docker =
            bollard::Docker::connect_with_unix(&daemon.host(), 60, API_DEFAULT_VERSION).unwrap();
        let docker = docker.negotiate_version().await.unwrap();
        let options = CreateContainerOptionsBuilder::default().name("web").build();
        let body = ContainerCreateBody {
            image: Some("p/one:1".to_owned()),
            cmd: Some(vec!["serve".to_owned()]),
            ..ContainerCreateBody::default()
        };
        let created = docker.create_container(Some(options), body).await.unwrap();
        assert_eq!(created.warnings, [""; 0]);
        let container = docker.inspect_container("web", None).await.unwrap();
        assert_eq!(container.id.as_deref(), Some(created.id.as_str()));
        assert_eq!(container.image, Some(image.id()));
        assert_eq!(container.args, Some(vec!["serve".to_owned()]));
        let options = ListContainersOptionsBuilder::default().all(true).build();
        let rows = docker.list_containers(Some(options)).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].names, Some(vec!["/web".to_owned()]));
        docker.remove_container("web", None).await.unwrap();
        let missing = docker.inspect_container("web", None).await;
        let Err(bollard::errors::Error::DockerResponseServerError {
            status_code,
            message,
        }) = missing
        else {
            panic!("{missing:?}");
        };
        assert_eq!(
            (status_code, message.as_str()),
            (404, "No such container: web")
        );
    });
}
