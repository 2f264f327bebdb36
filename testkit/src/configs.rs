//! Image configs with odd JSON: which ones Go, and so Docker, accepts and refuses.

use crate::image::{Image, Layer};

/// A config that no usual tool writes, in an image of one layer.
#[derive(Debug, Clone)]
pub struct OddConfig {
    /// What is odd about it.
    pub name: &'static str,
    /// The image.
    pub image: Image,
    /// The expected result.
    pub fate: Fate,
}

/// The expected result of loading an image with an odd config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is loaded, and shown with this author and this label.
    Shown {
        /// `Author`; may be empty.
        author: &'static str,
        /// One of `Config.Labels`.
        label: (&'static str, &'static str),
    },
    /// It is loaded, and a member of a wrong type is left out. Docker refuses it.
    Lenient,
    /// It is refused with a message that contains this.
    Refused(&'static str),
}

const LABEL: (&str, &str) = ("odd", "1");
const PLAIN: Fate = Fate::Shown {
    author: "",
    label: LABEL,
};

fn author(author: &'static str) -> Fate {
    Fate::Shown {
        author,
        label: LABEL,
    }
}

fn label(key: &'static str, value: &'static str) -> Fate {
    Fate::Shown {
        author: "",
        label: (key, value),
    }
}

/// All of them, each a different image.
#[must_use]
pub fn all() -> Vec<OddConfig> {
    [texts(), numbers(), nesting(), keys(), types(), documents()].concat()
}

