//! A sockerless and a dockerd that get the same requests.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sockerless_testkit::daemon::{Backend, Daemon};
use sockerless_testkit::dockerd::Dockerd;
use sockerless_testkit::http::{Request, Response, escaped};
use sockerless_testkit::image::Image;

use crate::SOCKERLESS;
use crate::answer::Answer;
use crate::compare;
use crate::difference::{Difference, Exchange, Place};
use crate::normal::{Clock, Normal};

/// The newest API version of dockerd 20.10.
const VERSION: &str = "1.41";

/// The header and body of a request.
#[derive(Debug, Clone, Default)]
struct Carried {
    header: Option<(&'static str, &'static str)>,
    body: Option<Vec<u8>>,
}

/// Two new daemons, and the differences so far.
#[derive(Debug)]
pub(crate) struct Pair {
    scenario: &'static str,
    version: &'static str,
    clock: Clock,
    dockerd: Dockerd,
    sockerless: Daemon,
    dockerd_names: Vec<(String, String)>,
    sockerless_names: Vec<(String, String)>,
    /// The name for an ID in the next responses, and its position.
    naming: Option<(&'static str, &'static str)>,
    last: Option<Answers>,
    differences: Vec<Difference>,
}

/// The responses to one request.
#[derive(Debug, Clone)]
pub(crate) struct Answers {
    pub(crate) dockerd: Response,
    pub(crate) sockerless: Response,
}

impl Pair {
    pub(crate) fn start(scenario: &'static str) -> Self {
        let dockerd = Dockerd::start();
        let sockerless = Daemon::start(SOCKERLESS, Backend::Sqlite);
        let info = dockerd.request(&Request::get("/info")).json();
        let clock = Clock::new(info["SystemTime"].as_str().expect("a time"));
        let ours = sockerless.data_root().display().to_string();
        let theirs = info["DockerRootDir"].as_str().expect("a folder").to_owned();
        Self {
            scenario,
            version: VERSION,
            clock,
            dockerd,
            sockerless,
            dockerd_names: vec![(theirs, "<root>".to_owned())],
            sockerless_names: vec![(ours, "<root>".to_owned())],
            naming: None,
            last: None,
            differences: Vec::new(),
        }
    }

    pub(crate) fn differences(self) -> Vec<Difference> {
        self.differences
    }

    /// The version in the paths from here on; empty for none.
    pub(crate) fn version(&mut self, version: &'static str) -> &mut Self {
        self.version = version;
        self
    }

    pub(crate) fn get(&mut self, target: &str) -> &mut Self {
        self.ask("GET", target)
    }

    pub(crate) fn post(&mut self, target: &str) -> &mut Self {
        self.ask("POST", target)
    }

    pub(crate) fn delete(&mut self, target: &str) -> &mut Self {
        self.ask("DELETE", target)
    }

    /// Sends a request without a body.
    pub(crate) fn ask(&mut self, method: &str, target: &str) -> &mut Self {
        self.send(method, target, &Carried::default())
    }

    /// Posts JSON.
    pub(crate) fn post_json(&mut self, target: &str, body: &Value) -> &mut Self {
        self.post_body(target, "application/json", body.to_string().as_bytes())
    }

    /// Posts a body of some type.
    pub(crate) fn post_body(
        &mut self,
        target: &str,
        content_type: &'static str,
        body: &[u8],
    ) -> &mut Self {
        let carried = Carried {
            header: Some(("Content-Type", content_type)),
            body: Some(body.to_vec()),
        };
        self.send("POST", target, &carried)
    }

    /// Posts without a body and without credentials.
    pub(crate) fn post_anonymously(&mut self, target: &str) -> &mut Self {
        let carried = Carried {
            // `{}` in base64.
            header: Some(("X-Registry-Auth", "e30=")),
            body: None,
        };
        self.send("POST", target, &carried)
    }

    /// Loads an archive as the docker CLI does in a terminal. The daemons ignore the parameter with
    /// the name of the archive.
    pub(crate) fn load(&mut self, name: &str, archive: &[u8]) -> &mut Self {
        let target = format!("/images/load?quiet=0&archive={}", escaped(name));
        self.post_body(&target, "application/x-tar", archive)
    }

    /// Loads an image under these names. The first one is the name of the archive.
    pub(crate) fn load_image(&mut self, image: &Image, names: &[&str]) -> &mut Self {
        let archive = image.docker_archive(names).finish();
        self.load(names.first().unwrap_or(&"nameless"), &archive)
    }

    /// Names the ID that the next responses have at `pointer`, which each daemon generates:
    /// requests may use `<name>` for it, and `<name:12>` for its first twelve digits.
    pub(crate) fn naming(&mut self, name: &'static str, pointer: &'static str) -> &mut Self {
        self.naming = Some((name, pointer));
        self
    }

    /// The last responses, not normalized.
    pub(crate) fn last(&self) -> Answers {
        self.last.clone().expect("an answer")
    }

