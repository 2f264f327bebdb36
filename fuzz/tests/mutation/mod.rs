//! Random mutations of inputs, always the same ones.

/// Texts that parsers may mishandle.
const WORDS: &[&[u8]] = &[
    b"\0",
    b"/",
    b"//",
    b"../",
    b"./",
    b"%2F",
    b"%2e%2e",
    b"%",
    b":",
    b"@sha256:",
    b"sha256:",
    b"latest",
    b"docker.io/",
    b"library/",
    b"localhost:5000/",
    b"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    b"/v1.41",
    b"/images/",
    b"/json",
    b"/tag",
    b"manifest.json",
    b"index.json",
    b"repositories",
    b"{\"",
    b"[]",
    b"null",
    b"-1",
    b"18446744073709551616",
    b"77777777777\0",
    b"ustar\0",
    b"\xff\xff\xff\xff",
    b"GNU.sparse.map=",
    b"GNU.sparse.size=",
    b"SCHILY.xattr.",
    b".wh.",
    b"\x1f\x8b\x08",
    b"BZh9",
    b"\xfd7zXZ\0",
    b"\x28\xb5\x2f\xfd",
];

/// The largest input: far above the largest seed.
const LONGEST: usize = 256 << 10;

/// An endless row of inputs that descend from seeds.
pub(crate) struct Mutation<'a> {
    seeds: &'a [Vec<u8>],
    state: u64,
}

impl<'a> Mutation<'a> {
    pub(crate) fn new(number: u64, seeds: &'a [Vec<u8>]) -> Self {
        Self {
            seeds,
            state: number,
        }
    }

    /// A seed with one to eight changes.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = self.seed().to_vec();
        for _ in 0..=self.below(7) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len());
        let to = (at + 1 + self.length()).min(input.len());
        match self.below(7) {
            0 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << self.below(7);
                }
            }
            1 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = self.next() as u8;
                }
            }
            2 => drop(input.drain(at..to)),
            3 => {
                let copy = input[at..to].to_vec();
                let place = self.below(input.len());
                input.splice(place..place, copy);
            }
            4 => {
                let word = WORDS[self.below(WORDS.len() - 1)];
                input.splice(at..at, word.iter().copied());
            }
            5 => {
                let word = WORDS[self.below(WORDS.len() - 1)];
                let end = (at + word.len()).min(input.len());
                input.splice(at..end, word.iter().copied());
            }
            6 => {
                let other = self.seed();
                let from = self.below(other.len());
                let part = other[from..(from + 1 + self.length()).min(other.len())].to_vec();
                input.splice(at..to, part);
            }
            _ => input.truncate(at),
        }
    }

    fn seed(&mut self) -> &'a [u8] {
        let seeds = self.seeds;
        &seeds[self.below(seeds.len() - 1)]
    }

    /// Mostly a few bytes, at times some blocks of a tar.
    fn length(&mut self) -> usize {
        match self.below(3) {
            0 => 512 * self.below(6),
            _ => self.below(16),
        }
    }

    /// A number up to and with `highest`.
    fn below(&mut self, highest: usize) -> usize {
        (self.next() % (highest as u64 + 1)) as usize
    }

    /// splitmix64: three lines, and good enough to pick places.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
