use anyhow::{Result, ensure};

use super::source::{self, BLOCK, Source};

/// Base images do not consist of larger files.
const SMALL: u64 = 4 << 20;

/// Helpers do not consist of smaller programs.
const LARGE: u64 = 1 << 20;

/// Files of this machine by kind, each handed out once; when there are no more, from the beginning.
#[derive(Debug)]
pub(super) struct Pools {
    system: Pool,
    binaries: Pool,
}

#[derive(Debug)]
struct Pool {
    files: Vec<Source>,
    next: usize,
}

impl Pools {
    /// The files of this machine.
    pub(super) fn gather() -> Result<Self> {
        let all = source::all()?;
        let is_large = |file: &&Source| file.size >= LARGE && file.is_binary();
        let binaries = all.iter().filter(is_large).cloned().collect();
        let is_small = |file: &Source| file.size <= SMALL;
        let system = all.into_iter().filter(is_small).collect();
        Ok(Self {
            system: Pool::new(system)?,
            binaries: Pool::new(binaries)?,
        })
    }

    /// Files of every kind and size, as an operating system has them, for a tar of about `bytes`.
    pub(super) fn system(&mut self, bytes: u64) -> Vec<Source> {
        self.system.take(bytes)
    }

    /// Programs and libraries, for a tar of about `bytes`.
    pub(super) fn binaries(&mut self, bytes: u64) -> Vec<Source> {
        self.binaries.take(bytes)
    }
}

impl Pool {
    fn new(files: Vec<Source>) -> Result<Self> {
        let bytes: u64 = files.iter().map(|file| file.size).sum();
        ensure!(bytes > 0, "this machine has no files to make archives of");
        Ok(Self { files, next: 0 })
    }

    fn take(&mut self, bytes: u64) -> Vec<Source> {
        let mut taken = Vec::new();
        let mut left = bytes;
        while left > BLOCK {
            let Some(file) = self.files.get(self.next % self.files.len()) else {
                break;
            };
            self.next += 1;
            let file = Source {
                path: file.path.clone(),
                size: file.size.min(left - BLOCK),
            };
            left = left.saturating_sub(file.tar_size());
            taken.push(file);
        }
        taken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pool(sizes: &[u64]) -> Pool {
        let file = |(at, size): (usize, &u64)| Source {
            path: at.to_string().into(),
            size: *size,
        };
        Pool::new(sizes.iter().enumerate().map(file).collect()).unwrap()
    }

    #[test]
    fn files_are_taken_in_turn_and_the_last_is_cut() {
        let mut pool = pool(&[1000, 0, 2000]);
        let sizes = |files: Vec<Source>| files.iter().map(|it| it.size).collect::<Vec<_>>();
        // Two blocks and a header, a header, and a header with what is left.
        assert_eq!(
            sizes(pool.take(3 * BLOCK + BLOCK + BLOCK + 700)),
            [1000, 0, 700]
        );
        assert_eq!(sizes(pool.take(BLOCK + 1000)), [1000]);
        assert_eq!(sizes(pool.take(BLOCK)), [0; 0]);
    }

    #[test]
    fn a_machine_without_files_is_an_error() {
        assert!(Pool::new(Vec::new()).is_err());
    }
}