    /// Loads an archive into each: both must succeed. The lines are not compared, because dockerd
    /// saves images in any order.
    pub(crate) fn load_each(&self, dockerd: &[u8], sockerless: &[u8]) {
        let load = |archive: &[u8]| {
            Request::post("/images/load?quiet=1")
                .header("Content-Type", "application/x-tar")
                .body(archive)
        };
        for response in [
            self.dockerd.request(&load(dockerd)),
            self.sockerless.request(&load(sockerless)),
        ] {
            let told = response.text();
            let is_loaded = response.status == 200 && !told.contains("errorDetail");
            assert!(is_loaded, "{}: {told}", response.status);
        }
    }

    /// Removes all images of both.
    pub(crate) fn empty(&mut self) {
        for image in self.images() {
            let request = Request::new("DELETE", &format!("/images/{image}?force=1"));
            let _gone_with_another = self.dockerd.request(&request);
            let _gone_with_another = self.sockerless.request(&request);
        }
        let left = self.images();
        assert!(left.is_empty(), "images are left: {left:?}");
    }

    /// The IDs of all images that one of the two has.
    fn images(&self) -> Vec<String> {
        let request = Request::get("/images/json");
        let both = [
            self.dockerd.request(&request),
            self.sockerless.request(&request),
        ];
        let lists = both.iter().map(Response::json);
        let images = lists.flat_map(|list| list.as_array().cloned().unwrap_or_default());
        let ids = images.filter_map(|image| image["Id"].as_str().map(str::to_owned));
        let ids: BTreeSet<String> = ids.collect();
        ids.into_iter().collect()
    }

    /// The query for all events until now.
    pub(crate) fn past(&self) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("after 1970");
        format!("since=1&until={}.{:09}", now.as_secs(), now.subsec_nanos())
    }

    fn send(&mut self, method: &str, target: &str, carried: &Carried) -> &mut Self {
        let theirs = self.request(method, target, carried, &self.dockerd_names);
        let ours = self.request(method, target, carried, &self.sockerless_names);
        let answers = Answers {
            dockerd: self.dockerd.request(&theirs),
            sockerless: self.sockerless.request(&ours),
        };
        self.compare(method, target, answers);
        self
    }

    fn request(
        &self,
        method: &str,
        target: &str,
        carried: &Carried,
        names: &[(String, String)],
    ) -> Request {
        let prefix = match self.version {
            "" => String::new(),
            version => format!("/v{version}"),
        };
        let target = names
            .iter()
            .fold(target.to_owned(), |target, (value, name)| {
                target.replace(name, value)
            });
        let mut request = Request::new(method, &format!("{prefix}{target}"));
        if let Some((name, value)) = carried.header {
            request = request.header(name, value);
        }
        match &carried.body {
            Some(body) => request.body(body.clone()),
            None if method == "POST" => request.body(Vec::new()),
            None => request,
        }
    }

    fn compare(&mut self, method: &str, target: &str, answers: Answers) {
        let request = format!("{method} {}", unescaped(target));
        if let Some((name, pointer)) = self.naming.take() {
            self.dockerd_names
                .extend(names(&answers.dockerd, name, pointer));
            self.sockerless_names
                .extend(names(&answers.sockerless, name, pointer));
        }
        let read = |response: &Response, names: &[(String, String)]| {
            let clock = &self.clock;
            Answer::new(&request, response, &Normal { clock, names })
        };
        let theirs = read(&answers.dockerd, &self.dockerd_names);
        let ours = read(&answers.sockerless, &self.sockerless_names);
        let places = compare::places(&theirs, &ours);
        let exchange = Arc::new(Exchange {
            scenario: self.scenario,
            version: self.version,
            request,
            dockerd: told(&answers.dockerd),
            sockerless: told(&answers.sockerless),
        });
        let difference = |place: Place| Difference {
            exchange: Arc::clone(&exchange),
            place,
        };
        self.differences.extend(places.into_iter().map(difference));
        self.last = Some(answers);
    }
}

/// An ID and its first twelve digits, with their placeholders; nothing when there is none, which
/// the responses then show.
fn names(response: &Response, name: &str, pointer: &str) -> Vec<(String, String)> {
    let first = response.text();
    let first = first.lines().next().unwrap_or_default();
    let json: Value = serde_json::from_str(first).unwrap_or_default();
    let id = json.pointer(pointer).and_then(Value::as_str);
    let id = id.unwrap_or_default().trim_start_matches("sha256:");
    let Some(short) = id.get(..12) else {
        return Vec::new();
    };
    vec![
        (id.to_owned(), format!("<{name}>")),
        (short.to_owned(), format!("<{name}:12>")),
    ]
}

fn told(response: &Response) -> String {
    format!("{}{}", response.head, response.text())
}

/// A target as people write it.
fn unescaped(target: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = target.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        let byte = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        match byte.filter(|_| first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
