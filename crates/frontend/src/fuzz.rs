//! Functions for fuzz targets only.

use sockerless_oci::json::JsonError;

use crate::filters::Filters;
use crate::images;
use crate::query::Params;
use crate::version::ApiVersion;

/// Parses the parameter `filters` of a query in every way in which an endpoint does.
///
/// # Errors
/// The message that the client would get.
pub fn filters(query: &str) -> Result<(), String> {
    let params = Params::parse(query).map_err(|error| error.to_string())?;
    let filters = Filters::parse(&params).map_err(|failure| failure.message)?;
    filters
        .check(&["dangling", "label", "until"])
        .map_err(|failure| failure.message)?;
    filters
        .flag("dangling")
        .map_err(|failure| failure.message)?;
    filters.until().map_err(|failure| failure.message)?;
    for label in filters.labels("label") {
        let text = match &label.value {
            Some(value) => format!("{}={value}", label.key),
            None => label.key.clone(),
        };
        if !filters.all("label").any(|given| given == text) {
            return Err(format!("{text} was not given"));
        }
    }
    Ok(())
}

/// The parts of a config as inspect shows them in a supported API version.
///
/// # Errors
/// When the bytes are not the config of an image.
pub fn shown_config(config: &[u8], version: &str) -> Result<Vec<String>, JsonError> {
    let version = ApiVersion::negotiate(Some(version)).unwrap_or(ApiVersion::MAX);
    images::shown_config(config, version)
}
