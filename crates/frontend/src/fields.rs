//! Members of JSON objects as Go finds them.

use serde_json::{Map, Value};

/// The member called `name`, in any case, as Go's decoder matches it. An exact match wins.
pub(crate) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| {
        object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    })
}

/// The text called `name`; empty when there is none.
pub(crate) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> &'a str {
    field(object, name)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_case() {
        let value: Value = serde_json::json!({ "OS": "a", "os.Version": "b", "os": "c" });
        let object = value.as_object().expect("object");
        assert_eq!(text(object, "os"), "c");
        assert_eq!(text(object, "Os"), "a");
        assert_eq!(text(object, "os.version"), "b");
        assert_eq!(text(object, "architecture"), "");
    }
}
