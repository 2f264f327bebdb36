//! Reading and writing of configs as Docker does it.

use super::*;

const FULL: &str = r#"{"User":"u:g","ExposedPorts":{"80/tcp":{},"81/udp":{}},"Env":["A=1"],"Entrypoint":["e"],"Cmd":["c","d"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"l":"1","m":"<&>"},"StopSignal":"SIGINT","ArgsEscaped":true,"Healthcheck":{"Test":["CMD","t"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5},"OnBuild":["RUN x"],"Shell":["s","-c"]}"#;

fn read(json: &str) -> RunConfig {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn write(run: &RunConfig) -> String {
    serde_json::to_string(run).expect("JSON")
}

fn document(json: &str) -> ImageConfig {
    ImageConfig::parse(json.as_bytes()).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn written_as_it_was_read() {
    assert_eq!(write(&read(FULL)), FULL);
    assert_eq!(write(&RunConfig::default()), "{}");
    assert_eq!(
        write(&read(r#"{"Entrypoint":[],"Cmd":[],"Healthcheck":{}}"#)),
        r#"{"Healthcheck":{}}"#
    );
}

/// What each config is read as.
#[test]
fn lenient_reading() {
    for (json, expected) in [
        ("{}", "{}"),
        // Keys in any case; unknown ones are skipped with all that they hold.
        (
            r#"{"user":"u","ENV":["a=b"],"onbuild":["x"]}"#,
            r#"{"User":"u","Env":["a=b"],"OnBuild":["x"]}"#,
        ),
        (
            r#"{"Hostname":"h","x":{"y":[1,{"z":null}]},"User":"u","Tty":false}"#,
            r#"{"User":"u"}"#,
        ),
        // The last of several counts.
        (r#"{"User":"a","user":"b"}"#, r#"{"User":"b"}"#),
        // Null is missing.
        (
            r#"{"User":null,"ExposedPorts":null,"Env":null,"Entrypoint":null,"Cmd":null,
                "Volumes":null,"WorkingDir":null,"Labels":null,"StopSignal":null,
                "ArgsEscaped":null,"Healthcheck":null,"OnBuild":null,"Shell":null}"#,
            "{}",
        ),
        // A command may be one string, other lists may not.
        (
            r#"{"Cmd":"a b","Entrypoint":"e","Shell":"s","Env":"x","OnBuild":"y"}"#,
            r#"{"Entrypoint":["e"],"Cmd":["a b"],"Shell":["s"]}"#,
        ),
        // In lists and objects null is empty.
        (
            r#"{"Env":["a",null],"Labels":{"l":null}}"#,
            r#"{"Env":["a",""],"Labels":{"l":""}}"#,
        ),
        // The values of a set do not matter.
        (
            r#"{"ExposedPorts":{"80/tcp":null,"81/tcp":{"x":1}},"Volumes":{"/v":[]}}"#,
            r#"{"ExposedPorts":{"80/tcp":{},"81/tcp":{}},"Volumes":{"/v":{}}}"#,
        ),
        // A value of a wrong type counts as missing; the rest is read.
        (r#"{"User":1,"WorkingDir":"/w"}"#, r#"{"WorkingDir":"/w"}"#),
        (
            r#"{"User":["u"],"WorkingDir":"/w"}"#,
            r#"{"WorkingDir":"/w"}"#,
        ),
        (
            r#"{"User":{"a":{}},"WorkingDir":"/w"}"#,
            r#"{"WorkingDir":"/w"}"#,
        ),
        (r#"{"Volumes":["/v"],"User":"u"}"#, r#"{"User":"u"}"#),
        (r#"{"ExposedPorts":"80","User":"u"}"#, r#"{"User":"u"}"#),
        (r#"{"Env":["a",1,"b"],"User":"u"}"#, r#"{"User":"u"}"#),
        (r#"{"Env":{"a":"b"},"User":"u"}"#, r#"{"User":"u"}"#),
        (
            r#"{"Cmd":[["a"]],"Entrypoint":5,"User":"u"}"#,
            r#"{"User":"u"}"#,
        ),
        (
            r#"{"Labels":{"a":"b","c":1,"d":"e"},"User":"u"}"#,
            r#"{"User":"u"}"#,
        ),
        (
            r#"{"Labels":[],"ArgsEscaped":"true","User":"u"}"#,
            r#"{"User":"u"}"#,
        ),
        (r#"{"Healthcheck":[],"User":"u"}"#, r#"{"User":"u"}"#),
        (
            r#"{"Healthcheck":{"Test":"x","Interval":1.5,"timeout":7,"Retries":"3"}}"#,
            r#"{"Healthcheck":{"Timeout":7}}"#,
        ),
        (
            r#"{"Healthcheck":{"Interval":-5,"Timeout":9223372036854775807,"StartPeriod":9223372036854775808}}"#,
            r#"{"Healthcheck":{"Interval":-5,"Timeout":9223372036854775807}}"#,
        ),
    ] {
        assert_eq!(write(&read(json)), expected, "{json}");
    }
}

#[test]
fn no_command_and_an_empty_one() {
    for (json, expected) in [
        ("{}", None),
        (r#"{"Cmd":null}"#, None),
        (r#"{"Cmd":7}"#, None),
        (r#"{"Cmd":[]}"#, Some(vec![])),
        (r#"{"Cmd":""}"#, Some(vec![String::new()])),
    ] {
        assert_eq!(read(json).cmd, expected, "{json}");
        let json = json.replace("Cmd", "Entrypoint");
        assert_eq!(read(&json).entrypoint, expected, "{json}");
    }
}

#[test]
fn a_whole_document() {
    let json = format!(
        r#"{{"created":"2024-05-06T07:08:09.1Z","author":"me","architecture":"arm64",
            "os":"windows","variant":"v8","os.version":"10.0","config":{FULL},
            "rootfs":{{"type":"layers","diff_ids":[]}},
            "history":[{{"created":"2024-01-01T00:00:00+01:00","created_by":"RUN x","author":"a",
            "comment":"c"}},{{"empty_layer":true}}],"container_config":{{"User":"no"}}}}"#
    );
    let found = document(&json);
    assert_eq!(
        found.created.map(|time| time.to_string()).as_deref(),
        Some("2024-05-06T07:08:09.1Z")
    );
    assert_eq!(found.author, "me");
    assert_eq!(found.platform.to_string(), "windows/arm64/v8");
    assert_eq!(found.platform.os_version.as_deref(), Some("10.0"));
    assert_eq!(write(&found.run), FULL);
    assert_eq!(
        serde_json::to_string(&found.history).expect("JSON"),
        r#"[{"created":"2024-01-01T00:00:00+01:00","created_by":"RUN x","author":"a","comment":"c"},{"empty_layer":true}]"#
    );
}

#[test]
fn documents_in_any_case() {
    let found = document(
        r#"{"Created":"2024-01-01T00:00:00Z","OS":"linux","Architecture":"amd64","OS.Version":"1",
            "Config":{"labels":{"a":"b"}},"History":[{"Created_By":"x","Empty_Layer":true}]}"#,
    );
    assert!(found.created.is_some());
    assert_eq!(found.platform.to_string(), "linux/amd64");
    assert_eq!(found.platform.os_version.as_deref(), Some("1"));
    assert_eq!(found.run.labels["a"], "b");
    assert_eq!(found.history[0].created_by, "x");
    assert!(found.history[0].empty_layer);
}

#[test]
fn documents_with_wrong_members() {
    for json in [
        "{}",
        r#"{"created":"yesterday"}"#,
        r#"{"created":""}"#,
        r#"{"created":null,"config":null,"history":null,"os":null}"#,
        r#"{"created":5,"config":[],"history":[],"author":[{}]}"#,
        r#"{"config":"x"}"#,
    ] {
        assert_eq!(document(json), ImageConfig::default(), "{json}");
    }
    let found = document(r#"{"history":[{"created":"x","comment":1,"created_by":"y"},null]}"#);
    assert_eq!(found.history.len(), 2);
    assert_eq!(found.history[0].created_by, "y");
    assert_eq!(found.history[0].created, None);
}

#[test]
fn not_a_document() {
    for (json, message) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("x", "expected value at line 1 column 1"),
        ("[]", "invalid type: sequence, expected an image config"),
        (
            r#"{"os":7}"#,
            "invalid type: integer `7`, expected a string",
        ),
        (r#"{"history":["step"]}"#, "expected an object"),
        ("{}{}", "trailing characters at line 1 column 3"),
        (
            r#"{"config":{"User":}"#,
            "expected value at line 1 column 19",
        ),
    ] {
        let error = ImageConfig::parse(json.as_bytes()).expect_err(json);
        assert!(error.to_string().starts_with(message), "{json}: {error}");
    }
}
