//! Names of signals, as in an image's `StopSignal`.

/// Names of the signals of Linux without `SIG`, apart from the real-time ones.
const NAMES: [&str; 34] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL",
    "PIPE", "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP",
    "TTIN", "TTOU", "URG", "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ",
];

/// Whether Docker accepts this as a signal: a name in any case, with or without `SIG`, or a number
/// that is not zero.
#[must_use]
pub fn is_signal(text: &str) -> bool {
    if let Ok(number) = text.parse::<i64>() {
        return number != 0;
    }
    let name = text.to_ascii_uppercase();
    let name = name.strip_prefix("SIG").unwrap_or(&name);
    NAMES.contains(&name) || is_real_time(name)
}

/// `RTMIN` to `RTMIN+15` and `RTMAX-14` to `RTMAX`.
fn is_real_time(name: &str) -> bool {
    let (offset, last) = if let Some(offset) = name.strip_prefix("RTMIN") {
        (offset.strip_prefix('+').ok_or(offset), 15)
    } else if let Some(offset) = name.strip_prefix("RTMAX") {
        (offset.strip_prefix('-').ok_or(offset), 14)
    } else {
        return false;
    };
    match offset {
        Ok(offset) => (1..=last).any(|number: u8| number.to_string() == offset),
        Err(rest) => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals() {
        for text in [
            "SIGTERM",
            "TERM",
            "sigterm",
            "term",
            "Int",
            "9",
            "+9",
            "64",
            "99",
            "SIGRTMIN",
            "SIGRTMIN+3",
            "rtmin+15",
            "RTMAX",
            "SIGRTMAX-14",
            "SIGWINCH",
            "USR1",
        ] {
            assert!(is_signal(text), "{text}");
        }
        for text in [
            "",
            "0",
            "-0",
            "SIG",
            "SIGFOO",
            "SIGSIGTERM",
            "0x9",
            "9.5",
            " 9",
            "RTMIN+0",
            "RTMIN+16",
            "RTMIN+03",
            "RTMIN-1",
            "RTMIN3",
            "RTMAX-15",
            "RTMAX+1",
            "99999999999999999999",
        ] {
            assert!(!is_signal(text), "{text}");
        }
    }
}
