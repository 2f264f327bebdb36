use std::path::Path;
use std::time::Duration;

use sockerless_registry::{
    Client, Config, CredentialOrigin, Credentials, Digest, DockerConfigFile, ErrorKind, Repository,
    Timeouts,
};
use sockerless_testkit::registry::fake::{Profile, Step};
use tempfile::TempDir;

use crate::setup::{basic, config, noise, push, start};

const ECR: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";

/// A folder with a Docker configuration file and the credential helper `test`.
struct Home(TempDir);

impl Home {
    fn new(docker_config: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let program = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/registry/programs/docker-credential-test");
        std::os::unix::fs::symlink(program, folder.path().join("docker-credential-test"))
            .expect("linked");
        let home = Self(folder);
        home.write("config.json", docker_config);
        home
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).expect("read")
    }

    fn config(&self) -> Config {
        Config {
            docker_config: DockerConfigFile::At(self.0.path().join("config.json")),
            helper_path: Some(self.0.path().into()),
            ..config()
        }
    }

    fn repository(&self, host: &str) -> Repository {
        Client::new(self.config())
            .repository(host, "team/app", None)
            .expect("valid names")
    }
}

#[tokio::test]
async fn an_entry_of_the_file() {
    let fake = start(Profile::harbor("u", "p")).await;
    let home = Home::new(&format!(
        r#"{{"auths":{{"{}":{{"auth":"dTpw"}}}}}}"#,
        fake.host()
    ));
    let repository = home.repository(&fake.host());
    push(&repository, &noise(10)).await.expect("pushed");
    let used = repository.credentials().await.expect("read");
    assert_eq!(used.credentials, basic("u", "p"));
    let path = home.0.path().join("config.json");
    assert_eq!(
        used.origin,
        CredentialOrigin::File {
            path,
            key: fake.host()
        }
    );
    assert!(!format!("{used:?}").contains("\"p\""), "{used:?}");
}

