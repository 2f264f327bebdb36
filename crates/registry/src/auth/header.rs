//! Values of the `Authorization` header.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;

use crate::error::Fault;
use crate::secret::Secret;

pub(crate) fn bearer(token: &Secret) -> Result<HeaderValue, Fault> {
    sensitive(format!("Bearer {}", token.expose()))
}

pub(crate) fn basic(username: &str, password: &Secret) -> Result<HeaderValue, Fault> {
    let pair = format!("{username}:{}", password.expose());
    sensitive(format!("Basic {}", STANDARD.encode(pair)))
}

fn sensitive(text: String) -> Result<HeaderValue, Fault> {
    let mut value = HeaderValue::try_from(text)
        .map_err(|_| Fault::Setup("the token has characters no header can have".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
