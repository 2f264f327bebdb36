//! The grammar of references, as Docker's parser defines it.

use crate::{Digest, ReferenceError};

/// The registry of names without one.
pub(crate) const DEFAULT_DOMAIN: &str = "docker.io";

/// The namespace on the default registry of names with one component.
pub(crate) const OFFICIAL: &str = "library/";

const LEGACY_DOMAIN: &str = "index.docker.io";
const LONGEST_PATH: usize = 255;
const LONGEST_TAG: usize = 128;
const SHORTEST_DIGEST: usize = 32;

/// A reference in its normalised parts, borrowed from the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    /// Empty if the name has none: see [`parse`].
    pub(crate) domain: &'a str,
    /// Whether the path needs the prefix `library/`.
    pub(crate) official: bool,
    pub(crate) path: &'a str,
    pub(crate) tag: Option<&'a str>,
    pub(crate) digest: Option<Digest>,
}

/// Parses and normalises as Docker does.
///
/// A first component with a `.` that is a valid path component but not a domain, as in
/// `my_host.local/app`, belongs to the path, and the name has no domain at all: Docker accepts such
/// names, so they are accepted here.
pub(crate) fn parse(text: &str) -> Result<Parts<'_>, ReferenceError> {
    if is_full_id(text) {
        return Err(ReferenceError::LooksLikeId(text.into()));
    }
    let (domain, remainder) = split_domain(text);
    let official = domain == DEFAULT_DOMAIN && !remainder.contains('/');
    normalise(text, domain, official, remainder)
        // Docker reports upper-case letters before any other fault. No valid name has them, so only
        // a failure pays for the check.
        .map_err(|error| uppercase(official, remainder).unwrap_or(error))
}

fn normalise<'a>(
    text: &'a str,
    domain: &'a str,
    official: bool,
    remainder: &'a str,
) -> Result<Parts<'a>, ReferenceError> {
    let Some(scanned) = scan(domain, remainder) else {
        let lower = |text: &str| text.chars().map(to_lowercase).collect::<String>();
        let (lower_domain, lower_remainder) = (lower(domain), lower(remainder));
        let changed = lower_domain != domain || lower_remainder != remainder;
        return Err(match scan(&lower_domain, &lower_remainder) {
            Some(_) if changed => ReferenceError::UppercaseNamespace,
            _ => ReferenceError::Format,
        });
    };
    let (domain, path) = if scanned.has_domain {
        (domain, scanned.path)
    } else {
        ("", &text[..domain.len() + 1 + scanned.path.len()])
    };
    if path.len() + if official { OFFICIAL.len() } else { 0 } > LONGEST_PATH {
        return Err(ReferenceError::TooLong);
    }
    let digest = scanned.digest.map(str::parse).transpose()?;
    Ok(Parts {
        domain,
        official,
        path,
        tag: scanned.tag,
        digest,
    })
}

/// The first component is a domain if it could not be a namespace of Docker Hub.
fn split_domain(text: &str) -> (&str, &str) {
    match text.split_once('/') {
        Some((LEGACY_DOMAIN, rest)) => (DEFAULT_DOMAIN, rest),
        Some((first, rest)) if reads_as_domain(first) => (first, rest),
        _ => (DEFAULT_DOMAIN, text),
    }
}

/// Whether Docker reads the first of several components as a domain.
pub(crate) fn reads_as_domain(first: &str) -> bool {
    first == "localhost"
        || first
            .chars()
            .any(|c| c == '.' || c == ':' || is_uppercase(c))
}

fn uppercase(official: bool, remainder: &str) -> Option<ReferenceError> {
    let (name, _) = remainder.split_once(':').unwrap_or((remainder, ""));
    name.chars().any(is_uppercase).then(|| {
        let prefix = if official { OFFICIAL } else { "" };
        ReferenceError::Uppercase(format!("{prefix}{name}").into())
    })
}

fn is_uppercase(character: char) -> bool {
    to_lowercase(character) != character
}

/// Maps one character to one, as Go does.
fn to_lowercase(character: char) -> char {
    character.to_lowercase().next().unwrap_or(character)
}

struct Scanned<'a> {
    has_domain: bool,
    path: &'a str,
    tag: Option<&'a str>,
    digest: Option<&'a str>,
}

/// Splits `path[:tag][@digest]` and checks each part against the grammar.
fn scan<'a>(domain: &str, remainder: &'a str) -> Option<Scanned<'a>> {
    let (name, digest) = match remainder.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (remainder, None),
    };
    let (path, tag) = match name.split_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (name, None),
    };
    let has_domain = is_domain(domain);
    let valid = (has_domain || is_path(domain))
        && is_path(path)
        && tag.is_none_or(is_tag)
        && digest.is_none_or(is_digest);
    valid.then_some(Scanned {
        has_domain,
        path,
        tag,
        digest,
    })
}

/// 64 lower-case hexadecimal characters.
pub(crate) fn is_full_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// `[\w][\w.-]{0,127}`
pub(crate) fn is_tag(text: &str) -> bool {
    text.len() <= LONGEST_TAG
        && text.bytes().enumerate().all(|(at, b)| {
            b.is_ascii_alphanumeric() || b == b'_' || (at > 0 && (b == b'.' || b == b'-'))
        })
        && !text.is_empty()
}

/// A host name, an IPv4 address or a bracketed IPv6 address; then, perhaps, a port.
fn is_domain(text: &str) -> bool {
    let (host_is_valid, rest) = if let Some(bracketed) = text.strip_prefix('[') {
        let Some((address, rest)) = bracketed.split_once(']') else {
            return false;
        };
        let valid = address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':');
        (valid && !address.is_empty(), rest)
    } else {
        let (host, rest) = text.split_at(text.find(':').unwrap_or(text.len()));
        (host.split('.').all(is_host_label), rest)
    };
    host_is_valid
        && match rest.strip_prefix(':') {
            Some(port) => !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()),
            None => rest.is_empty(),
        }
}

fn is_host_label(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('-')
        && !text.ends_with('-')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Components of `[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*`, with `/` between them.
fn is_path(text: &str) -> bool {
    let mut previous = b'/';
    let mut run = 0;
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => run = 0,
            b'/' | b'.' | b'_' | b'-' => {
                let longer = byte == previous && (byte == b'-' || (byte == b'_' && run == 1));
                if !is_lower_alphanumeric(previous) && !longer {
                    return false;
                }
                run += 1;
            }
            _ => return false,
        }
        previous = byte;
    }
    is_lower_alphanumeric(previous)
}

fn is_lower_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

/// `[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}`: wider than what
/// [`Digest`] takes, because Docker reports the two faults differently.
fn is_digest(text: &str) -> bool {
    text.split_once(':').is_some_and(|(algorithm, hex)| {
        algorithm.split(['-', '_', '+', '.']).all(|component| {
            component.starts_with(|c: char| c.is_ascii_alphabetic())
                && component.bytes().all(|b| b.is_ascii_alphanumeric())
        }) && hex.len() >= SHORTEST_DIGEST
            && hex.bytes().all(|b| b.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests;
