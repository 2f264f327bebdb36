//! Changes that are applied and changes that are refused, as in Docker.

use proptest::prelude::*;

use super::*;

fn changed(run: &RunConfig, text: &str, os: &str) -> Result<RunConfig, String> {
    let mut run = run.clone();
    apply(&mut run, &[text.to_owned()], os)
        .map(|()| run)
        .map_err(|error| error.to_string())
}

fn on_linux(text: &str) -> Result<RunConfig, String> {
    changed(&RunConfig::default(), text, "linux")
}

/// The config that each text makes from an empty one.
const MADE: &[(&str, &str)] = &[
    // Lines.
    ("ENV a=b", r#"{"Env":["a=b"]}"#),
    ("  env a=b  ", r#"{"Env":["a=b"]}"#),
    ("\u{feff}# a comment\n\nENV a=b\n", r#"{"Env":["a=b"]}"#),
    (
        "ENV a=b\r\nLABEL c=d\r\n",
        r#"{"Env":["a=b"],"Labels":{"c":"d"}}"#,
    ),
    ("ENV a=b \\\n# no\n\n  c=d", r#"{"Env":["a=b","c=d"]}"#),
    ("ENV a=b\\\nc", r#"{"Env":["a=bc"]}"#),
    ("# escape=`\nENV a=b`\n c=d\\", r#"{"Env":["a=b","c=d\\"]}"#),
    ("# escape=`\nLABEL a=b` c", r#"{"Labels":{"a":"b c"}}"#),
    ("CMD x \\\n y", r#"{"Cmd":["/bin/sh","-c","x  y"]}"#),
    // CMD and ENTRYPOINT.
    (
        r#"ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]"#,
        r#"{"Entrypoint":["/usr/bin/dumb-init","/entrypoint"]}"#,
    ),
    (r#"CMD [ "a b" , "c" ] "#, r#"{"Cmd":["a b","c"]}"#),
    (
        r#"CMD echo "hi  there"  x"#,
        r#"{"Cmd":["/bin/sh","-c","echo \"hi  there\"  x"]}"#,
    ),
    ("CMD", r#"{"Cmd":["/bin/sh","-c"]}"#),
    ("CMD []", "{}"),
    ("CMD [a]", r#"{"Cmd":["/bin/sh","-c","[a]"]}"#),
    (r#"CMD ["a""#, r#"{"Cmd":["/bin/sh","-c","[\"a\""]}"#),
    (r#"CMD ["a"] b"#, r#"{"Cmd":["/bin/sh","-c","[\"a\"] b"]}"#),
    ("CMD -- --x", r#"{"Cmd":["/bin/sh","-c","--x"]}"#),
    ("ENTRYPOINT", "{}"),
    ("ENTRYPOINT []", "{}"),
    ("ENTRYPOINT [\"a\"]\nENTRYPOINT", "{}"),
    (
        "ENTRYPOINT exec x",
        r#"{"Entrypoint":["/bin/sh","-c","exec x"]}"#,
    ),
    (
        "CMD x\nENTRYPOINT [\"a\"]",
        r#"{"Entrypoint":["a"],"Cmd":["/bin/sh","-c","x"]}"#,
    ),
    (
        "CMD [\"x\"]\nCMD []\nENTRYPOINT [\"a\"]",
        r#"{"Entrypoint":["a"]}"#,
    ),
    (
        "ENV a=1\nCMD echo $a\nENTRYPOINT [\"$a\"]",
        r#"{"Env":["a=1"],"Entrypoint":["$a"],"Cmd":["/bin/sh","-c","echo $a"]}"#,
    ),
    // ENV.
    ("ENV a b  c=d", r#"{"Env":["a=b  c=d"]}"#),
    ("ENV a\tb", r#"{"Env":["a=b"]}"#),
    (
        "ENV a=b=c d= e=\"f g\"'h i'",
        r#"{"Env":["a=b=c","d=","e=f gh i"]}"#,
    ),
    ("ENV \"a\"=b", r#"{"Env":["a=b"]}"#),
    (
        "ENV a=1 b=2\nENV b=3 a=4\nENV A=5",
        r#"{"Env":["a=4","b=3","A=5"]}"#,
    ),
    ("ENV a=b\\ c", r#"{"Env":["a=b c"]}"#),
    (
        "ENV a=b\\\\c d=e\\\"f g=h\\i",
        r#"{"Env":["a=b\\c","d=e\"f","g=hi"]}"#,
    ),
    (
        "ENV a=\"b\\\\c\" d=\"e\\\"f\" g=\"h\\i\"",
        r#"{"Env":["a=b\\c","d=e\"f","g=h\\i"]}"#,
    ),
    ("ENV a='b\\' c=\"'\"", r#"{"Env":["a=b\\","c='"]}"#),
    ("ENV a=é b=\"中\"", r#"{"Env":["a=é","b=中"]}"#),
    ("ENV a=1 b=$a", r#"{"Env":["a=1","b="]}"#),
    (
        "ENV a=1\nENV b=$a c=${a}x d=$ax e=\"$a 2\"",
        r#"{"Env":["a=1","b=1","c=1x","d=","e=1 2"]}"#,
    ),
    (
        "ENV a=1\nENV b=\\$a c=\"\\$a\" d='$a'",
        r#"{"Env":["a=1","b=$a","c=$a","d=$a"]}"#,
    ),
    ("ENV a=1\nENV $a=b", r#"{"Env":["a=1","1=b"]}"#),
    ("ENV a=1\nENV a=$a:2", r#"{"Env":["a=1:2"]}"#),
    // LABEL.
    (
        "LABEL a=b \"c d\"=\"e f\" g='$h'",
        r#"{"Labels":{"a":"b","c d":"e f","g":"$h"}}"#,
    ),
    ("LABEL a b c", r#"{"Labels":{"a":"b c"}}"#),
    ("LABEL a=b\nLABEL a=c", r#"{"Labels":{"a":"c"}}"#),
    (
        "ENV a=1\nLABEL $a=$a",
        r#"{"Env":["a=1"],"Labels":{"1":"1"}}"#,
    ),
    // EXPOSE.
    ("EXPOSE 80", r#"{"ExposedPorts":{"80/tcp":{}}}"#),
    (
        "EXPOSE 80/UDP\t81",
        r#"{"ExposedPorts":{"80/udp":{},"81/tcp":{}}}"#,
    ),
    (
        "EXPOSE 8000-8002/tcp",
        r#"{"ExposedPorts":{"8000/tcp":{},"8001/tcp":{},"8002/tcp":{}}}"#,
    ),
    (
        "EXPOSE 1.2.3.4:8080:80",
        r#"{"ExposedPorts":{"80/tcp":{}}}"#,
    ),
    (
        "ENV p=\"80 81\"\nEXPOSE $p",
        r#"{"ExposedPorts":{"80/tcp":{},"81/tcp":{}},"Env":["p=80 81"]}"#,
    ),
    ("EXPOSE $unset", "{}"),
    // HEALTHCHECK.
    ("HEALTHCHECK NONE", r#"{"Healthcheck":{"Test":["NONE"]}}"#),
    (
        "HEALTHCHECK --interval=1s none",
        r#"{"Healthcheck":{"Test":["NONE"]}}"#,
    ),
    (
        "HEALTHCHECK CMD curl -f  localhost",
        r#"{"Healthcheck":{"Test":["CMD-SHELL","curl -f  localhost"]}}"#,
    ),
    (
        "HEALTHCHECK cmd [\"a\", \"b\"]",
        r#"{"Healthcheck":{"Test":["CMD","a","b"]}}"#,
    ),
    (
        "HEALTHCHECK --interval=5s --timeout=1m30s --start-period=1h --start-interval=.5s \
         --retries=3 CMD x",
        r#"{"Healthcheck":{"Test":["CMD-SHELL","x"],"Interval":5000000000,"Timeout":90000000000,"StartPeriod":3600000000000,"StartInterval":500000000,"Retries":3}}"#,
    ),
    (
        "HEALTHCHECK --interval=\"1ms\" --timeout=0 --retries=0 CMD x",
        r#"{"Healthcheck":{"Test":["CMD-SHELL","x"],"Interval":1000000}}"#,
    ),
    (
        "HEALTHCHECK CMD x\nHEALTHCHECK NONE",
        r#"{"Healthcheck":{"Test":["NONE"]}}"#,
    ),
    // ONBUILD.
    ("ONBUILD RUN echo  $x", r#"{"OnBuild":["RUN echo  $x"]}"#),
    (
        "onbuild\trun a\\\n  b\nONBUILD COPY . /",
        r#"{"OnBuild":["run a  b","COPY . /"]}"#,
    ),
    ("ONBUILD foo", r#"{"OnBuild":["foo"]}"#),
    ("ONBUILD ENV =x", r#"{"OnBuild":["ENV =x"]}"#),
    // STOPSIGNAL.
    ("STOPSIGNAL SIGRTMIN+3", r#"{"StopSignal":"SIGRTMIN+3"}"#),
    ("STOPSIGNAL term", r#"{"StopSignal":"term"}"#),
    (
        "ENV s=9\nSTOPSIGNAL $s",
        r#"{"Env":["s=9"],"StopSignal":"9"}"#,
    ),
    // USER.
    ("USER a:b", r#"{"User":"a:b"}"#),
    ("USER  \"a b\" c ", r#"{"User":"a b c"}"#),
    ("ENV u=x\nUSER ${u:-root}", r#"{"User":"x","Env":["u=x"]}"#),
    ("USER a\nUSER $unset", "{}"),
    // VOLUME.
    ("VOLUME /a  /b", r#"{"Volumes":{"/a":{},"/b":{}}}"#),
    (
        r#"VOLUME ["/a", " /b c "]"#,
        r#"{"Volumes":{"/a":{},"/b c":{}}}"#,
    ),
    (
        "ENV d=/x\nVOLUME $d/y",
        r#"{"Env":["d=/x"],"Volumes":{"/x/y":{}}}"#,
    ),
    ("VOLUME [ x", r#"{"Volumes":{"[":{},"x":{}}}"#),
    // WORKDIR.
    ("WORKDIR a", r#"{"WorkingDir":"/a"}"#),
    (
        "WORKDIR /a\nWORKDIR b/../c\nWORKDIR d",
        r#"{"WorkingDir":"/a/c/d"}"#,
    ),
    ("WORKDIR /a b", r#"{"WorkingDir":"/a b"}"#),
    (
        "ENV d=/x\nWORKDIR $d/y",
        r#"{"Env":["d=/x"],"WorkingDir":"/x/y"}"#,
    ),
    ("WORKDIR \\$x", r#"{"WorkingDir":"/$x"}"#),
];

/// Refused texts and their messages.
const REFUSED: &[(&str, &str)] = &[
    ("", "file with no instructions"),
    (
        "# escape=x\nENV a=b",
        "invalid escape token 'x' does not match ` or \\",
    ),
    (
        "# escape=`\n# escape=`\nENV a=b",
        "only one escape parser directive can be used",
    ),
    ("RUN x", "RUN is not a valid change command"),
    ("run", "RUN is not a valid change command"),
    ("ENV a=b\nFROM x", "FROM is not a valid change command"),
    ("SHELL [\"x\"]", "SHELL is not a valid change command"),
    ("ARG x", "ARG is not a valid change command"),
    (
        "CMD [1]",
        "when using JSON array syntax, arrays must be comprised of strings only",
    ),
    ("CMD --x y", "Unknown flag: x"),
    ("ENV", "ENV requires at least one argument"),
    ("ENV a", "ENV must have two arguments"),
    ("ENV =b", "ENV names can not be blank"),
    (
        "ENV a=b c",
        "Syntax error - can't find = in \"c\". Must be of the form: name=value",
    ),
    ("ENV --x=1 a=b", "Unknown flag: x"),
    (
        "ENV a=\"b",
        "failed to process \"\\\"b\": unexpected end of statement while looking for matching double-quote",
    ),
    (
        "ENV a=${b:z}",
        "failed to process \"${b:z}\": unsupported modifier (:z) in substitution",
    ),
    ("LABEL", "LABEL requires at least one argument"),
    ("LABEL a", "LABEL must have two arguments"),
    (
        "LABEL a='b",
        "failed to process \"'b\": unexpected end of statement while looking for matching single-quote",
    ),
    ("EXPOSE", "EXPOSE requires at least one argument"),
    ("EXPOSE 80/foo", "invalid proto: foo"),
    ("EXPOSE 70000", "invalid containerPort: 70000"),
    (
        "ENV p=\"80 81\"\nEXPOSE \"$p\"",
        "invalid containerPort: 80 81",
    ),
    ("HEALTHCHECK", "HEALTHCHECK requires at least one argument"),
    (
        "HEALTHCHECK --interval=1s",
        "HEALTHCHECK requires at least one argument",
    ),
    ("HEALTHCHECK NONE a", "HEALTHCHECK NONE takes no arguments"),
    ("HEALTHCHECK CMD", "Missing command after HEALTHCHECK CMD"),
    (
        "HEALTHCHECK CMD []",
        "Missing command after HEALTHCHECK CMD",
    ),
    (
        "HEALTHCHECK c\"d x",
        "Unknown type \"C\\\"D\" in HEALTHCHECK (try CMD)",
    ),
    (
        "HEALTHCHECK --interval=999us CMD x",
        "Interval \"interval\" cannot be less than 1ms",
    ),
    (
        "HEALTHCHECK --start-period=-1s CMD x",
        "Interval \"start-period\" cannot be less than 1ms",
    ),
    (
        "HEALTHCHECK --timeout=5 CMD x",
        "time: missing unit in duration \"5\"",
    ),
    (
        "HEALTHCHECK --interval=x CMD x",
        "time: invalid duration \"x\"",
    ),
    (
        "HEALTHCHECK --interval=1d CMD x",
        "time: unknown unit \"d\" in duration \"1d\"",
    ),
    (
        "HEALTHCHECK --retries=-1 CMD x",
        "--retries cannot be negative (-1)",
    ),
    (
        "HEALTHCHECK --retries=x CMD x",
        "strconv.ParseInt: parsing \"x\": invalid syntax",
    ),
    (
        "HEALTHCHECK --retries=2147483648 CMD x",
        "strconv.ParseInt: parsing \"2147483648\": value out of range",
    ),
    ("HEALTHCHECK --foo=1 CMD x", "Unknown flag: foo"),
    (
        "HEALTHCHECK --interval CMD x",
        "Missing a value on flag: interval",
    ),
    (
        "HEALTHCHECK --interval=1s --interval=2s CMD x",
        "Duplicate flag specified: interval",
    ),
    ("ONBUILD", "ONBUILD requires at least one argument"),
    (
        "ONBUILD ONBUILD RUN x",
        "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed",
    ),
    ("ONBUILD from x", "FROM isn't allowed as an ONBUILD trigger"),
    (
        "ONBUILD MAINTAINER x",
        "MAINTAINER isn't allowed as an ONBUILD trigger",
    ),
    ("ONBUILD ENV a", "ENV must have two arguments"),
    (
        "ONBUILD LABEL a=b c",
        "Syntax error - can't find = in \"c\". Must be of the form: name=value",
    ),
    (
        "ONBUILD RUN [1]",
        "when using JSON array syntax, arrays must be comprised of strings only",
    ),
    (
        "ONBUILD HEALTHCHECK CMD [1]",
        "when using JSON array syntax, arrays must be comprised of strings only",
    ),
    ("STOPSIGNAL", "STOPSIGNAL requires exactly one argument"),
    ("STOPSIGNAL SIGFOO", "invalid signal: SIGFOO"),
    ("STOPSIGNAL 0", "invalid signal: 0"),
    ("STOPSIGNAL $unset", "invalid signal: "),
    ("USER", "USER requires exactly one argument"),
    ("VOLUME", "VOLUME requires at least one argument"),
    ("VOLUME []", "VOLUME requires at least one argument"),
    (
        "VOLUME [\" \"]",
        "VOLUME specified can not be an empty string",
    ),
    (
        "VOLUME $unset",
        "VOLUME specified can not be an empty string",
    ),
    (
        "VOLUME \"/a b\"",
        "failed to process \"\\\"/a\": unexpected end of statement while looking for matching double-quote",
    ),
    ("WORKDIR", "WORKDIR requires exactly one argument"),
    ("WORKDIR $unset", "cannot normalize nothing"),
];

#[test]
fn made() {
    for (text, json) in MADE {
        let run = on_linux(text).unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(
            serde_json::to_string(&run).expect("JSON"),
            *json,
            "{text:?}"
        );
    }
}

#[test]
fn refused() {
    for (text, message) in REFUSED {
        assert_eq!(on_linux(text).expect_err(text), *message, "{text:?}");
    }
}

#[test]
fn no_changes() {
    let mut run = RunConfig::default();
    assert_eq!(apply(&mut run, &[], "linux"), Ok(()));
    assert_eq!(run, RunConfig::default());
}

#[test]
fn texts_are_lines_of_one_file() {
    let changes = ["# escape=`", "ENV a=b `", "c=d", "LABEL e=$a"].map(str::to_owned);
    let mut run = RunConfig::default();
    apply(&mut run, &changes, "linux").expect("valid");
    assert_eq!(run.env, ["a=b", "c=d"]);
    assert_eq!(run.labels["e"], "b");
}

#[test]
fn an_empty_command_is_not_a_missing_one() {
    assert_eq!(on_linux("CMD []").expect("valid").cmd, Some(Vec::new()));
    assert_eq!(on_linux("ENTRYPOINT []").expect("valid").entrypoint, None);
    assert_eq!(
        on_linux("CMD []\nENTRYPOINT [\"a\"]").expect("valid").cmd,
        None
    );
}

#[test]
fn what_was_there_before() {
    let run: RunConfig = serde_json::from_str(
        r#"{"User":"u","Env":["A=1","B=2"],"Cmd":["c"],"Entrypoint":["e"],"WorkingDir":"/w",
            "Labels":{"l":"1"},"ExposedPorts":{"80/tcp":{}},"Volumes":{"/v":{}},
            "OnBuild":["RUN x"],"Shell":["/bin/bash","-ec"],"ArgsEscaped":true}"#,
    )
    .expect("JSON");
    let change = |text| changed(&run, text, "linux").expect(text);
    assert_eq!(change("ENTRYPOINT [\"x\"]").cmd, None);
    assert_eq!(change("CMD [\"x\"]").entrypoint, run.entrypoint);
    assert!(!change("CMD [\"x\"]").args_escaped);
    assert_eq!(
        change("CMD x").cmd.as_deref(),
        Some(&["/bin/bash", "-ec", "x"].map(str::to_owned)[..])
    );
    assert_eq!(change("ENV A=$B").env, ["A=2", "B=2"]);
    assert_eq!(change("WORKDIR x").working_dir, "/w/x");
    assert_eq!(change("LABEL m=2").labels.len(), 2);
    assert_eq!(change("EXPOSE 81").exposed_ports.len(), 2);
    assert_eq!(change("VOLUME /y").volumes.len(), 2);
    assert_eq!(change("ONBUILD RUN y").on_build, ["RUN x", "RUN y"]);

    let mut failing = run.clone();
    let changes = ["ENV A=9".to_owned(), "EXPOSE x".to_owned()];
    apply(&mut failing, &changes, "linux").expect_err("not a port");
    assert_eq!(failing, run, "nothing is changed by halves");
}

#[test]
fn windows() {
    let change = |text: &str| changed(&RunConfig::default(), text, "windows");
    for (text, json) in [
        ("CMD dir", r#"{"Cmd":["cmd","/S","/C","dir"]}"#),
        (
            "ENV Path=a\nENV PATH=b;%PATH%",
            r#"{"Env":["PATH=b;%PATH%"]}"#,
        ),
        (
            "ENV Path=a\nLABEL l=$PATH",
            r#"{"Env":["Path=a"],"Labels":{"l":"a"}}"#,
        ),
        (
            "# escape=`\nWORKDIR c:\\a\nWORKDIR b",
            r#"{"WorkingDir":"C:\\a\\b"}"#,
        ),
    ] {
        let run = change(text).expect(text);
        assert_eq!(serde_json::to_string(&run).expect("JSON"), json, "{text}");
    }
    assert_eq!(
        change("STOPSIGNAL 9").expect_err("no signals"),
        "The daemon on this platform does not support the command stopsignal"
    );
}

#[test]
fn variables_that_double() {
    let mut text = String::from("ENV a=xxxxxxxx\n");
    (0..64).for_each(|_| text.push_str("ENV a=$a$a\n"));
    let error = on_linux(&text).expect_err("too large");
    assert_eq!(
        error,
        "the variables of the changes expand to more than 1048576 bytes"
    );
}

#[test]
fn ranges_that_repeat() {
    let every = "EXPOSE 0-65535 0-65535/udp 0-65535/sctp\n";
    let run = on_linux(every).expect("every port");
    assert_eq!(run.exposed_ports.len(), 3 * 65_536);
    let error = on_linux(&every.repeat(2)).expect_err("too many");
    assert_eq!(error, "the changes expose more than 262144 ports");
}

/// Texts of the parts that Dockerfiles are made of, so that they get past the first word.
fn dockerfiles() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        prop::sample::select(vec![
            "CMD ",
            "ENTRYPOINT ",
            "ENV ",
            "EXPOSE ",
            "HEALTHCHECK ",
            "LABEL ",
            "ONBUILD ",
            "STOPSIGNAL ",
            "USER ",
            "VOLUME ",
            "WORKDIR ",
            "# escape=`\n",
            "NONE",
            "--interval=",
            "--retries=",
            "--",
            "[",
            "]",
            "\"",
            "'",
            "\\",
            "`",
            "$",
            "${",
            ":-",
            ":+",
            ":?",
            "}",
            "=",
            " ",
            "\t",
            "\n",
            "\\\n",
            "\r\n",
            "a",
            "é",
            "1",
            "80-90",
            "/udp",
            "SIGRTMIN+",
            ":",
            "1h",
            ".",
            "..",
            "/",
            "\u{2003}",
            "\u{feff}",
            "#",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
    ];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn never_panics(text in dockerfiles(), windows: bool) {
        let before = RunConfig { env: vec!["a=1".to_owned()], ..RunConfig::default() };
        let mut run = before.clone();
        let os = if windows { "windows" } else { "linux" };
        match apply(&mut run, std::slice::from_ref(&text), os) {
            Err(error) => {
                prop_assert!(!error.to_string().is_empty());
                prop_assert_eq!(run, before);
            }
            Ok(()) => {
                prop_assert!(run.env.iter().all(|entry| entry.contains('=')));
                let json = serde_json::to_vec(&run).expect("JSON");
                let read: RunConfig = serde_json::from_slice(&json).expect("what was written");
                prop_assert_eq!(read.env, run.env);
                prop_assert_eq!(read.labels, run.labels);
                prop_assert_eq!(read.healthcheck, run.healthcheck);
            }
        }
    }
}
