//! Parsing and printing of sizes and counts with units.

/// A number of bytes: `5368709120`, `5GiB`, `5g`. A unit is a power of 1024, as in Docker.
///
/// # Errors
/// A message that says what to write instead.
pub(crate) fn parse(text: &str) -> Result<u64, String> {
    scaled(text, 1024, "5632MiB instead of 5.5GiB", |unit| match unit {
        "" | "b" => Ok(0),
        "k" | "kb" | "kib" => Ok(1),
        "m" | "mb" | "mib" => Ok(2),
        "g" | "gb" | "gib" => Ok(3),
        "t" | "tb" | "tib" => Ok(4),
        _ => Err("give bytes, or KiB, MiB, GiB or TiB"),
    })
}

/// A count: `20000`, `20k`, `2M`. A unit is a power of 1000.
///
/// # Errors
/// A message that says what to write instead.
pub(crate) fn count(text: &str) -> Result<u64, String> {
    scaled(text, 1000, "2500 instead of 2.5k", |unit| match unit {
        "" => Ok(0),
        "k" => Ok(1),
        "m" => Ok(2),
        "g" => Ok(3),
        _ => Err("give a number, or one with k, M or G"),
    })
}

/// A whole number, multiplied by the power of `base` of its unit.
fn scaled(
    text: &str,
    base: u64,
    example: &str,
    power: impl FnOnce(&str) -> Result<u32, &'static str>,
) -> Result<u64, String> {
    let text = text.trim();
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    if number.is_empty() {
        return Err(match unit.starts_with(['-', '+']) {
            true => "give a number without a sign".to_owned(),
            false => "begin with a whole number, as in 5GiB or 20000".to_owned(),
        });
    }
    if unit.starts_with(['.', ',', '_', '\'']) {
        return Err(format!(
            "whole numbers only, without separators: write {example}"
        ));
    }
    let unit = unit.trim_start();
    let power = power(unit.to_ascii_lowercase().as_str())
        .map_err(|known| format!("{unit:?} is not a known unit: {known}"))?;
    let number: Option<u64> = number.parse().ok();
    number
        .and_then(|number| number.checked_mul(base.checked_pow(power)?))
        .ok_or_else(|| format!("give a smaller number: the largest is {}", u64::MAX))
}

/// A number of bytes in readable form: `12 bytes`, `3.4 MiB`.
pub(crate) fn show(bytes: u64) -> String {
    let mut scale = 1_u64;
    let mut unit = "bytes";
    for larger in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        if bytes / scale < 1024 {
            break;
        }
        scale *= 1024;
        unit = larger;
    }
    let tenths = u128::from(bytes) * 10 / u128::from(scale);
    match scale {
        1 => format!("{bytes} {unit}"),
        _ => format!("{}.{} {unit}", tenths / 10, tenths % 10),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", Some(0)),
            ("12", Some(12)),
            (" 12 ", Some(12)),
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

    #[test]
    fn counts() {
        for (text, number) in [
            ("20000", Some(20_000)),
            ("20k", Some(20_000)),
            ("2 M", Some(2_000_000)),
            ("2GiB", None),
            ("1e3", None),
        ] {
            assert_eq!(count(text).ok(), number, "{text}");
        }
    }

    #[test]
    fn for_people() {
        for (bytes, text) in [
            (0, "0 bytes"),
            (1023, "1023 bytes"),
            (1024, "1.0 KiB"),
            (3_565_158, "3.3 MiB"),
            (u64::MAX, "15.9 EiB"),
        ] {
            assert_eq!(show(bytes), text);
        }
    }

    #[test]
    fn what_to_write_instead() {
        for (text, words) in [
            ("5,5GB", "whole numbers only"),
            ("5.5GB", "whole numbers only"),
            ("1_000", "whole numbers only"),
            ("-1", "without a sign"),
            ("GiB", "begin with a whole number"),
            (
                "5 parsecs",
                "\"parsecs\" is not a known unit: give bytes, or KiB",
            ),
            ("16777216TiB", "give a smaller number"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
