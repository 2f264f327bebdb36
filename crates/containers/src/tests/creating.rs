//! Tests of creating containers.

use sockerless_oci::config::RunConfig;

use super::*;

#[tokio::test]
async fn what_is_recorded() {
    let containers = containers().await;
    let sample = Sample::new(json!({
        "Env": ["A=1", "B=2"], "Cmd": ["c1", "c2"], "Entrypoint": ["/e"], "Labels": { "l1": "v1" },
        "User": "u",
    }));
    let id = sample.id();
    let image = sample.named("p/one:1").add_to(&containers).await;
    let members = serde_json::from_str(r#"{ "Binds": ["/a:/b"] }"#).expect("JSON");
    let host_config = HostConfig::parse(members).expect("valid");
    let request = CreateContainer {
        run: RunConfig {
            env: vec!["A=9".to_owned()],
            cmd: Some(vec!["z".to_owned()]),
            ..RunConfig::default()
        },
        settings: Settings {
            tty: true,
            stop_timeout: Some(7),
            ..Settings::default()
        },
        host_config: Some(host_config.clone()),
        ..request("p/one:1", "/web")
    };
    let created = containers.create(request).await.expect("created");
    assert_eq!(created.warnings, [""; 0]);
    let row = containers.get("web").await.expect("here");
    assert_eq!(row.id, created.id);
    assert_eq!(row.name, "web");
    assert_eq!((row.image, row.target), (id, image.target));
    let spec = &row.spec;
    assert_eq!(spec.image_name, "p/one:1");
    assert_eq!(spec.platform, linux("amd64"));
    assert_eq!(spec.manifest, image.target);
    assert_eq!(spec.manifest_media_type, MANIFEST);
    assert_eq!(spec.manifest_size, image.size);
    assert_eq!(spec.run.env, ["A=9", "B=2"]);
    assert_eq!(spec.run.user, "u");
    assert_eq!(spec.command(), ("/e", vec!["z"]));
    assert_eq!(spec.settings.hostname, row.id[..12]);
    assert!(spec.settings.tty);
    assert_eq!(spec.settings.stop_timeout, Some(7));
    assert_eq!(spec.host_config, Some(host_config));
    assert_eq!(spec.pull_reference, None);
}

#[tokio::test]
async fn every_name_of_an_image() {
    let containers = containers().await;
    let sample = Sample::new(json!({ "Cmd": ["run"] })).named("p/one:1");
    let id = sample.id();
    let target = sample.add_to(&containers).await.target;
    let hex = id.hex();
    for name in [
        "p/one:1",
        "docker.io/p/one:1",
        &hex,
        &hex[..12],
        &id.to_string(),
        &format!("sha256:{}", &hex[..8]),
        &target.to_string(),
        &format!("p/one@{target}"),
    ] {
        let row = create(&containers, name, "").await;
        assert_eq!((row.image, row.target), (id, target), "{name}");
        assert_eq!(row.spec.image_name, name);
    }
    for (name, kind, message) in [
        ("nosuch", Kind::NotFound, "No such image: nosuch:latest"),
        ("p/one", Kind::NotFound, "No such image: p/one:latest"),
        (
            "UPPER",
            Kind::InvalidParameter,
            "invalid reference format: repository name (library/UPPER) must be lowercase",
        ),
    ] {
        let error = refused(containers.create(request(name, "")).await);
        assert_eq!(error, (kind, message.to_owned()));
    }
}

#[tokio::test]
async fn a_variant_for_a_platform() {
    let containers = containers().await;
    let image = Sample::index("multi", &["amd64", "arm64"])
        .named("multi:1")
        .add_to(&containers)
        .await;
    for (platform, variant) in [
        (None, &image.variants[0]),
        (Some("amd64"), &image.variants[0]),
        (Some("arm64"), &image.variants[1]),
    ] {
        let request = CreateContainer {
            platform: platform.map(linux),
            ..request("multi:1", "")
        };
        let created = containers.create(request).await.expect("created");
        let row = containers.get(&created.id).await.expect("here");
        assert_eq!((row.image, row.target), (variant.config, image.target));
        assert_eq!(row.spec.platform, variant.platform);
        assert_eq!(row.spec.manifest, variant.manifest);
        assert_eq!(row.spec.manifest_media_type, MANIFEST);
        let document = containers
            .images
            .document(variant.manifest)
            .await
            .expect("answered");
        let size = document.expect("kept").len() as u64;
        assert_eq!(row.spec.manifest_size, size);
        assert_eq!(row.spec.command().1[1], variant.platform.architecture);
    }
    let request = CreateContainer {
        platform: Some(linux("s390x")),
        ..request("multi:1", "")
    };
    let (kind, message) = refused(containers.create(request).await);
    assert_eq!(kind, Kind::NotFound);
    assert!(
        message.contains("multi:1") && message.contains("linux/s390x"),
        "{message}"
    );
}

#[tokio::test]
async fn what_is_refused_leaves_nothing() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    Sample::new(json!({}))
        .named("bare:1")
        .add_to(&containers)
        .await;
    let first = create(&containers, "one:1", "taken").await;
    let run = |change: fn(&mut RunConfig)| {
        let mut run = RunConfig::default();
        change(&mut run);
        CreateContainer {
            run,
            ..request("one:1", "")
        }
    };
    let conflict = format!(
        "Conflict. The container name \"/taken\" is already in use by container \"{}\". You have \
         to remove (or rename) that container to be able to reuse that name.",
        first.id
    );
    for (request, kind, message) in [
        (request("one:1", "taken"), Kind::Conflict, conflict.as_str()),
        (
            request("one:1", "/taken"),
            Kind::Conflict,
            conflict.as_str(),
        ),
        (
            request("one:1", "a b"),
            Kind::InvalidParameter,
            "Invalid container name (a b), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed",
        ),
        (
            request("bare:1", ""),
            Kind::InvalidParameter,
            "no command specified",
        ),
        (
            run(|run| run.entrypoint = Some(vec![String::new()])),
            Kind::InvalidParameter,
            "no command specified",
        ),
        (
            run(|run| run.env = vec!["=x".to_owned()]),
            Kind::InvalidParameter,
            "invalid environment variable: =x",
        ),
    ] {
        let result = containers.create(request).await;
        assert_eq!(refused(result), (kind, message.to_owned()));
    }
    assert_eq!(
        containers.images.counts().await.expect("counts").containers,
        1
    );
}

#[tokio::test]
async fn names_are_made_up() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..50 {
        names.insert(create(&containers, "one:1", "").await.name);
    }
    assert_eq!(names.len(), 50);
}

#[tokio::test]
async fn one_of_many_gets_a_name() {
    let containers = containers().await;
    Sample::new(json!({ "Cmd": ["run"] }))
        .named("one:1")
        .add_to(&containers)
        .await;
    let tries = (0..20).map(|_| containers.create(request("one:1", "mine")));
    let results = futures_util::future::join_all(tries).await;
    let (won, lost): (Vec<_>, Vec<_>) = results.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 19));
    for result in lost {
        assert_eq!(refused(result).0, Kind::Conflict);
    }
}
