//! Flags of instructions, such as `--interval=5s`.

use super::ChangeError;

/// The leading words that begin with `--`, without their quotes and escapes, and the rest of the
/// text. The word `--` ends them.
pub(super) fn split(text: &str) -> (Vec<String>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let (flag, after) = word(rest);
        rest = after.trim_start();
        if flag == "--" {
            break;
        }
        flags.push(flag);
    }
    (flags, rest)
}

fn word(text: &str) -> (String, &str) {
    let mut word = String::new();
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, ch)) = chars.next() {
        match ch {
            '\\' => word.extend(chars.next().map(|(_, escaped)| escaped)),
            _ if quote == Some(ch) => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(ch),
            _ if quote.is_none() && ch.is_whitespace() => return (word, &text[at..]),
            _ => word.push(ch),
        }
    }
    (word, "")
}

/// The values of the `known` flags, in their order; empty for missing ones.
pub(super) fn values<const N: usize>(
    flags: &[String],
    known: &[&'static str; N],
) -> Result<[String; N], ChangeError> {
    let mut values = [const { None }; N];
    for flag in flags {
        let flag = flag.strip_prefix("--").unwrap_or(flag);
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, None),
        };
        let place = known
            .iter()
            .zip(&mut values)
            .find_map(|(known, place)| (*known == name).then_some(place))
            .ok_or_else(|| ChangeError::UnknownFlag(name.to_owned()))?;
        if place.is_some() {
            return Err(ChangeError::DuplicateFlag(name.to_owned()));
        }
        let value = value.ok_or_else(|| ChangeError::FlagWithoutValue(name.to_owned()))?;
        *place = Some(value.to_owned());
    }
    Ok(values.map(Option::unwrap_or_default))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits() {
        for (text, flags, rest) in [
            ("", &[][..], ""),
            ("a --b", &[], "a --b"),
            ("-a", &[], "-a"),
            ("--a", &["--a"], ""),
            ("  --a=b\t --c  d  e", &["--a=b", "--c"], "d  e"),
            ("--a=\"b c\" d", &["--a=b c"], "d"),
            ("--a='b \\' c' d", &["--a=b ' c"], "d"),
            ("--a=b\\ c d", &["--a=b c"], "d"),
            ("--a=\"b", &["--a=b"], ""),
            ("--a\\", &["--a"], ""),
            ("-- --a", &[], "--a"),
            ("--a -- b", &["--a"], "b"),
            ("--", &[], ""),
        ] {
            let (found, after) = split(text);
            assert_eq!((found.as_slice(), after), (&own(flags)[..], rest), "{text}");
        }
    }

    fn own(flags: &[&str]) -> Vec<String> {
        flags.iter().map(|&flag| flag.to_owned()).collect()
    }

    #[test]
    fn known() {
        for (flags, expected) in [
            (&[][..], Ok(["", ""])),
            (&["--b=1"], Ok(["", "1"])),
            (&["--b=", "--a=x=y"], Ok(["x=y", ""])),
            (&["--a"], Err("Missing a value on flag: a")),
            (&["--a=1", "--a=2"], Err("Duplicate flag specified: a")),
            (&["--c=1"], Err("Unknown flag: c")),
        ] {
            let found = values(&own(flags), &["a", "b"]).map_err(|error| error.to_string());
            let expected = expected
                .map(|values| values.map(str::to_owned))
                .map_err(str::to_owned);
            assert_eq!(found, expected, "{flags:?}");
        }
    }
}