#[tokio::test]
async fn a_helper_is_asked_and_asked_again_when_its_password_has_expired() {
    let fake = start(Profile::ecr("AWS", "first")).await;
    fake.create_repository("team/app");
    let home = Home::new(&format!(
        r#"{{"credHelpers":{{"{}":"test"}}}}"#,
        fake.host()
    ));
    let answer = |password: &str| {
        home.write(
            "answer",
            &format!(r#"{{"ServerURL":"x","Username":"AWS","Secret":"{password}"}}"#),
        );
    };
    answer("first");
    let repository = home.repository(&fake.host());
    push(&repository, &noise(10)).await.expect("pushed");
    assert_eq!(home.read("asked"), format!("{}\n", fake.host()));
    let used = repository.credentials().await.expect("known");
    let path = home.0.path().join("config.json");
    let program = "docker-credential-test".to_owned();
    assert_eq!(used.origin, CredentialOrigin::Helper { program, path });

    fake.change_password("second");
    answer("second");
    push(&repository, &noise(20)).await.expect("renewed");

    // A HEAD reply cannot report that the password has expired.
    fake.change_password("third");
    answer("third");
    let digest = Digest::of(noise(20));
    assert_eq!(
        repository.head_blob(&digest).await.expect("renewed"),
        Some(20)
    );

    fake.change_password("fourth");
    let error = repository
        .check_push()
        .await
        .expect_err("the helper's is the old one");
    assert_eq!(error.kind(), ErrorKind::Unauthorized);
    assert!(!format!("{error} {error:?}").contains("third"), "{error:?}");
}

#[tokio::test]
async fn identity_tokens_and_stores_for_all() {
    let home = Home::new(r#"{"credsStore":"test"}"#);
    home.write(
        "answer",
        r#"{"ServerURL":"","Username":"<token>","Secret":"refresh"}"#,
    );
    let used = home
        .repository("docker.io")
        .credentials()
        .await
        .expect("known");
    let token = "refresh".into();
    assert_eq!(
        used.credentials,
        Credentials::IdentityToken {
            username: None,
            token
        }
    );
    assert_eq!(home.read("asked"), "https://index.docker.io/v1/\n");
}

#[tokio::test]
async fn a_helper_that_knows_nothing_means_anonymous_but_not_for_ecr() {
    let home = Home::new(&format!(
        r#"{{"auths":{{"r.example":{{"auth":"dTpw"}}}},"credsStore":"test","credHelpers":{{"{ECR}":"test"}}}}"#
    ));
    home.write("answer", "credentials not found in native keychain\n");
    home.write("fail", "");
    let used = home
        .repository("r.example")
        .credentials()
        .await
        .expect("anonymous");
    // Nor is the entry of the file used, as in the Docker client.
    assert_eq!(
        (used.credentials, used.origin),
        (Credentials::Anonymous, CredentialOrigin::Nowhere)
    );
    let error = home
        .repository(ECR)
        .credentials()
        .await
        .expect_err("ECR has no anonymous");
    assert_eq!(error.kind(), ErrorKind::Credentials);
    let text = error.to_string();
    assert!(
        text.contains("docker-credential-test has no credentials for 1234"),
        "{text}"
    );
}

#[tokio::test]
async fn helpers_that_fail() {
    let home = Home::new(r#"{"credsStore":"test"}"#);
    let failure = async |home: &Home| {
        let error = home
            .repository("r.example")
            .credentials()
            .await
            .expect_err("fails");
        assert_eq!(error.kind(), ErrorKind::Credentials);
        error.to_string()
    };
    home.write("answer", "no AWS region\nand more");
    home.write("fail", "");
    let text = failure(&home).await;
    assert!(
        text.ends_with("docker-credential-test: no AWS region"),
        "{text}"
    );

    std::fs::remove_file(home.0.path().join("fail")).expect("removed");
    home.write("answer", "Secret: hunter2");
    let text = failure(&home).await;
    assert!(
        text.contains("not the JSON of credentials") && !text.contains("hunter2"),
        "{text}"
    );

    home.write("answer", &"x".repeat(70_000));
    let text = failure(&home).await;
    assert!(text.contains("longer than 65536 bytes"), "{text}");

    home.write("config.json", r#"{"credsStore":"absent"}"#);
    let text = failure(&home).await;
    assert!(
        text.contains("docker-credential-absent is not in PATH"),
        "{text}"
    );

    home.write("config.json", r#"{"credsStore":"../test"}"#);
    let text = failure(&home).await;
    assert!(
        text.contains("cannot be the name of a credential helper"),
        "{text}"
    );

    home.write("config.json", r#"{"auths": hunter2}"#);
    let text = failure(&home).await;
    assert!(
        text.contains("not valid at line 1") && !text.contains("hunter2"),
        "{text}"
    );
}

#[tokio::test]
async fn a_helper_that_hangs_is_ended() {
    let home = Home::new(r#"{"credsStore":"test"}"#);
    home.write("hang", "");
    home.write("answer", "{}");
    let limit = Duration::from_millis(300);
    let timeouts = Timeouts {
        helper: limit,
        ..Timeouts::default()
    };
    let client = Client::new(Config {
        timeouts,
        ..home.config()
    });
    let repository = client
        .repository("r.example", "team/app", None)
        .expect("valid");
    let error = repository.credentials().await.expect_err("hangs");
    assert!(
        error.to_string().contains("no answer within 0.3 s"),
        "{error}"
    );
}

#[tokio::test]
async fn credentials_are_not_looked_up_for_those_who_bring_theirs() {
    let fake = start(Profile::harbor("u", "p")).await;
    let home = Home::new("{ not json");
    let client = Client::new(home.config());
    let repository = client.repository(&fake.host(), "team/app", Some(basic("u", "p")));
    repository
        .expect("valid")
        .check_push()
        .await
        .expect("may push");
    assert_eq!(fake.count(Step::Begin), 1);
}

#[tokio::test]
async fn nor_for_a_registry_that_asks_for_none() {
    let fake = start(Profile::default()).await;
    let home = Home::new("{ not json");
    home.repository(&fake.host())
        .check_push()
        .await
        .expect("open to all");
}
