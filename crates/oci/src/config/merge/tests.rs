//! Merging a client's settings with an image's.

use super::*;

const IMAGE: &str = r#"{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=1","B=2"],
    "Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"l":"1"},
    "StopSignal":"SIGINT","Healthcheck":{"Test":["CMD-SHELL","h"],"Interval":1,"Timeout":2,
    "StartPeriod":3,"StartInterval":4,"Retries":5},"OnBuild":["RUN x"],"Shell":["s"]}"#;

fn read(json: &str) -> RunConfig {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

fn merged(client: &str, image: &str, windows: bool) -> RunConfig {
    let mut run = read(client);
    run.merge_image(&read(image), windows);
    run
}

#[test]
fn members() {
    let everything = r#"{"User":"u","ExposedPorts":{"80/tcp":{}},"Env":["A=1","B=2"],"Entrypoint":["e"],"Cmd":["c"],"Volumes":{"/v":{}},"WorkingDir":"/w","Labels":{"l":"1"},"StopSignal":"SIGINT","Healthcheck":{"Test":["CMD-SHELL","h"],"Interval":1,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5}}"#;
    let found = merged("{}", IMAGE, false);
    assert_eq!(serde_json::to_string(&found).expect("JSON"), everything);

    let client = r#"{"User":"x","ExposedPorts":{"81/tcp":{}},"Env":["C=3"],"Entrypoint":["f"],
        "Cmd":["d"],"Volumes":{"/y":{}},"WorkingDir":"/q","Labels":{"l":"9","n":"3"},
        "StopSignal":"9","Healthcheck":{"Test":["NONE"],"Interval":7},"OnBuild":["RUN z"],
        "Shell":["t"]}"#;
    let expected = r#"{"User":"x","ExposedPorts":{"80/tcp":{},"81/tcp":{}},"Env":["C=3","A=1","B=2"],"Entrypoint":["f"],"Cmd":["d"],"Volumes":{"/v":{},"/y":{}},"WorkingDir":"/q","Labels":{"l":"9","n":"3"},"StopSignal":"9","Healthcheck":{"Test":["NONE"],"Interval":7,"Timeout":2,"StartPeriod":3,"StartInterval":4,"Retries":5},"OnBuild":["RUN z"],"Shell":["t"]}"#;
    let found = merged(client, IMAGE, false);
    assert_eq!(serde_json::to_string(&found).expect("JSON"), expected);

    let found = merged(client, "{}", false);
    assert_eq!(found, read(client), "an image that says nothing");
}

/// Client, image, and the resulting command: entrypoint and arguments, or an error.
#[test]
fn commands() {
    let full = r#"{"Entrypoint":["e"],"Cmd":["c"]}"#;
    let cmd = r#"{"Cmd":["c"]}"#;
    let none = r#"{"Env":["A=1"]}"#;
    let no_command = Err(NoCommand);
    for (client, image, expected) in [
        ("{}", full, Ok("[e] [c]")),
        (r#"{"Cmd":["x"]}"#, full, Ok("[e] [x]")),
        (r#"{"Cmd":"x"}"#, full, Ok("[e] [x]")),
        (r#"{"Cmd":[]}"#, full, Ok("[e] [c]")),
        (r#"{"Entrypoint":["x"]}"#, full, Ok("[x] -")),
        (r#"{"Entrypoint":"x"}"#, full, Ok("[x] -")),
        (r#"{"Entrypoint":[]}"#, full, Ok("[] [c]")),
        (r#"{"Entrypoint":null}"#, full, Ok("[e] [c]")),
        (r#"{"Entrypoint":[""]}"#, full, no_command),
        (r#"{"Entrypoint":""}"#, full, no_command),
        (r#"{"Entrypoint":[],"Cmd":["y"]}"#, full, Ok("[] [y]")),
        (r#"{"Entrypoint":["x"],"Cmd":["y"]}"#, full, Ok("[x] [y]")),
        (r#"{"Entrypoint":[""],"Cmd":["y"]}"#, full, Ok("- [y]")),
        (r#"{"Entrypoint":["",""],"Cmd":["y"]}"#, full, Ok("[ ] [y]")),
        ("{}", cmd, Ok("- [c]")),
        (r#"{"Cmd":["x"]}"#, cmd, Ok("- [x]")),
        (r#"{"Entrypoint":["x"]}"#, cmd, Ok("[x] -")),
        (r#"{"Entrypoint":[]}"#, cmd, Ok("[] [c]")),
        (r#"{"Entrypoint":[""]}"#, cmd, no_command),
        ("{}", none, no_command),
        (r#"{"Cmd":[]}"#, none, no_command),
        (r#"{"Entrypoint":[]}"#, none, no_command),
        (r#"{"Cmd":["x"]}"#, none, Ok("- [x]")),
        (r#"{"Entrypoint":["x"]}"#, none, Ok("[x] -")),
        ("{}", r#"{"Entrypoint":[""],"Cmd":["c"]}"#, Ok("- [c]")),
    ] {
        let mut run = merged(client, image, false);
        let show = |words: &Option<Vec<String>>| match words {
            None => "-".to_owned(),
            Some(words) => format!("[{}]", words.join(" ")),
        };
        let found = run
            .finish()
            .map(|()| format!("{} {}", show(&run.entrypoint), show(&run.cmd)));
        let expected = expected.map(str::to_owned);
        assert_eq!(found, expected, "{client} {image}");
    }
    assert_eq!(NoCommand.to_string(), "no command specified");
}

#[test]
fn variables() {
    for (client, image, windows, expected) in [
        ("", "A=1 B=2", false, "A=1 B=2"),
        ("A=9", "A=1 B=2", false, "A=9 B=2"),
        ("C=3", "A=1 B=2", false, "C=3 A=1 B=2"),
        ("a=9", "A=1", false, "a=9 A=1"),
        ("a=9", "A=1 é=1 É=2", true, "a=9 é=1"),
        // An entry without a value stays, so that the process does not get the variable.
        ("A", "A=1 B=2", false, "A B=2"),
        ("A=", "A=1 B=2", false, "A= B=2"),
        ("X X=1 A", "A=1 B=2", false, "X X=1 A B=2"),
        ("C=3", "A=1 A=2", false, "C=3 A=1"),
        ("", "A=1 A=2", false, "A=1 A=2"),
    ] {
        let list = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        let with = |env: &str| RunConfig {
            env: list(env),
            ..RunConfig::default()
        };
        let mut run = with(client);
        run.merge_image(&with(image), windows);
        let expected: Vec<String> = list(expected);
        assert_eq!(run.env, expected, "{client} + {image}");
    }
}

#[test]
fn escaped_arguments() {
    for (client, windows, expected) in [
        ("{}", true, true),
        (r#"{"Cmd":["x"]}"#, true, true),
        ("{}", false, false),
    ] {
        let found = merged(client, r#"{"Cmd":["c"],"ArgsEscaped":true}"#, windows);
        assert_eq!(found.args_escaped, expected, "{client}");
    }
    assert!(merged(r#"{"ArgsEscaped":true}"#, "{}", true).args_escaped);
}
