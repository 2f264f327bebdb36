//! Walks over tars of every form, whole and in pieces.

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::header::EntryKind;
use super::*;

const LIMIT: u64 = 1 << 20;

/// Path, kind, link target and bytes of an entry.
type Met = (String, EntryKind, String, Vec<u8>);

fn walk(pieces: &[&[u8]]) -> Result<Vec<Met>, TarError> {
    let mut walker = Walker::new(LIMIT);
    let mut met = Vec::new();
    for piece in pieces {
        let mut rest = *piece;
        loop {
            let (used, event) = walker.step(rest)?;
            match event {
                Event::More | Event::End => break,
                Event::Entry(entry) => {
                    met.push((entry.path(), entry.kind, entry.link(), Vec::new()));
                }
                Event::Data => met.last_mut().expect("entry").3.extend(&rest[..used]),
                Event::Hole(length) => {
                    let file = &mut met.last_mut().expect("entry").3;
                    file.resize(file.len() + usize::try_from(length).expect("small"), 0);
                }
                Event::EntryEnd => {}
            }
            rest = &rest[used..];
        }
    }
    walker.finish()?;
    Ok(met)
}

fn file(builder: &mut tar::Builder<Vec<u8>>, path: &str, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    builder
        .append_data(&mut header, path, bytes)
        .expect("append");
}

#[test]
fn long_names_links_and_files() {
    let long = "d/".repeat(80) + "f";
    let mut builder = tar::Builder::new(Vec::new());
    file(&mut builder, &long, b"long");
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    builder
        .append_link(&mut header, "link", format!("../{long}"))
        .expect("append");
    file(&mut builder, "empty", b"");
    builder
        .append_pax_extensions([("path", "p/a/x".as_bytes()), ("mtime", b"1.5")])
        .expect("append");
    file(&mut builder, "short", &[7; 513]);
    let bytes = builder.into_inner().expect("tar");
    let met = walk(&[&bytes]).expect("walk");
    let expected = [
        (
            long.clone(),
            EntryKind::File,
            String::new(),
            b"long".to_vec(),
        ),
        (
            "link".into(),
            EntryKind::SymLink,
            format!("../{long}"),
            Vec::new(),
        ),
        ("empty".into(), EntryKind::File, String::new(), Vec::new()),
        ("p/a/x".into(), EntryKind::File, String::new(), vec![7; 513]),
    ];
    assert_eq!(met, expected);
    for cut in [bytes.len() - 1024, bytes.len() - 512] {
        assert_eq!(
            walk(&[&bytes[..cut]]).expect("end blocks may be missing"),
            expected
        );
    }
    let mut junk = bytes.clone();
    junk.extend(b"what follows is no part of it");
    assert_eq!(walk(&[&junk]).expect("walk"), expected);
}

fn pax_file(name: &str, records: &[(&str, &str)], bytes: &[u8]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    let records = records.iter().map(|(key, value)| (*key, value.as_bytes()));
    builder.append_pax_extensions(records).expect("append");
    file(&mut builder, name, bytes);
    builder.into_inner().expect("tar")
}

/// What the three forms of sparse PAX files have in common: `abc` at 2 and `de` at 600 of 1000
/// bytes.
fn holes() -> Vec<u8> {
    let mut bytes = vec![0; 1000];
    bytes[2..5].copy_from_slice(b"abc");
    bytes[600..602].copy_from_slice(b"de");
    bytes
}

#[test]
fn files_with_holes() {
    let mut leading = b"2\n2\n3\n600\n2\n".to_vec();
    leading.resize(BLOCK, 0);
    leading.extend(b"abcde");
    let size = ("GNU.sparse.size", "1000");
    let count = ("GNU.sparse.numblocks", "2");
    let name = ("GNU.sparse.name", "holes");
    let real_size = ("GNU.sparse.realsize", "1000");
    let version = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")];
    for (stored_as, records, data) in [
        (
            "holes",
            vec![
                size,
                count,
                ("GNU.sparse.offset", "2"),
                ("GNU.sparse.numbytes", "3"),
                ("GNU.sparse.offset", "600"),
                ("GNU.sparse.numbytes", "2"),
            ],
            b"abcde".to_vec(),
        ),
        (
            "GNUSparseFile.0/holes",
            vec![name, size, count, ("GNU.sparse.map", "2,3,600,2")],
            b"abcde".to_vec(),
        ),
        (
            "GNUSparseFile.0/holes",
            vec![version[0], version[1], name, real_size],
            leading.clone(),
        ),
    ] {
        let mut bytes = pax_file(stored_as, &records, &data);
        bytes.truncate(bytes.len() - 2 * BLOCK);
        let mut next = tar::Builder::new(Vec::new());
        file(&mut next, "next", b"x");
        bytes.extend(next.into_inner().expect("tar"));
        let expected = [
            ("holes".to_owned(), EntryKind::File, String::new(), holes()),
            (
                "next".to_owned(),
                EntryKind::File,
                String::new(),
                b"x".to_vec(),
            ),
        ];
        assert_eq!(walk(&[&bytes]).expect("walk"), expected, "{records:?}");
        let pieces: Vec<_> = bytes.chunks(7).collect();
        assert_eq!(walk(&pieces).expect("walk"), expected, "{records:?}");
        let data = bytes.windows(5).position(|window| window == b"abcde");
        let cut = data.expect("the data") + 4;
        let error = walk(&[&bytes[..cut]]).expect_err("cut").to_string();
        assert!(
            error.ends_with("expected 1 more bytes of a file"),
            "{error}"
        );
    }
    // Only a hole, at the very end.
    let records = [version[0], version[1], name, real_size];
    let mut map = b"0\n".to_vec();
    map.resize(BLOCK, 0);
    let mut bytes = pax_file("x", &records, &map);
    bytes.truncate(bytes.len() - 2 * BLOCK);
    let expected = [(
        "holes".to_owned(),
        EntryKind::File,
        String::new(),
        vec![0; 1000],
    )];
    assert_eq!(walk(&[&bytes]).expect("walk"), expected);
}

