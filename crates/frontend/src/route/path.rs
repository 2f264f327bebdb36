//! The path of a request: decoded, without needless segments, and without its version.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::Reject;

/// The decoded path.
///
/// # Errors
/// [`Reject`], for a path that is not clean and for a broken escape.
pub(super) fn cleaned(path: &str) -> Result<String, Reject> {
    let decoded = decode(path)?;
    let clean = clean(&decoded);
    if clean != decoded {
        return Err(Reject::Unclean {
            location: percent_encode(&clean, PATH).to_string(),
        });
    }
    Ok(String::from_utf8_lossy(&clean).into_owned())
}

/// Splits `/v1.41/info` into `1.41` and `/info`.
pub(super) fn split_version(path: &str) -> Option<(&str, &str)> {
    let rest = path.strip_prefix("/v")?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (version, rest) = rest.split_at(end);
    (!version.is_empty() && rest.starts_with('/')).then_some((version, rest))
}

/// The characters that Go does not encode in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b',')
    .remove(b'/')
    .remove(b':')
    .remove(b';')
    .remove(b'=')
    .remove(b'@');

fn decode(path: &str) -> Result<Vec<u8>, Reject> {
    crate::query::check_escapes(path).map_err(|escape| Reject::Escape { escape })?;
    Ok(percent_encoding::percent_decode_str(path).collect())
}

/// The path without empty, `.` and `..` segments; a slash at the end stays.
fn clean(path: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = Vec::new();
    for segment in path.split(|&byte| byte == b'/') {
        match segment {
            b"" | b"." => {}
            b".." => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    let mut clean = Vec::with_capacity(path.len() + 1);
    for segment in &segments {
        clean.push(b'/');
        clean.extend_from_slice(segment);
    }
    if segments.is_empty() || path.ends_with(b"/") {
        clean.push(b'/');
    }
    clean
}
