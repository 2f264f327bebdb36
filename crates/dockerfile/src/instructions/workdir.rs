//! `WORKDIR`, with the path rules of Unix and Windows.

use super::one_argument;
use crate::ChangeError;
use crate::state::State;

/// The working directory.
#[derive(Debug)]
pub(crate) struct Workdir(String);

impl Workdir {
    pub(super) fn parse(text: &str) -> Result<Self, ChangeError> {
        one_argument(text, "WORKDIR").map(Self)
    }

    pub(super) fn apply(self, state: &mut State) -> Result<(), ChangeError> {
        let path = state.expand(&self.0)?;
        if path.is_empty() {
            return Err(ChangeError::EmptyWorkdir);
        }
        let current = &state.run.working_dir;
        state.run.working_dir = match state.windows {
            true => on_windows(current, &path)?,
            false => on_unix(current, &path),
        };
        Ok(())
    }
}

/// Joins `path` to `current` unless it is absolute, and cleans the result.
fn on_unix(current: &str, path: &str) -> String {
    let base = if path.starts_with('/') { "" } else { current };
    format!("/{}", clean([base, path], '/'))
}

/// As [`on_unix`], for Windows: with an upper-case drive, `C:` by default.
fn on_windows(current: &str, path: &str) -> Result<String, ChangeError> {
    let (current, path) = (current.replace('/', "\\"), path.replace('/', "\\"));
    let (current_drive, current) = drive(&current)?;
    let (path_drive, path) = drive(&path)?;
    let absolute = path.starts_with('\\') || path_drive.is_some();
    let (drive, base) = match absolute {
        true => (path_drive, ""),
        false => (current_drive, current),
    };
    let drive = drive.unwrap_or('C').to_ascii_uppercase();
    Ok(format!("{drive}:\\{}", clean([base, path], '\\')))
}

fn drive(path: &str) -> Result<(Option<char>, &str), ChangeError> {
    let mut chars = path.chars();
    match (chars.next(), chars.next(), chars.as_str()) {
        (Some(letter), Some(':'), rest) if letter.is_ascii_alphabetic() => match rest {
            "" | "." => Err(ChangeError::DriveWithoutPath(format!("{letter}:."))),
            _ => Ok((Some(letter), rest)),
        },
        _ => Ok((None, path)),
    }
}

/// The components of the paths joined, with `.` and `..` resolved.
fn clean(paths: [&str; 2], separator: char) -> String {
    let mut steps = Vec::new();
    for step in paths.iter().flat_map(|path| path.split(separator)) {
        match step {
            "" | "." => {}
            ".." => drop(steps.pop()),
            _ => steps.push(step),
        }
    }
    steps.join(separator.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unix() {
        for (current, path, expected) in [
            ("", "a", "/a"),
            ("", "/a", "/a"),
            ("/a", "b", "/a/b"),
            ("/a", "/b", "/b"),
            ("/a", "b/../c", "/a/c"),
            ("/a", "..", "/"),
            ("/a", "../../..", "/"),
            ("/a", ".", "/a"),
            ("", "/a/../b//c/", "/b/c"),
            ("a", "b", "/a/b"),
            ("", "C:\\x", "/C:\\x"),
        ] {
            assert_eq!(on_unix(current, path), expected, "{current} {path}");
        }
    }

    #[test]
    fn windows() {
        for (current, path, expected) in [
            ("", "a", "C:\\a"),
            ("", "c:\\foo", "C:\\foo"),
            ("", "\\foo", "C:\\foo"),
            ("", "/foo", "C:\\foo"),
            ("C:\\foo", "bar", "C:\\foo\\bar"),
            ("C:/foo", "bar\\..\\baz", "C:\\foo\\baz"),
            ("C:\\foo", "\\bar", "C:\\bar"),
            ("C:\\foo", "d:/bar", "D:\\bar"),
            ("d:\\foo", "bar", "D:\\foo\\bar"),
        ] {
            let found = on_windows(current, path);
            assert_eq!(found.as_deref(), Ok(expected), "{current} {path}");
        }
        for path in ["c:", "c:."] {
            assert_eq!(
                on_windows("", path).expect_err(path).to_string(),
                "c:. is not a directory. If you are specifying a drive letter, please add a \
                 trailing '\\'"
            );
        }
    }
}
