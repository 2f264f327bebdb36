use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::super::header::Kind;
use super::*;

const LIMIT: u64 = 1 << 20;

/// Path, kind, link target and bytes of an entry.
type Met = (String, Kind, String, Vec<u8>);

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
        (long.clone(), Kind::File, String::new(), b"long".to_vec()),
        (
            "link".into(),
            Kind::SymLink,
            format!("../{long}"),
            Vec::new(),
        ),
        ("empty".into(), Kind::File, String::new(), Vec::new()),
        ("p/a/x".into(), Kind::File, String::new(), vec![7; 513]),
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
