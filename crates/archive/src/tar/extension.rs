//! Extension headers: GNU long names and PAX records.

use super::number;
use super::sparse::{self, Run};

/// What extension headers say about the entry that follows them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Extensions {
    /// The name of a GNU `L` entry.
    pub(super) long_path: Option<Vec<u8>>,
    /// The link target of a GNU `K` entry.
    pub(super) long_link: Option<Vec<u8>>,
    /// The records of the last PAX `x` entry.
    pub(super) records: Option<Box<Records>>,
}

/// The parsed PAX records of an `x` entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Records {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    pub(super) size: Option<i64>,
    pub(super) uid: Option<i64>,
    pub(super) gid: Option<i64>,
    pub(super) mtime: Option<(i64, u32)>,
    pub(super) xattrs: Vec<(Vec<u8>, Vec<u8>)>,
    sparse: Sparse,
}

/// The records of a sparse file, unparsed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Sparse {
    major: Option<Vec<u8>>,
    minor: Option<Vec<u8>>,
    name: Option<Vec<u8>>,
    size: Option<Vec<u8>>,
    real_size: Option<Vec<u8>>,
    count: Option<Vec<u8>>,
    map: Option<Vec<u8>>,
    /// The map of version 0.0, which has a record for each number.
    pairs: Vec<u8>,
    /// Whether `pairs` ends with an offset.
    half: bool,
}

/// Where the map of a sparse file is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum SparseForm {
    /// In the records (0.0 and 0.1).
    Listed(Vec<Run>),
    /// Before the data (1.0).
    Leading,
}

impl Extensions {
    /// Sets the name from a GNU `L` entry.
    pub(super) fn long_path(&mut self, data: &[u8]) {
        self.long_path = not_empty(until_nul(data));
    }

    /// Sets the link target from a GNU `K` entry.
    pub(super) fn long_link(&mut self, data: &[u8]) {
        self.long_link = not_empty(until_nul(data));
    }

    /// The name that replaces the header's, with Go's precedence.
    pub(super) fn path(&self) -> Option<&[u8]> {
        let records = self.records.as_deref();
        let sparse = records.map(|records| &records.sparse);
        let sparse = sparse.filter(|sparse| sparse.version().is_some());
        let path = sparse.and_then(|sparse| sparse.name.as_ref());
        let path = path.or(self.long_path.as_ref());
        let path = path.or(records.and_then(|records| records.path.as_ref()));
        path.map(Vec::as_slice)
    }

    /// The link target that replaces the header's.
    pub(super) fn link(&self) -> Option<&[u8]> {
        let records = self.records.as_deref();
        let link = self.long_link.as_ref();
        let link = link.or(records.and_then(|records| records.link.as_ref()));
        link.map(Vec::as_slice)
    }
}

