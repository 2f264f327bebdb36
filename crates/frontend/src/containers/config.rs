//! The `Config` of a container in the response of inspect.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, Serializer};
use sockerless_containers::ContainerSpec;
use sockerless_images::Healthcheck;

use crate::version::ApiVersion;

/// A container's `Config`, its fields in Docker's order. All versions show all of them, unlike an
/// image's.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Config<'a> {
    hostname: &'a str,
    domainname: &'a str,
    user: &'a str,
    attach_stdin: bool,
    attach_stdout: bool,
    attach_stderr: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    exposed_ports: Option<Keys<'a>>,
    tty: bool,
    open_stdin: bool,
    stdin_once: bool,
    env: Option<&'a [String]>,
    cmd: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<&'a Healthcheck>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    args_escaped: bool,
    image: &'a str,
    volumes: Option<Keys<'a>>,
    working_dir: &'a str,
    entrypoint: Option<&'a [String]>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    network_disabled: bool,
    /// Since API 1.52 only the networks have it.
    #[serde(skip_serializing_if = "str::is_empty")]
    mac_address: &'a str,
    on_build: Option<&'a [String]>,
    labels: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "str::is_empty")]
    stop_signal: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_timeout: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<&'a [String]>,
}

/// A set as Go writes it: keys of empty objects.
#[derive(Debug)]
struct Keys<'a>(&'a BTreeSet<String>);

impl Serialize for Keys<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Empty {}

        serializer.collect_map(self.0.iter().map(|key| (key, Empty {})))
    }
}

impl<'a> Config<'a> {
    pub(super) fn of(spec: &'a ContainerSpec, version: ApiVersion) -> Self {
        let (run, settings) = (&spec.run, &spec.settings);
        let keys = |keys: &'a BTreeSet<String>| (!keys.is_empty()).then_some(Keys(keys));
        Self {
            hostname: &settings.hostname,
            domainname: &settings.domainname,
            user: &run.user,
            attach_stdin: settings.attach_stdin,
            attach_stdout: settings.attach_stdout,
            attach_stderr: settings.attach_stderr,
            exposed_ports: keys(&run.exposed_ports),
            tty: settings.tty,
            open_stdin: settings.open_stdin,
            stdin_once: settings.stdin_once,
            env: list(&run.env),
            cmd: run.cmd.as_deref(),
            healthcheck: run.healthcheck.as_ref(),
            args_escaped: run.args_escaped,
            image: &spec.image_name,
            volumes: keys(&run.volumes),
            working_dir: &run.working_dir,
            entrypoint: run.entrypoint.as_deref(),
            network_disabled: settings.network_disabled,
            mac_address: if version.at_least(52) {
                ""
            } else {
                &settings.mac_address
            },
            on_build: list(&run.on_build),
            labels: &run.labels,
            stop_signal: &run.stop_signal,
            stop_timeout: settings.stop_timeout,
            shell: list(&run.shell),
        }
    }
}

/// Docker writes an absent list as `null`.
fn list(list: &[String]) -> Option<&[String]> {
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::containers::sample::{ID, row};

    fn shown(spec: &ContainerSpec, version: &str) -> String {
        let version = ApiVersion::negotiate(Some(version)).expect("served");
        serde_json::to_string(&Config::of(spec, version)).expect("JSON")
    }

    #[test]
    fn little() {
        let expected = format!(
            r#"{{"Hostname":"{}","Domainname":"","User":"","AttachStdin":false,"AttachStdout":false,"AttachStderr":false,"Tty":false,"OpenStdin":false,"StdinOnce":false,"Env":null,"Cmd":["run"],"Image":"p/one:1","Volumes":null,"WorkingDir":"","Entrypoint":null,"OnBuild":null,"Labels":{{}}}}"#,
            &ID[..12]
        );
        for version in ["1.24", "1.55"] {
            assert_eq!(shown(&row().spec, version), expected);
        }
    }

    #[test]
    fn everything() {
        let mut spec = row().spec;
        let texts = |text: &str| vec![text.to_owned()];
        let (run, settings) = (&mut spec.run, &mut spec.settings);
        run.user = "u".to_owned();
        run.exposed_ports = texts("80/tcp").into_iter().collect();
        run.env = texts("A=b");
        run.entrypoint = Some(texts("/e"));
        run.volumes = texts("/v").into_iter().collect();
        run.working_dir = "/w".to_owned();
        run.labels = [("k".to_owned(), "v".to_owned())].into();
        run.stop_signal = "9".to_owned();
        run.args_escaped = true;
        run.healthcheck = Some(Healthcheck {
            test: texts("NONE"),
            ..Healthcheck::default()
        });
        run.on_build = texts("o");
        run.shell = texts("/bin/sh");
        settings.hostname = "h".to_owned();
        settings.domainname = "d".to_owned();
        settings.network_disabled = true;
        settings.mac_address = "m".to_owned();
        settings.stop_timeout = Some(7);
        for flag in [
            &mut settings.attach_stdin,
            &mut settings.attach_stdout,
            &mut settings.attach_stderr,
            &mut settings.tty,
            &mut settings.open_stdin,
            &mut settings.stdin_once,
        ] {
            *flag = true;
        }
        let expected = r#"{"Hostname":"h","Domainname":"d","User":"u","AttachStdin":true,"AttachStdout":true,"AttachStderr":true,"ExposedPorts":{"80/tcp":{}},"Tty":true,"OpenStdin":true,"StdinOnce":true,"Env":["A=b"],"Cmd":["run"],"Healthcheck":{"Test":["NONE"]},"ArgsEscaped":true,"Image":"p/one:1","Volumes":{"/v":{}},"WorkingDir":"/w","Entrypoint":["/e"],"NetworkDisabled":true,"MacAddress":"m","OnBuild":["o"],"Labels":{"k":"v"},"StopSignal":"9","StopTimeout":7,"Shell":["/bin/sh"]}"#;
        assert_eq!(shown(&spec, "1.51"), expected);
        assert_eq!(
            shown(&spec, "1.52"),
            expected.replace(r#""MacAddress":"m","#, "")
        );
    }
}
