//! The target of a request, made fit for hyper's parser.

use super::fault::Fault;

/// The most bytes of a target: what `hyper` reads.
pub(super) const TARGET_BYTES: usize = 65_534;

/// `target` with the characters percent-encoded that `net/http` of Go accepts and hyper does not:
/// quotes, angle brackets and the like, and bytes beyond ASCII. The parsers of the path and the
/// query decode them again. A `#` begins no fragment, because clients do not send fragments.
///
/// # Errors
/// [`Fault::ControlCharacter`], as Go, and [`Fault::LongTarget`].
pub(super) fn normalize(target: &[u8]) -> Result<Vec<u8>, Fault> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut normal = Vec::with_capacity(target.len());
    for &byte in target {
        match byte {
            0..=b' ' | 0x7f => return Err(Fault::ControlCharacter),
            b'"' | b'<' | b'>' | b'#' | b'\\' | b'^' | b'`' | b'|' | 0x80.. => normal
                .extend_from_slice(&[
                    b'%',
                    HEX[usize::from(byte >> 4)],
                    HEX[usize::from(byte & 15)],
                ]),
            _ => normal.push(byte),
        }
        if normal.len() > TARGET_BYTES {
            return Err(Fault::LongTarget);
        }
    }
    Ok(normal)
}

#[cfg(test)]
mod tests {
    use hyper::Uri;

    use super::*;

    #[test]
    fn raw_characters_are_encoded_and_nothing_else_changes() {
        for (target, normal) in [
            ("/a?b=c", "/a?b=c"),
            ("*", "*"),
            (
                r#"/images/json?filters={"label":["a<b>"]}"#,
                "/images/json?filters={%22label%22:[%22a%3Cb%3E%22]}",
            ),
            ("/a%22?b=%22", "/a%22?b=%22"),
            ("/a#b?c#d", "/a%23b?c%23d"),
            ("/\\^`|", "/%5C%5E%60%7C"),
            ("/ü", "/%C3%BC"),
            ("http://h/\"", "http://h/%22"),
        ] {
            let found = normalize(target.as_bytes()).expect(target);
            assert_eq!(String::from_utf8_lossy(&found), normal);
            Uri::try_from(found).expect(target);
        }
    }

    #[test]
    fn every_byte_is_refused_or_readable() {
        for byte in 0..=u8::MAX {
            for target in [[b'/', byte].to_vec(), [b'/', b'?', byte].to_vec()] {
                match normalize(&target) {
                    Ok(normal) => {
                        let uri = Uri::try_from(normal).expect("hyper reads it");
                        assert!(uri.to_string().len() >= target.len(), "{byte:#x}");
                    }
                    Err(fault) => {
                        assert_eq!(fault, Fault::ControlCharacter);
                        assert!(byte <= b' ' || byte == 0x7f, "{byte:#x}");
                    }
                }
            }
        }
    }

    #[test]
    fn length() {
        let longest = vec![b'a'; TARGET_BYTES];
        assert_eq!(normalize(&longest), Ok(longest.clone()));
        assert_eq!(
            normalize(&vec![b'"'; TARGET_BYTES / 3 + 1]),
            Err(Fault::LongTarget)
        );
    }
}
