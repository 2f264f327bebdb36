//! Sizes as people write them.

/// A number of bytes: `5368709120`, `5GiB`, `5g`. A unit is a power of 1024, as in Docker.
///
/// # Errors
/// A sentence for whoever wrote it.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let power = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 1,
        "m" | "mb" | "mib" => 2,
        "g" | "gb" | "gib" => 3,
        "t" | "tb" | "tib" => 4,
        _ => {
            return Err(format!(
                "{unit:?} is no unit: give bytes, or KiB, MiB, GiB or TiB"
            ));
        }
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "give a number of bytes, as 5GiB".to_owned())?;
    number
        .checked_mul(1 << (10 * power))
        .ok_or_else(|| "that is more than any disk has".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("12", Some(12)),
            ("12b", Some(12)),
            ("1k", Some(1024)),
            ("2 MiB", Some(2 << 20)),
            ("5GiB", Some(5 << 30)),
            ("5g", Some(5 << 30)),
            ("16777215TiB", Some(16_777_215 << 40)),
            ("16777216TiB", None),
            ("18446744073709551616", None),
            ("1.5g", None),
            ("-1", None),
            ("g", None),
            ("5 parsecs", None),
            ("", None),
        ] {
            assert_eq!(parse(text).ok(), bytes, "{text}");
        }
    }
}
