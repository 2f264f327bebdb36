//! Numbers as tar writes them: in header fields and in PAX records.

/// A numeric field of a header: octal text, or with the high bit set a big-endian number in two's
/// complement (GNU).
pub(super) fn field(field: &[u8]) -> Result<i64, &'static str> {
    match field.first() {
        Some(first) if first & 0x80 != 0 => binary(field),
        _ => octal(field),
    }
}

/// A numeric field that must not be negative.
pub(super) fn count(bytes: &[u8]) -> Result<u64, &'static str> {
    u64::try_from(field(bytes)?).map_err(|_| "negative number")
}

fn binary(field: &[u8]) -> Result<i64, &'static str> {
    // The first bit marks a binary number, the second is the sign.
    let negative = field.first().is_some_and(|first| first & 0x40 != 0);
    let mut value: i64 = if negative { -1 } else { 0 };
    for (place, byte) in field.iter().enumerate() {
        let byte = match (place, negative) {
            (0, true) => byte | 0x80,
            (0, false) => byte & 0x7f,
            _ => *byte,
        };
        value = value
            .checked_mul(256)
            .and_then(|value| value.checked_add(i64::from(byte)))
            .ok_or("number too large")?;
        if place == 0 && negative {
            // All bits before the first byte are copies of the sign.
            value = i64::from(byte.cast_signed());
        }
    }
    Ok(value)
}

fn octal(field: &[u8]) -> Result<i64, &'static str> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let start = field.iter().position(|byte| !blank(byte));
    let digits = &field[start.unwrap_or(field.len())..];
    let end = digits.iter().rposition(|byte| !blank(byte));
    let digits = &digits[..end.map_or(0, |end| end + 1)];
    // A field has at most twelve digits of three bits.
    digits.iter().try_fold(0i64, |value, digit| match digit {
        b'0'..=b'7' => Ok(value << 3 | i64::from(digit - b'0')),
        _ => Err("a number that is not octal"),
    })
}

/// A whole decimal number, with or without a sign.
pub(super) fn decimal(digits: &[u8]) -> Option<i64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// Seconds and nanoseconds, written as `-12.345`; further digits are truncated.
pub(super) fn time(text: &[u8]) -> Option<(i64, u32)> {
    let (seconds, fraction) = match text.iter().position(|byte| *byte == b'.') {
        Some(dot) => (&text[..dot], &text[dot + 1..]),
        None => (text, &[][..]),
    };
    if !fraction.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digits = fraction.iter().copied().chain(std::iter::repeat(b'0'));
    let nanoseconds = digits
        .take(9)
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    Some((decimal(seconds)?, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields() {
        for (bytes, value) in [
            (&b"00000000017\0"[..], Ok(15)),
            (b"         17 ", Ok(15)),
            (b"\0\0\0 17\0", Ok(15)),
            (b"\0\0\0\0\0\0\0\0\0\0\0\0", Ok(0)),
            (b"            ", Ok(0)),
            (b"777777777777", Ok(0o777_777_777_777)),
            (b"0000000008\0\0", Err("a number that is not octal")),
            (b"-0000000001\0", Err("a number that is not octal")),
            (b"17\x0018", Err("a number that is not octal")),
            (b"\x80\0\0\0\0\0\0\x02\0\0\0\0", Ok(1 << 33)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", Ok(-1)),
            (b"\xff\xff\xff\xff\xff\xff\xff\x00", Ok(-256)),
            (b"\xff\xff\xff\xff\x80\0\0\0\0\0\0\0", Ok(i64::MIN)),
            (b"\x80\0\0\0\x7f\xff\xff\xff\xff\xff\xff\xff", Ok(i64::MAX)),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", Err("number too large")),
            (b"\xc0\0\0\0\0\0\0\0\0\0\0\0", Err("number too large")),
        ] {
            assert_eq!(field(bytes), value, "{bytes:?}");
        }
        assert_eq!(count(b"\xff\xff"), Err("negative number"));
    }

    #[test]
    fn times() {
        for (text, time_) in [
            (
                &b"1350244992.023960108"[..],
                Some((1_350_244_992, 23_960_108)),
            ),
            (b"-1.5", Some((-1, 500_000_000))),
            (b"+7", Some((7, 0))),
            (b"7.", Some((7, 0))),
            (b"7.1234567891", Some((7, 123_456_789))),
            (b"7.x", None),
            (b".5", None),
            (b"", None),
            (b"1e9", None),
        ] {
            assert_eq!(time(text), time_, "{text:?}");
        }
    }
}
