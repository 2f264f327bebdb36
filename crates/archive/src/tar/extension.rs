/// What extension headers say about the entry that follows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
}

impl Extensions {
    /// Takes the name of a GNU `L` entry.
    pub(super) fn long_path(&mut self, data: &[u8]) {
        self.path = Some(strip_nul(data));
    }

    /// Takes the link target of a GNU `K` entry.
    pub(super) fn long_link(&mut self, data: &[u8]) {
        self.link = Some(strip_nul(data));
    }

    /// Takes the records of a PAX `x` entry: `LENGTH KEY=VALUE\n`, LENGTH counting all of it.
    ///
    /// Records that say nothing about names and sizes are only checked for their form.
    pub(super) fn records(&mut self, mut data: &[u8]) -> Result<(), &'static str> {
        const FORM: &str = "a PAX record that is not LENGTH KEY=VALUE";
        while !data.is_empty() {
            let space = data
                .iter()
                .take(20)
                .position(|byte| *byte == b' ')
                .ok_or(FORM)?;
            let length = decimal(&data[..space]).and_then(|n| usize::try_from(n).ok());
            let length = length
                .filter(|n| *n > space + 1 && *n <= data.len())
                .ok_or(FORM)?;
            let record = data[space + 1..length].strip_suffix(b"\n").ok_or(FORM)?;
            let equals = record.iter().position(|byte| *byte == b'=').ok_or(FORM)?;
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" | b"GNU.sparse.name" if value.contains(&0) => {
                    return Err("a NUL in a PAX path");
                }
                b"path" if !value.is_empty() => self.path = Some(value.to_vec()),
                // Go takes the sparse name for the path of the entry.
                b"GNU.sparse.name" if !value.is_empty() => self.path = Some(value.to_vec()),
                b"linkpath" if !value.is_empty() => self.link = Some(value.to_vec()),
                b"size" if !value.is_empty() => {
                    self.size = Some(decimal(value).ok_or("a PAX size that is no number")?);
                }
                _ => {}
            }
            data = &data[length..];
        }
        Ok(())
    }
}

fn decimal(digits: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(digits).ok()?;
    digits
        .bytes()
        .all(|digit| digit.is_ascii_digit())
        .then(|| digits.parse().ok())?
}

fn strip_nul(data: &[u8]) -> Vec<u8> {
    data.split(|byte| *byte == 0)
        .next()
        .unwrap_or_default()
        .to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let mut extensions = Extensions::default();
        let records = b"30 mtime=1350244992.023960108\n12 path=a=b\n16 linkpath=c/d\n9 size=7\n";
        extensions.records(records).expect("valid");
        let expected = Extensions {
            path: Some(b"a=b".to_vec()),
            link: Some(b"c/d".to_vec()),
            size: Some(7),
        };
        assert_eq!(extensions, expected);
        for broken in [
            &b"x"[..],
            b"11 path=a\n",
            b"8 path=ab\n",
            b"9 pathnoeq\n",
            b"4 a\n",
            b"18446744073709551616 path=a\n",
            b"11 path=a\0b\n",
            b"10 size=7x\n",
            b"0 a=b\n",
        ] {
            assert!(Extensions::default().records(broken).is_err(), "{broken:?}");
        }
    }
}
