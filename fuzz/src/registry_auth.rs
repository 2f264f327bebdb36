use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use sockerless_registry::{Credentials, parse_registry_auth};

/// Reads `data` as the value of `X-Registry-Auth`, and as the JSON in one: every encoding gives the
/// same result, and no part of it is in an error or a debug text.
pub fn registry_auth(data: &[u8]) {
    if let Ok(value) = std::str::from_utf8(data)
        && let Ok(read) = parse_registry_auth(value)
    {
        let again = parse_registry_auth(&format!(" {value} "));
        assert_eq!(again.as_ref(), Ok(&read));
    }
    let read = parse_registry_auth(&URL_SAFE.encode(data));
    for value in [URL_SAFE_NO_PAD.encode(data), STANDARD.encode(data)] {
        assert_eq!(parse_registry_auth(&value), read);
    }
    if let Ok(read) = read
        && let Credentials::Basic { password, .. } = &read.credentials
    {
        let secret = password.expose();
        // Shorter ones may occur in any text.
        let is_long = secret.len() > 8 && read.server_address.is_none();
        let shown = format!("{password:?}");
        assert!(!is_long || !shown.contains(secret), "{shown}");
    }
}