fn texts() -> Vec<OddConfig> {
    let many = "\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}";
    vec![
        beside(
            "a lone surrogate",
            br#""author":"\udc80""#,
            author("\u{fffd}"),
        ),
        beside("a lone surrogate in a key", br#""x\ud800":1"#, PLAIN),
        beside(
            "a surrogate before another character",
            br#""author":"\ud83d\ude00\ud83d\u0041""#,
            author("\u{1f600}\u{fffd}A"),
        ),
        beside(
            "a Latin-1 byte",
            b"\"author\":\"J\xfcrgen\"",
            author("J\u{fffd}rgen"),
        ),
        within(
            "lone surrogates in a label",
            br#""Labels":{"k\ud800":"v\udfff"}"#,
            label("k\u{fffd}", "v\u{fffd}"),
        ),
        within(
            "Latin-1 bytes in a label",
            b"\"Labels\":{\"\xfc\":\"\xe9\"}",
            label("\u{fffd}", "\u{fffd}"),
        ),
        within(
            "CESU-8",
            b"\"Labels\":{\"odd\":\"\xed\xa0\xbd\xed\xb8\x80\"}",
            label("odd", many),
        ),
        within(
            "a character that is cut off",
            b"\"Labels\":{\"odd\":\"\xe2\x82\"}",
            label("odd", "\u{fffd}\u{fffd}"),
        ),
        within(
            "NUL",
            br#""Labels":{"a\u0000":"b\u0000"}"#,
            label("a\0", "b\0"),
        ),
        beside(
            "a NUL byte",
            b"\"author\":\"a\0b\"",
            refused("invalid config"),
        ),
        beside(
            "a control character",
            b"\"author\":\"a\x01b\"",
            refused("control character"),
        ),
        beside(
            "an unknown escape",
            br#""author":"\x41""#,
            refused("invalid escape"),
        ),
        beside(
            "a short escape",
            br#""author":"\ud80""#,
            refused("invalid escape"),
        ),
    ]
}

fn numbers() -> Vec<OddConfig> {
    let huge = [&b"\"x\":"[..], &[b'9'; 400]].concat();
    vec![
        beside("1e999 in an unknown member", br#""x":1e999"#, PLAIN),
        beside("a number of 400 digits", &huge, PLAIN),
        beside("1e999 as a text", br#""author":1e999"#, Fate::Lenient),
        within("1e999 as the user", br#""User":1e999"#, Fate::Lenient),
        within(
            "1e999 as a time",
            br#""Healthcheck":{"Interval":1e999}"#,
            Fate::Lenient,
        ),
        within("minus zero", br#""Healthcheck":{"Interval":-0}"#, PLAIN),
        within(
            "an integer that is too large",
            br#""Healthcheck":{"Interval":99999999999999999999}"#,
            Fate::Lenient,
        ),
    ]
}

fn nesting() -> Vec<OddConfig> {
    let lists = |before: &str, depth: usize| {
        let (open, close) = (vec![b'['; depth], vec![b']'; depth]);
        [before.as_bytes(), &open, &close].concat()
    };
    let objects = [
        &b"\"x\":"[..],
        &br#"{"a":"#.repeat(5000),
        b"1",
        &vec![b'}'; 5000],
    ]
    .concat();
    vec![
        beside("100 lists in each other", &lists("\"x\":", 100), PLAIN),
        beside("5000 lists in each other", &lists("\"x\":", 5000), PLAIN),
        beside("5000 objects in each other", &objects, PLAIN),
        beside("as deep as it may be", &lists("\"x\":", 9999), PLAIN),
        beside(
            "one deeper",
            &lists("\"x\":", 10_000),
            refused("more than 10000 arrays and objects lie in each other"),
        ),
        within(
            "5000 lists as the user",
            &lists("\"User\":", 5000),
            Fate::Lenient,
        ),
    ]
}

fn keys() -> Vec<OddConfig> {
    vec![
        within(
            "a key in two cases",
            br#""Labels":{"odd":"0"},"labels":{"odd":"1"}"#,
            PLAIN,
        ),
        beside(
            "two objects for one key",
            br#""Author":"a","AUTHOR":"b","Config":{"User":"u"}"#,
            author("b"),
        ),
        beside(
            "null",
            br#""author":null,"comment":null,"variant":null,"x":null"#,
            PLAIN,
        ),
        within(
            "null in the config",
            br#""Env":null,"User":null,"Healthcheck":null"#,
            PLAIN,
        ),
    ]
}

fn types() -> Vec<OddConfig> {
    let refusals = [
        ("os that is a number", &br#""os":7"#[..]),
        ("an architecture that is an object", br#""architecture":{}"#),
        ("a variant that is a number", br#""variant":7"#),
        ("a history of texts", br#""History":["x"]"#),
        ("a history that is an object", br#""History":{}"#),
        ("a rootfs that is a list", br#""RootFS":[]"#),
    ];
    let besides = [
        ("an author that is a number", &br#""author":7"#[..]),
        ("a comment that is a list", br#""comment":[]"#),
        (
            "a docker_version that is a number",
            br#""docker_version":7"#,
        ),
        ("a container that is a number", br#""container":7"#),
        (
            "a container_config that is a number",
            br#""container_config":7"#,
        ),
        ("a time that is a number", br#""Created":7"#),
        ("a time that is none", br#""Created":"x""#),
    ];
    let withins = [
        ("a user that is a number", &br#""User":7"#[..]),
        ("an environment that is a text", br#""Env":"x""#),
        ("an environment of numbers", br#""Env":[1]"#),
        ("an entrypoint that is an object", br#""Entrypoint":{}"#),
        ("ports that are a list", br#""ExposedPorts":[]"#),
        ("volumes that are a text", br#""Volumes":"x""#),
        ("a healthcheck that is a list", br#""Healthcheck":[]"#),
        ("a test that is a number", br#""Healthcheck":{"Test":1}"#),
        ("a flag that is a number", br#""ArgsEscaped":1"#),
        ("a label that is a number", br#""labels":{"odd":2}"#),
    ];
    let refusals = refusals.map(|(name, members)| beside(name, members, refused("invalid type")));
    let refusals = refusals.map(|mut odd| {
        if odd.name.ends_with("texts") {
            odd.fate = refused("expected an object");
        }
        odd
    });
    let besides = besides.map(|(name, members)| beside(name, members, Fate::Lenient));
    let withins = withins.map(|(name, members)| within(name, members, Fate::Lenient));
    [&refusals[..], &besides, &withins].concat()
}

fn documents() -> Vec<OddConfig> {
    let changed = |name: &'static str, fate, change: fn(Vec<u8>) -> Vec<u8>| {
        let mut odd = beside(name, br#""x":1"#, fate);
        odd.image.config = change(odd.image.config);
        odd
    };
    vec![
        changed("a byte order mark", refused("invalid config"), |config| {
            [&b"\xef\xbb\xbf"[..], &config].concat()
        }),
        changed("no bytes", refused("invalid config"), |_| Vec::new()),
        changed("more behind it", refused("trailing characters"), |config| {
            [&config[..], b" x"].concat()
        }),
        changed(
            "a second document",
            refused("trailing characters"),
            |config| config.repeat(2),
        ),
        changed("UTF-16", refused("invalid config"), |config| {
            let little = config.iter().flat_map(|byte| [*byte, 0]);
            [0xff, 0xfe].into_iter().chain(little).collect()
        }),
        changed(
            "a Latin-1 byte between members",
            refused("key must be a string"),
            |config| {
                let end = config.len() - 1;
                [&config[..end], b",\xfc:1}"].concat()
            },
        ),
    ]
}

fn refused(message: &'static str) -> Fate {
    Fate::Refused(message)
}

/// A config with additional members.
fn beside(name: &'static str, members: &[u8], fate: Fate) -> OddConfig {
    let layer = Layer::with_file("odd", name);
    let config = [
        &br#"{"architecture":"amd64","os":"linux","created":"2024-05-06T07:08:09Z","#[..],
        br#""config":{"Cmd":["run"],"Labels":{"odd":"1"}},"rootfs":{"type":"layers","diff_ids":[""#,
        layer.diff_id().as_bytes(),
        br#""]},"history":[{"created_by":"x"}],"#,
        members,
        b"}",
    ]
    .concat();
    odd(name, config, layer, fate)
}

/// A config with additional members in its `config`.
fn within(name: &'static str, members: &[u8], fate: Fate) -> OddConfig {
    let layer = Layer::with_file("odd", name);
    let config = [
        &br#"{"architecture":"amd64","os":"linux","created":"2024-05-06T07:08:09Z","#[..],
        br#""config":{"Cmd":["run"],"Labels":{"odd":"1"},"#,
        members,
        br#"},"rootfs":{"type":"layers","diff_ids":[""#,
        layer.diff_id().as_bytes(),
        br#""]},"history":[{"created_by":"x"}]}"#,
    ]
    .concat();
    odd(name, config, layer, fate)
}

fn odd(name: &'static str, config: Vec<u8>, layer: Layer, fate: Fate) -> OddConfig {
    OddConfig {
        name,
        image: Image {
            config,
            layers: vec![layer],
        },
        fate,
    }
}