#[test]
fn broken_holes() {
    let version = [("GNU.sparse.major", "1"), ("GNU.sparse.minor", "0")];
    let map = |text: &[u8], data: &[u8]| {
        let mut map = text.to_vec();
        map.resize(map.len().next_multiple_of(BLOCK), 0);
        map.extend(data);
        let real_size = ("GNU.sparse.realsize", "1000");
        pax_file("x", &[version[0], version[1], real_size], &map)
    };
    let long = [b"600000\n".to_vec(), b"0\n".repeat(1_200_000)].concat();
    for (bytes, message) in [
        (map(b"1\n999\n2\n", b"ab"), "beyond the end of its file"),
        (
            map(b"1\n0\n3\n", b"ab"),
            "does not fit the bytes that follow",
        ),
        (
            map(b"1\n0\n1\n", b"ab"),
            "does not fit the bytes that follow",
        ),
        (
            map(b"2\n5\n1\n0\n1\n", b"ab"),
            "overlap or are not in order",
        ),
        (map(b"x\n", b""), "without the number of its runs"),
        (map(b"9\n", b""), "longer than its file"),
        (map(b"1\nx\n3\n", b"abc"), "something else than numbers"),
        (map(&long, b""), "the limit max-header-bytes is 1048576"),
        (
            pax_file("x", &[("GNU.sparse.map", "0,1")], b"a"),
            "another number of runs",
        ),
    ] {
        let error = walk(&[&bytes]).expect_err(message).to_string();
        assert!(error.contains(message), "{error}");
    }
}

#[test]
fn extensions_without_an_entry() {
    let record = pax_file("x", &[("comment", "c")], b"")[..2 * BLOCK].to_vec();
    let mut global = record.clone();
    global[156] = b'g';
    let sum: u32 = global[..BLOCK].iter().map(|byte| u32::from(*byte)).sum();
    let sum = sum
        - global[148..156]
            .iter()
            .map(|byte| u32::from(*byte))
            .sum::<u32>()
        + 8 * 32;
    global[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let mut builder = tar::Builder::new(Vec::new());
    file(&mut builder, "f", b"x");
    let file = builder.into_inner().expect("tar")[..2 * BLOCK].to_vec();
    let expected = [(
        "f".to_owned(),
        EntryKind::File,
        String::new(),
        b"x".to_vec(),
    )];
    for extension in [&record, &global, &global.repeat(3000)] {
        for end in [0, BLOCK, 2 * BLOCK] {
            let bytes = [&file[..], extension, &vec![0; end]].concat();
            assert_eq!(walk(&[&bytes]).expect("walk"), expected);
        }
    }
    let bytes = [&global[..], &file].concat();
    assert_eq!(walk(&[&bytes]).expect("walk"), expected);
    let mut broken = [&file[..], &global].concat();
    broken[3 * BLOCK] = b'x';
    let error = walk(&[&broken]).expect_err("no records").to_string();
    assert!(error.contains("LENGTH KEY=VALUE"), "{error}");
}

#[test]
fn broken_tars_say_where() {
    let mut builder = tar::Builder::new(Vec::new());
    file(&mut builder, "f", &[1; 600]);
    let bytes = builder.into_inner().expect("tar");
    let mut checksum = bytes.clone();
    checksum[0] = b'g';
    let mut zero_then_more = vec![0; 512];
    zero_then_more.extend(&bytes);
    let mut long = tar::Header::new_gnu();
    long.set_entry_type(tar::EntryType::GNULongName);
    long.set_size(1 << 30);
    long.set_cksum();
    for (bytes, error) in [
        (
            &checksum[..],
            "invalid tar header at byte 0: its checksum does not fit",
        ),
        (
            &bytes[..100],
            "unexpected EOF at byte 100: expected 412 more bytes of a header",
        ),
        (
            &bytes[..1000],
            "unexpected EOF at byte 1000: expected 112 more bytes of a file",
        ),
        (
            &zero_then_more,
            "invalid tar header at byte 512: a zero block is followed by something else",
        ),
        (
            long.as_bytes(),
            "tar header at byte 0 has 1073742336 bytes of extensions: the limit max-header-bytes is 1048576",
        ),
        (
            &[b'z'; 512],
            "invalid tar header at byte 0: its checksum does not fit",
        ),
    ] {
        assert_eq!(walk(&[bytes]).expect_err("broken").to_string(), error);
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0x50c4),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_chunking_gives_the_same(
        files in prop::collection::vec(("[a-z]{1,120}", prop::collection::vec(any::<u8>(), 0..1500)), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, bytes) in &files {
            file(&mut builder, path, bytes);
        }
        let bytes = builder.into_inner().expect("tar");
        let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len())).collect();
        places.extend([0, bytes.len()]);
        places.sort_unstable();
        let pieces: Vec<_> = places.windows(2).map(|w| &bytes[w[0]..w[1]]).collect();
        let met = walk(&pieces).expect("walk");
        let read: Vec<_> = met.into_iter().map(|(path, _, _, bytes)| (path, bytes)).collect();
        prop_assert_eq!(read, files);
    }

    #[test]
    fn garbage_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
        let _ = walk(&[&bytes]);
    }
}
