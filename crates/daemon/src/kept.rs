//! Small files of the data root.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// Writes the file atomically and durably, even if the machine crashes meanwhile.
pub(crate) fn write(path: &Path, text: &str) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn it_replaces_what_was_there() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("x");
        write(&path, "one").expect("writable");
        write(&path, "two").expect("writable");
        assert_eq!(fs::read_to_string(&path).expect("file"), "two");
        assert_eq!(fs::read_dir(folder.path()).expect("folder").count(), 1);
    }
}
