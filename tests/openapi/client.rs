use serde_json::{Value, json};
use sockerless_testkit::daemon::{Backend, Daemon, Launch};
use sockerless_testkit::http::{Request, Response};

/// A response and its expected type.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    /// Its type, by a name of `types/kinds.rs`.
    pub(crate) kind: &'static str,
    /// The request.
    pub(crate) request: String,
    /// The response, or one line of it.
    pub(crate) value: Value,
}

/// Sends requests to a daemon in one API version, and keeps the responses.
#[derive(Debug)]
pub(crate) struct Client {
    daemon: Daemon,
    minor: u16,
    answers: Vec<Answer>,
}

impl Client {
    pub(crate) fn new(minor: u16) -> Self {
        Self {
            daemon: launch().start(),
            minor,
            answers: Vec::new(),
        }
    }

    /// The same with another daemon, which stages in `repository`.
    pub(crate) fn with_staging(&self, repository: &str) -> Self {
        let launch = launch().argument("--staging").argument(repository);
        Self {
            daemon: launch.start(),
            minor: self.minor,
            answers: Vec::new(),
        }
    }

    /// Takes the responses of another client.
    pub(crate) fn take(&mut self, other: Self) {
        self.answers.extend(other.answers);
    }

    pub(crate) fn answers(self) -> Vec<Answer> {
        self.answers
    }

    /// Whether the API version is 1.`minor` or newer.
    pub(crate) fn at_least(&self, minor: u16) -> bool {
        self.minor >= minor
    }

    pub(crate) fn get(&mut self, kind: &'static str, path: &str) -> Value {
        self.whole(kind, "GET", path, None)
    }

    pub(crate) fn post(&mut self, kind: &'static str, path: &str, body: &Value) -> Value {
        self.whole(kind, "POST", path, Some(body))
    }

    pub(crate) fn delete(&mut self, kind: &'static str, path: &str) -> Value {
        self.whole(kind, "DELETE", path, None)
    }

    /// A request whose response has no body.
    pub(crate) fn without_answer(&mut self, method: &str, path: &str) {
        let response = self.send(method, path, None);
        assert!(
            matches!(response.status, 201 | 204) && response.body.is_empty(),
            "{method} {path}: {} {}",
            response.status,
            response.text()
        );
    }

    /// A request that is refused with `status`.
    pub(crate) fn refused(&mut self, status: u16, method: &str, path: &str, body: Option<&Value>) {
        let response = self.send(method, path, body);
        let text = response.text();
        assert_eq!(response.status, status, "{method} {path}: {text}");
        self.keep("error", method, path, response.json());
    }

    /// A request whose response is a stream of lines.
    pub(crate) fn lines(&mut self, kind: &'static str, path: &str, body: &[u8]) -> Vec<Value> {
        let response = self.exchange("POST", path, Some(("application/x-tar", body.to_vec())));
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        let lines = response.lines();
        assert!(!lines.is_empty(), "{path}");
        for line in &lines {
            self.keep(kind, "POST", path, line.clone());
        }
        lines
    }

    /// `GET` of JSON values, one a line.
    pub(crate) fn values(&mut self, kind: &'static str, path: &str) -> Vec<Value> {
        let response = self.send("GET", path, None);
        assert_eq!(response.status, 200, "{path}: {}", response.text());
        let values = serde_json::Deserializer::from_slice(&response.body).into_iter();
        let values: Vec<Value> = values.collect::<Result<_, _>>().expect("JSON values");
        for value in &values {
            self.keep(kind, "GET", path, value.clone());
        }
        values
    }

    /// Keeps a part of a response that its own type leaves open.
    pub(crate) fn part(&mut self, kind: &'static str, path: &str, part: &Value) {
        self.keep(kind, "part of GET", path, part.clone());
    }

    fn whole(
        &mut self,
        kind: &'static str,
        method: &str,
        path: &str,
        body: Option<&Value>,
    ) -> Value {
        let response = self.send(method, path, body);
        let text = response.text();
        assert!(
            matches!(response.status, 200 | 201),
            "{method} {path}: {} {text}",
            response.status
        );
        let value = response.json();
        self.keep(kind, method, path, value.clone());
        value
    }

    fn keep(&mut self, kind: &'static str, method: &str, path: &str, value: Value) {
        self.answers.push(Answer {
            kind,
            request: format!("{method} {path}"),
            value,
        });
    }

    fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let empty = (method == "POST").then(|| json!({}));
        let body = body.or(empty.as_ref());
        self.exchange(
            method,
            path,
            body.map(|body| ("application/json", body.to_string().into_bytes())),
        )
    }

    fn exchange(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Response {
        let mut request = Request::new(method, &format!("/v1.{}{path}", self.minor));
        if let Some((content_type, body)) = body {
            request = request.header("Content-Type", content_type).body(body);
        }
        self.daemon.request(&request)
    }
}

fn launch() -> Launch {
    Launch::new(env!("CARGO_BIN_EXE_sockerless-tests"), Backend::Sqlite)
}
