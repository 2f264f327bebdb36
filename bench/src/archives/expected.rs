use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// The expected properties of a loaded image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Expected {
    /// Its name in the archive.
    pub(crate) name: String,
    /// `sha256:<hex>` of its config.
    pub(crate) id: String,
    /// `sha256:<hex>` of its layers' tars, base first.
    pub(crate) diff_ids: Vec<String>,
}

impl Expected {
    /// Compares with a daemon's inspection of the image. Podman 4 omits the algorithm in some
    /// places.
    pub(crate) fn check(&self, inspected: &Value) -> Result<()> {
        let id = inspected["Id"].as_str().context("no Id")?;
        let is_it = id == self.id || self.id.strip_prefix("sha256:") == Some(id);
        ensure!(is_it, "the image is {id}, not {}", self.id);
        self.check_layers(inspected)
    }

    /// Compares the layers alone: an import gives the image a time, and so an ID of its own.
    pub(crate) fn check_layers(&self, inspected: &Value) -> Result<()> {
        let layers = &inspected["RootFS"]["Layers"];
        ensure!(
            *layers == json!(self.diff_ids),
            "layers {layers}, not {:?}",
            self.diff_ids
        );
        Ok(())
    }

    pub(super) fn to_json(&self) -> Value {
        json!({"name": self.name, "id": self.id, "diff_ids": self.diff_ids})
    }

    pub(super) fn from_json(value: &Value) -> Result<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let diff_ids = value["diff_ids"].as_array().context("no diff_ids")?;
        Ok(Self {
            name: text(&value["name"]).context("no name")?,
            id: text(&value["id"]).context("no id")?,
            diff_ids: diff_ids.iter().filter_map(text).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected() -> Expected {
        Expected {
            name: "bench.example/helper:1".to_owned(),
            id: "sha256:aa".to_owned(),
            diff_ids: vec!["sha256:01".to_owned(), "sha256:02".to_owned()],
        }
    }

    #[test]
    fn it_survives_being_written() {
        let expected = expected();
        assert_eq!(Expected::from_json(&expected.to_json()).unwrap(), expected);
    }

    #[test]
    fn another_image_is_noticed() {
        let layers = json!({"Layers": ["sha256:01", "sha256:02"]});
        let check =
            |id: &str, layers: &Value| expected().check(&json!({"Id": id, "RootFS": layers}));
        check("sha256:aa", &layers).unwrap();
        check("aa", &layers).unwrap();
        assert!(check("sha256:ab", &layers).is_err());
        assert!(check("sha256:aa", &json!({"Layers": ["sha256:01"]})).is_err());
        assert!(expected().check(&json!({})).is_err());
    }
}
