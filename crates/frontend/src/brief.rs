//! Shortens messages that would repeat long input of a client.

/// Bytes of a message, at most. Docker's own are a sentence; longer ones repeat input of a client.
const MOST: usize = 2048;

/// How much is kept of the beginning and of the end of a longer one: the end has the hint.
const BEGIN: usize = 1024;
const END: usize = 512;

/// The message, without its middle when it is long.
pub(crate) fn brief(message: String) -> String {
    if message.len() <= MOST {
        return message;
    }
    let begin = message.floor_char_boundary(BEGIN);
    let end = message.ceil_char_boundary(message.len() - END);
    format!(
        "{}... ({} bytes left out) ...{}",
        &message[..begin],
        end - begin,
        &message[end..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_messages_lose_their_middle() {
        let longest = "x".repeat(MOST);
        assert_eq!(brief(longest.clone()), longest);
        let name = "ü".repeat(1 << 20);
        let message = brief(format!("invalid name \"{name}\": give a shorter one"));
        assert!(message.len() < MOST, "{}", message.len());
        assert!(message.starts_with("invalid name \"ü"), "{message}");
        assert!(message.ends_with("ü\": give a shorter one"), "{message}");
        assert!(message.contains("... (2095"), "{message}");
    }
}