impl Records {
    /// Parses the records of a PAX entry: `LENGTH KEY=VALUE\n`, where LENGTH is that of the whole
    /// record.
    ///
    /// A later record of a key wins, and an empty value removes an earlier one. Unknown records are
    /// only checked for their form.
    pub(super) fn parse(data: &[u8]) -> Result<Self, &'static str> {
        let mut records = Self::default();
        each(data, |key, value| records.take(key, value))?;
        Ok(records)
    }

    /// Checks the form of records, not their meaning.
    pub(super) fn check_form(data: &[u8]) -> Result<(), &'static str> {
        each(data, form)
    }

    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
        form(key, value)?;
        let number = |value: &[u8]| match value {
            [] => Ok(None),
            _ => number::decimal(value)
                .map(Some)
                .ok_or("a PAX record whose value should be a number"),
        };
        match key {
            b"path" => self.path = not_empty(value),
            b"linkpath" => self.link = not_empty(value),
            b"size" => self.size = number(value)?,
            b"uid" => self.uid = number(value)?,
            b"gid" => self.gid = number(value)?,
            b"mtime" => self.mtime = time(value)?,
            b"atime" | b"ctime" => {
                time(value)?;
            }
            _ => {
                if let Some(name) = key.strip_prefix(b"SCHILY.xattr.") {
                    self.xattrs.push((name.to_vec(), value.to_vec()));
                }
                if let Some(key) = key.strip_prefix(b"GNU.sparse.") {
                    self.sparse.take(key, value)?;
                }
            }
        }
        Ok(())
    }

    /// Where the map of holes is; `None` for a file without holes.
    pub(super) fn sparse_form(&self) -> Result<Option<SparseForm>, &'static str> {
        let sparse = &self.sparse;
        Ok(match sparse.version() {
            None => None,
            Some(Version::Leading) => Some(SparseForm::Leading),
            Some(Version::Listed) => {
                let map = sparse.map().unwrap_or_default();
                let runs = sparse::listed(map, sparse.count.as_deref())?;
                Some(SparseForm::Listed(runs))
            }
        })
    }

    /// The size of a sparse file with its holes.
    pub(super) fn sparse_size(&self) -> Result<Option<u64>, &'static str> {
        let sparse = &self.sparse;
        let Some(size) = sparse.size.as_ref().or(sparse.real_size.as_ref()) else {
            return Ok(None);
        };
        let size = number::decimal(size).and_then(|size| u64::try_from(size).ok());
        size.map(Some)
            .ok_or("a sparse file whose size is no number")
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    Listed,
    Leading,
}

impl Sparse {
    fn take(&mut self, key: &[u8], value: &[u8]) -> Result<(), &'static str> {
        let field = match key {
            b"major" => &mut self.major,
            b"minor" => &mut self.minor,
            b"name" => &mut self.name,
            b"size" => &mut self.size,
            b"realsize" => &mut self.real_size,
            b"numblocks" => &mut self.count,
            b"map" => &mut self.map,
            b"offset" | b"numbytes" => {
                if (key == b"offset") == self.half || value.contains(&b',') {
                    return Err("a sparse map whose offsets and lengths do not alternate");
                }
                self.half = key == b"offset";
                if !self.pairs.is_empty() {
                    self.pairs.push(b',');
                }
                self.pairs.extend_from_slice(value);
                return Ok(());
            }
            _ => return Ok(()),
        };
        *field = not_empty(value);
        Ok(())
    }

    fn map(&self) -> Option<&[u8]> {
        match self.pairs.is_empty() {
            true => self.map.as_deref(),
            false => Some(&self.pairs),
        }
    }

    /// The version, given or inferred: the first two do not name theirs. As in Go, a file with an
    /// unknown version is not sparse.
    fn version(&self) -> Option<Version> {
        match (self.major.as_deref(), self.minor.as_deref()) {
            (Some(b"0"), Some(b"0" | b"1")) => Some(Version::Listed),
            (Some(b"1"), Some(b"0")) => Some(Version::Leading),
            (None, None) => self.map().map(|_| Version::Listed),
            _ => None,
        }
    }
}

/// Calls `take` for each record.
fn each(
    mut data: &[u8],
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), &'static str>,
) -> Result<(), &'static str> {
    const FORM: &str = "a PAX record that is not LENGTH KEY=VALUE";
    while !data.is_empty() {
        let space = data.iter().take(20).position(|byte| *byte == b' ');
        let space = space.ok_or(FORM)?;
        let length = number::decimal(&data[..space]).and_then(|n| usize::try_from(n).ok());
        let length = length.filter(|n| *n > space + 1 && *n <= data.len());
        let length = length.ok_or(FORM)?;
        let record = data[space + 1..length].strip_suffix(b"\n").ok_or(FORM)?;
        let equals = record.iter().position(|byte| *byte == b'=').ok_or(FORM)?;
        take(&record[..equals], &record[equals + 1..])?;
        data = &data[length..];
    }
    Ok(())
}

