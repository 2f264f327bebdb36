//! Parses and checks the body of `POST /containers/create`.

use sockerless_containers::{
    CreateContainer, HostConfig, InvalidMember, NetworkingConfig, Settings,
};
use sockerless_images::{Healthcheck, RunConfig};
use sockerless_oci::json::{JsonError, mend};

use super::members::{Members, wrong};
use crate::status::Failure;

/// Reads the body of `POST /containers/create`: a container's config, `HostConfig` and
/// `NetworkingConfig`. Unknown members are ignored, as in Docker.
///
/// # Errors
/// 400 for a body that is not a JSON object, for a member of another type and when no image is
/// named.
pub(super) fn parse(body: &[u8]) -> Result<CreateContainer, Failure> {
    let invalid = |error| invalid(body, &error);
    let body = &mend(body).map_err(invalid)?;
    let members = Members::parse(body).map_err(|error| invalid(error.into()))?;
    if members.is_empty() {
        return Err(Failure::bad_request(
            "config cannot be empty in order to create a container",
        ));
    }
    let image = members.text("Image")?;
    if image.is_empty() {
        return Err(Failure::bad_request(
            "the image is missing: name it in Image, as \"alpine:3\"",
        ));
    }
    let host_config = members.object("HostConfig")?;
    let host_config = host_config.map(HostConfig::parse).transpose();
    let networking_config = members.object("NetworkingConfig")?;
    let networking_config = networking_config.map(NetworkingConfig::parse).transpose();
    Ok(CreateContainer {
        name: String::new(),
        image,
        platform: None,
        run: run(&members)?,
        settings: settings(&members)?,
        host_config: host_config.map_err(|error| refused(&error))?,
        networking_config: networking_config.map_err(|error| refused(&error))?,
    })
}

/// The error for an invalid body, which quotes nothing of it: it may hold secrets.
fn invalid(body: &[u8], error: &JsonError) -> Failure {
    let what = if body.trim_ascii().is_empty() {
        "got EOF while reading request body".to_owned()
    } else if error.is_eof() {
        "unexpected end of the request body".to_owned()
    } else if error.is_data() {
        "the request body has to be an object".to_owned()
    } else if let Some((line, column)) = error.position() {
        format!("line {line}, column {column} of the request body is wrong")
    } else {
        // A bound, which quotes nothing of the body.
        error.to_string()
    };
    Failure::bad_request(format!("invalid JSON: {what}"))
}

fn run(members: &Members<'_>) -> Result<RunConfig, Failure> {
    Ok(RunConfig {
        user: members.text("User")?,
        exposed_ports: members.keys("ExposedPorts")?,
        env: members.list("Env")?,
        entrypoint: members.words("Entrypoint")?,
        cmd: members.words("Cmd")?,
        volumes: members.keys("Volumes")?,
        working_dir: members.text("WorkingDir")?,
        labels: members.texts("Labels")?,
        stop_signal: members.text("StopSignal")?,
        args_escaped: members.flag("ArgsEscaped")?,
        healthcheck: match members.members("Healthcheck")? {
            Some(members) => Some(healthcheck(&members)?),
            None => None,
        },
        on_build: members.list("OnBuild")?,
        shell: members.words("Shell")?.unwrap_or_default(),
    })
}

fn healthcheck(members: &Members<'_>) -> Result<Healthcheck, Failure> {
    let number = |name| Ok::<_, Failure>(members.number(name)?.unwrap_or_default());
    Ok(Healthcheck {
        test: members.list("Test")?,
        interval: number("Interval")?,
        timeout: number("Timeout")?,
        start_period: number("StartPeriod")?,
        start_interval: number("StartInterval")?,
        retries: number("Retries")?,
    })
}

fn settings(members: &Members<'_>) -> Result<Settings, Failure> {
    Ok(Settings {
        hostname: members.text("Hostname")?,
        domainname: members.text("Domainname")?,
        attach_stdin: members.flag("AttachStdin")?,
        attach_stdout: members.flag("AttachStdout")?,
        attach_stderr: members.flag("AttachStderr")?,
        tty: members.flag("Tty")?,
        open_stdin: members.flag("OpenStdin")?,
        stdin_once: members.flag("StdinOnce")?,
        network_disabled: members.flag("NetworkDisabled")?,
        mac_address: members.text("MacAddress")?,
        stop_timeout: members.number("StopTimeout")?,
    })
}

