use percent_encoding::{NON_ALPHANUMERIC, percent_encode};
use sockerless_frontend::fuzz;

/// Reads `data` as a query, and as the value of `filters` in one: it is refused with a message, or
/// its values are the given ones.
pub fn filters(data: &[u8]) {
    if let Ok(query) = std::str::from_utf8(data) {
        check(query);
    }
    check(&format!(
        "filters={}",
        percent_encode(data, NON_ALPHANUMERIC)
    ));
}

fn check(query: &str) {
    if let Err(message) = fuzz::filters(query) {
        assert!(!message.is_empty());
        assert!(!message.ends_with("was not given"), "{message}");
    }
}