/// Checks that Go accepts the form of a record, whatever its meaning.
fn form(key: &[u8], value: &[u8]) -> Result<(), &'static str> {
    if key.is_empty() || key.contains(&0) {
        return Err("a PAX record whose key is empty or has a NUL");
    }
    let is_name = matches!(key, b"path" | b"linkpath" | b"uname" | b"gname");
    if is_name && value.contains(&0) {
        return Err("a NUL in a PAX path, link or owner");
    }
    Ok(())
}

fn time(value: &[u8]) -> Result<Option<(i64, u32)>, &'static str> {
    match value {
        [] => Ok(None),
        _ => number::time(value)
            .map(Some)
            .ok_or("a PAX record whose value should be a time"),
    }
}

fn not_empty(value: &[u8]) -> Option<Vec<u8>> {
    (!value.is_empty()).then(|| value.to_vec())
}

fn until_nul(data: &[u8]) -> &[u8] {
    data.split(|byte| *byte == 0).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records() {
        let text =
            b"30 mtime=1350244992.023960108\n12 path=a=b\n16 linkpath=c/d\n9 size=7\n8 uid=5\n";
        let expected = Records {
            path: Some(b"a=b".to_vec()),
            link: Some(b"c/d".to_vec()),
            size: Some(7),
            uid: Some(5),
            mtime: Some((1_350_244_992, 23_960_108)),
            ..Records::default()
        };
        assert_eq!(Records::parse(text).expect("valid"), expected);
        let taken_back = Records::parse(b"10 path=a\n8 path=\n").expect("valid");
        assert_eq!(taken_back, Records::default());
        let xattr = Records::parse(b"27 SCHILY.xattr.user.a=x\0y\n").expect("valid");
        assert_eq!(xattr.xattrs, [(b"user.a".to_vec(), b"x\0y".to_vec())]);
        for broken in [
            &b"x"[..],
            b"11 path=a\n",
            b"8 path=ab\n",
            b"9 pathnoeq\n",
            b"4 a\n",
            b"5 =b\n",
            b"18446744073709551616 path=a\n",
            b"11 path=a\0b\n",
            b"8 a\0b=c\n",
            b"10 size=7x\n",
            b"8 uid=x\n",
            b"11 mtime=1x\n",
            b"11 atime=1x\n",
            b"0 a=b\n",
            b"25 GNU.sparse.numbytes=1\n",
            b"25 GNU.sparse.offset=1,2\n",
        ] {
            assert!(Records::parse(broken).is_err(), "{broken:?}");
        }
    }

    #[test]
    fn sparse_forms() {
        let record = |key: &str, value: &str| {
            let rest = format!(" {key}={value}\n");
            let length = rest.len() + 2;
            format!("{length}{rest}")
        };
        let parse = |records: &[(&str, &str)]| {
            let text: String = records.iter().map(|(k, v)| record(k, v)).collect();
            Records::parse(text.as_bytes())
                .expect("valid")
                .sparse_form()
        };
        let offset = ("GNU.sparse.offset", "1");
        let length = ("GNU.sparse.numbytes", "2");
        let count = ("GNU.sparse.numblocks", "1");
        let map = ("GNU.sparse.map", "1,2");
        let (major, minor) = ("GNU.sparse.major", "GNU.sparse.minor");
        let runs = sparse::listed(b"1,2", Some(b"1")).expect("valid");
        for (records, form) in [
            (&[][..], None),
            (
                &[count, offset, length],
                Some(SparseForm::Listed(runs.clone())),
            ),
            (&[count, map], Some(SparseForm::Listed(runs.clone()))),
            (
                &[(major, "0"), (minor, "1"), count, map],
                Some(SparseForm::Listed(runs)),
            ),
            (&[(major, "1"), (minor, "0")], Some(SparseForm::Leading)),
            (&[(major, "1"), (minor, "1"), count, map], None),
            (&[(major, "2"), count, map], None),
        ] {
            assert_eq!(parse(records), Ok(form), "{records:?}");
        }
        assert!(parse(&[map]).is_err(), "no number of runs");
    }
}
