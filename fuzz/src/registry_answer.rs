use sockerless_registry::fuzz::answers;

/// Longest message that is shown of a refusal, in characters, with its code.
const MESSAGE: usize = 2 * 1024 + 64;

/// Reads `data` as every response of a registry and its token server: its text fits into a message,
/// and its token into a header.
pub fn registry_answer(data: &[u8]) {
    let read = answers(data);
    let refusal = &read.refusal;
    assert!(refusal.chars().count() <= MESSAGE, "{refusal}");
    assert!(!refusal.chars().any(char::is_control), "{refusal:?}");
    if let Some(token) = read.token {
        assert!(!token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic()));
    }
    assert_ne!(read.media_type.as_deref(), Some(""));
}
