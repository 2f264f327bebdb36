//! Container IDs and the random bytes they are made of.

use sockerless_images::Error;

/// A unique ID: 64 random hexadecimal characters.
///
/// The first twelve are never all digits: as a host name they would look like an address.
pub(crate) fn random() -> Result<String, Error> {
    loop {
        let mut bytes = [0; 32];
        fill(&mut bytes)?;
        let id: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        if short(&id).bytes().any(|byte| !byte.is_ascii_digit()) {
            return Ok(id);
        }
    }
}

/// The short form of an ID.
pub(crate) fn short(id: &str) -> &str {
    id.get(..12).unwrap_or(id)
}

/// Random bytes from the operating system.
pub(crate) fn fill(bytes: &mut [u8]) -> Result<(), Error> {
    getrandom::fill(bytes).map_err(|error| {
        let message = "the operating system gives no random numbers";
        Error::internal(message).with_source(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids() {
        let (one, other) = (random().expect("random"), random().expect("random"));
        assert_ne!(one, other);
        for id in [one, other] {
            assert_eq!(id.len(), 64);
            assert!(
                id.bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')),
                "{id}"
            );
            assert_eq!(short(&id), &id[..12]);
        }
    }
}
