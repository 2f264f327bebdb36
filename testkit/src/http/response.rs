//! Responses, with their bytes on the wire.

use serde_json::Value;

/// A response as received.
#[derive(Debug, Clone)]
pub struct Response {
    /// Status line and headers, with the empty line at the end.
    pub head: String,
    /// The status code.
    pub status: u16,
    /// The headers in their order, names unchanged.
    pub headers: Vec<(String, String)>,
    /// The body on the wire, with the sizes of chunks.
    pub raw_body: Vec<u8>,
    /// The chunks, when there were any.
    pub chunks: Vec<Vec<u8>>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// The value of the header `name`, in any case; `None` when there is none.
    ///
    /// # Panics
    /// When the header is there more than once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(
            values.next().is_none(),
            "two headers {name} in\n{}",
            self.head
        );
        value
    }

    /// Whether the body came in chunks.
    #[must_use]
    pub fn is_chunked(&self) -> bool {
        self.header("Transfer-Encoding") == Some("chunked")
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as one JSON value.
    ///
    /// # Panics
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}{}", self.head, self.text()))
    }

    /// The text in `{"message": …}`.
    ///
    /// # Panics
    /// When the body has another form.
    #[must_use]
    pub fn message(&self) -> String {
        let json = self.json();
        let keys = json.as_object().map_or(0, serde_json::Map::len);
        assert_eq!(keys, 1, "one key in {json}");
        json["message"]
            .as_str()
            .unwrap_or_else(|| panic!("no message in {json}"))
            .to_owned()
    }

    /// The JSON objects of a stream, one a line; every line must end in `\r\n`.
    ///
    /// # Panics
    /// When the body has another form.
    #[must_use]
    pub fn lines(&self) -> Vec<Value> {
        let text = self.text();
        assert!(
            text.is_empty() || text.ends_with("\r\n"),
            "no line end in {text:?}"
        );
        text.split_terminator("\r\n")
            .map(|line| {
                assert!(!line.contains('\n'), "two lines in {line:?}");
                serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line:?}"))
            })
            .collect()
    }

    /// The `stream` texts among the lines.
    #[must_use]
    pub fn streams(&self) -> Vec<String> {
        let lines = self.lines();
        lines
            .iter()
            .filter_map(|line| line["stream"].as_str())
            .map(str::to_owned)
            .collect()
    }
}