fn refused(error: &InvalidMember) -> Failure {
    match error {
        InvalidMember::Type { name, expected } => wrong(name, expected),
        InvalidMember::TooManyNetworks { .. } => Failure::bad_request(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything() {
        let request = parse(
            br#"{
                "Image": "p/one:1", "User": "u", "ExposedPorts": {"80/tcp": {}}, "Env": ["A=b"],
                "Entrypoint": ["/e"], "cmd": "run", "Volumes": {"/v": {}}, "WorkingDir": "/w",
                "Labels": {"k": "v"}, "StopSignal": "9", "ArgsEscaped": true,
                "Healthcheck": {"Test": ["NONE"], "interval": 1, "Timeout": 2, "StartPeriod": 3,
                                "StartInterval": 4, "Retries": 5},
                "OnBuild": ["o"], "Shell": ["/bin/sh"],
                "Hostname": "h", "Domainname": "d", "AttachStdin": true, "AttachStdout": true,
                "AttachStderr": true, "Tty": true, "OpenStdin": true, "StdinOnce": true,
                "NetworkDisabled": true, "MacAddress": "m", "StopTimeout": 7,
                "HostConfig": {"NetworkMode":"none", "Bogus": 1 },
                "NetworkingConfig": {"EndpointsConfig": {"a": null, "b": {}}}, "Bogus": [1]
            }"#,
        );
        let request = request.map_err(|failure| failure.message).expect("valid");
        assert_eq!(request.image, "p/one:1");
        let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect::<Vec<_>>();
        let run = RunConfig {
            user: "u".to_owned(),
            exposed_ports: texts(&["80/tcp"]).into_iter().collect(),
            env: texts(&["A=b"]),
            entrypoint: Some(texts(&["/e"])),
            cmd: Some(texts(&["run"])),
            volumes: texts(&["/v"]).into_iter().collect(),
            working_dir: "/w".to_owned(),
            labels: [("k".to_owned(), "v".to_owned())].into(),
            stop_signal: "9".to_owned(),
            args_escaped: true,
            healthcheck: Some(Healthcheck {
                test: texts(&["NONE"]),
                interval: 1,
                timeout: 2,
                start_period: 3,
                start_interval: 4,
                retries: 5,
            }),
            on_build: texts(&["o"]),
            shell: texts(&["/bin/sh"]),
        };
        assert_eq!(request.run, run);
        let settings = Settings {
            hostname: "h".to_owned(),
            domainname: "d".to_owned(),
            attach_stdin: true,
            attach_stdout: true,
            attach_stderr: true,
            tty: true,
            open_stdin: true,
            stdin_once: true,
            network_disabled: true,
            mac_address: "m".to_owned(),
            stop_timeout: Some(7),
        };
        assert_eq!(request.settings, settings);
        let host_config = request.host_config.expect("given");
        assert_eq!(host_config.network_mode.as_deref(), Some("none"));
        assert_eq!(host_config.other.get("bogus"), Some(&1.into()));
        let networking_config = request.networking_config.expect("given");
        let networks: Vec<_> = networking_config.endpoints.keys().collect();
        assert_eq!(networks, ["a", "b"]);
    }

    #[test]
    fn as_many_networks_as_can_be_shown() {
        let body = |count: usize| {
            let networks: Vec<_> = (0..count).map(|n| format!(r#""n{n}":{{}}"#)).collect();
            let networks = networks.join(",");
            format!(r#"{{"Image":"a","NetworkingConfig":{{"EndpointsConfig":{{{networks}}}}}}}"#)
        };
        assert!(parse(body(NetworkingConfig::NETWORKS).as_bytes()).is_ok());
        let failure = parse(body(NetworkingConfig::NETWORKS + 1).as_bytes()).expect_err("too many");
        assert_eq!(
            failure.message,
            "NetworkingConfig.EndpointsConfig names 257 networks: at most 256 are taken"
        );
    }

    #[test]
    fn little() {
        let request = parse(br#"{"image":"a","HostConfig":null,"Env":null}"#);
        let request = request.map_err(|failure| failure.message).expect("valid");
        assert_eq!(request.image, "a");
        assert_eq!(request.run, RunConfig::default());
        assert_eq!(request.settings, Settings::default());
        assert!(request.host_config.is_none() && request.networking_config.is_none());
    }

    #[test]
    fn what_is_no_utf_8_is_replaced_as_go_does() {
        let request = parse(b"{\"Image\":\"\xff\"}").map_err(|failure| failure.message);
        assert_eq!(request.expect("valid").image, "\u{fffd}");
    }

    #[test]
    fn refused() {
        let empty = "config cannot be empty in order to create a container";
        let end = "invalid JSON: unexpected end of the request body";
        for (body, message) in [
            ("", "invalid JSON: got EOF while reading request body"),
            (" \n", "invalid JSON: got EOF while reading request body"),
            ("null", empty),
            ("{}", empty),
            ("[]", "invalid JSON: the request body has to be an object"),
            (
                r#""s3cret""#,
                "invalid JSON: the request body has to be an object",
            ),
            (r#"{"Image":"a""#, end),
            (r#"{"Image":"s3cr"#, end),
            (
                "{Image}",
                "invalid JSON: line 1, column 2 of the request body is wrong",
            ),
            (
                r#"{"Image":"a"} s3cret"#,
                "invalid JSON: line 1, column 15 of the request body is wrong",
            ),
            (
                r#"{"Cmd":["a"]}"#,
                "the image is missing: name it in Image, as \"alpine:3\"",
            ),
            (
                r#"{"Image":""}"#,
                "the image is missing: name it in Image, as \"alpine:3\"",
            ),
            (r#"{"Image":5}"#, "invalid JSON: Image has to be a string"),
            (
                r#"{"Image":"a","Env":"A"}"#,
                "invalid JSON: Env has to be a list of strings",
            ),
            (
                r#"{"Image":"a","Tty":"yes"}"#,
                "invalid JSON: Tty has to be true or false",
            ),
            (
                r#"{"Image":"a","StopTimeout":1.5}"#,
                "invalid JSON: StopTimeout has to be an integer",
            ),
            (
                r#"{"Image":"a","Healthcheck":{"Interval":"5s"}}"#,
                "invalid JSON: Interval has to be an integer",
            ),
            (
                r#"{"Image":"a","HostConfig":5}"#,
                "invalid JSON: HostConfig has to be an object",
            ),
            (
                r#"{"Image":"a","HostConfig":{"NetworkMode":5}}"#,
                "invalid JSON: HostConfig.NetworkMode has to be a string",
            ),
            (
                r#"{"Image":"a","NetworkingConfig":[]}"#,
                "invalid JSON: NetworkingConfig has to be an object",
            ),
            (
                r#"{"Image":"a","NetworkingConfig":{"EndpointsConfig":{"a":1}}}"#,
                "invalid JSON: NetworkingConfig.EndpointsConfig has to be an object of objects",
            ),
        ] {
            let failure = parse(body.as_bytes()).expect_err(body);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            assert_eq!(failure.message, message, "{body}");
        }
    }
}
