//! The channel binding of a password exchange, which prevents that a man in the middle relays it
//! (RFC 5929, `tls-server-end-point`).

use sha2::{Digest as _, Sha256, Sha384, Sha512};

const SEQUENCE: u8 = 0x30;
const OBJECT: u8 = 0x06;

/// The certificate's hash, with the function that its own signature uses. `None` where that is not
/// defined, as for Ed25519, or not determined by the algorithm alone, as for RSA-PSS.
pub(super) fn end_point(certificate: &[u8]) -> Option<Vec<u8>> {
    // Certificate ::= SEQUENCE { tbsCertificate SEQUENCE, signatureAlgorithm SEQUENCE { OID … } … }
    let (inner, _) = element(certificate, SEQUENCE)?;
    let (_, rest) = element(inner, SEQUENCE)?;
    let (algorithm, _) = element(rest, SEQUENCE)?;
    let (object, _) = element(algorithm, OBJECT)?;
    Some(match object {
        // 1.2.840.113549.1.1: with MD5 and SHA-1 the RFC requires SHA-256 too.
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4 | 5 | 11] => {
            Sha256::digest(certificate).to_vec()
        }
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12] => Sha384::digest(certificate).to_vec(),
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13] => Sha512::digest(certificate).to_vec(),
        // 1.2.840.10045.4: ECDSA.
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1] | [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2] => {
            Sha256::digest(certificate).to_vec()
        }
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3] => Sha384::digest(certificate).to_vec(),
        [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4] => Sha512::digest(certificate).to_vec(),
        _ => return None,
    })
}

/// The contents of the DER element with this tag at the beginning, and the bytes after it.
fn element(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..0x80 => (usize::from(first), rest),
        // Longer than any certificate.
        0x84.. => return None,
        _ => {
            let (digits, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
            let length = digits
                .iter()
                .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
            (length, rest)
        }
    };
    (found == tag).then(|| rest.split_at_checked(length))?
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A certificate with this algorithm and nothing else in it.
    fn signed_with(object: &[u8]) -> Vec<u8> {
        let wrap = |tag: u8, contents: &[u8]| {
            let length = u8::try_from(contents.len()).unwrap();
            [&[tag, 0x81, length], contents].concat()
        };
        let algorithm = wrap(SEQUENCE, &wrap(OBJECT, object));
        let inner = [wrap(SEQUENCE, b"to be signed"), algorithm].concat();
        wrap(SEQUENCE, &inner)
    }

    #[test]
    fn the_hash_is_that_of_the_signature() {
        const RSA: [u8; 8] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1];
        for (last, length) in [(4, 32), (5, 32), (11, 32), (12, 48), (13, 64)] {
            let certificate = signed_with(&[&RSA[..], &[last]].concat());
            let hash = end_point(&certificate).unwrap();
            assert_eq!(hash.len(), length, "{last}");
        }
        let certificate = signed_with(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
        let hash = Sha256::digest(&certificate).to_vec();
        assert_eq!(end_point(&certificate), Some(hash));
    }

    #[test]
    fn what_tells_no_hash_has_none() {
        // RSA-PSS, Ed25519.
        for object in [
            &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10][..],
            &[0x2b, 0x65, 0x70],
        ] {
            assert_eq!(end_point(&signed_with(object)), None);
        }
        let whole = signed_with(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]);
        for length in 0..whole.len() {
            assert_eq!(end_point(&whole[..length]), None, "{length}");
        }
        assert_eq!(end_point(&[SEQUENCE, 0x88, 255, 255, 255, 255]), None);
        assert_eq!(end_point(&[SEQUENCE, 0x80]), None);
    }
}
