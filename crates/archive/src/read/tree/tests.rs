//! Entries that can and cannot be unpacked.

use super::*;
use crate::tar::{Event, Walker};

/// An entry of a test: type, name, link target.
type Line<'a> = (u8, &'a str, &'a str);

fn tar(lines: &[Line<'_>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (kind, name, target) in lines {
        let mut header = tar::Header::new_gnu();
        header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
        header.as_mut_bytes()[157..157 + target.len()].copy_from_slice(target.as_bytes());
        header.as_mut_bytes()[156] = *kind;
        header.set_mode(0o644);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_size(0);
        header.set_cksum();
        bytes.extend(header.as_bytes());
    }
    bytes
}

/// The fault of the entries, and their links out of the layer.
fn grow(lines: &[Line<'_>]) -> (Option<EntryFault>, Vec<HardLink>, Option<Paths>) {
    let bytes = tar(lines);
    let mut rest = &bytes[..];
    let mut walker = Walker::new(1 << 20);
    let mut tree = Tree::default();
    loop {
        let (used, event) = walker.step(rest).expect("a tar");
        match event {
            Event::More | Event::End => break,
            Event::Entry(entry) => {
                if let Err(fault) = tree.add(&entry) {
                    return (Some(fault), Vec::new(), None);
                }
            }
            _ => {}
        }
        rest = &rest[used..];
    }
    let (elsewhere, paths) = tree.finish(&mut 1000);
    (None, elsewhere, paths)
}

#[test]
fn what_runtimes_unpack() {
    for lines in [
        &[(b'0', "f", ""), (b'1', "h", "f")][..],
        &[(b'0', "f", ""), (b'1', "h", "/f"), (b'1', "i", "./d/../f")],
        &[(b'0', "f", ""), (b'1', "h", "../f")],
        &[(b'0', "../f", ""), (b'1', "h", "f")],
        &[(b'2', "s", "nowhere"), (b'1', "h", "s")],
        &[(b'6', "p", ""), (b'1', "h", "p"), (b'1', "i", "h")],
        &[(b'1', "h", "d/../f")],
        // Through a link, and to a file written through one.
        &[(b'0', "d/x", ""), (b'2', "s", "d"), (b'1', "h", "s/x")],
        &[(b'2', "s", "d"), (b'0', "s/x", ""), (b'1', "h", "d/x")],
        &[(b'2', "s", "d"), (b'0', "s/x", "")],
        &[(b'2', "s", "d"), (b'1', "h", "s"), (b'0', "h/x", "")],
        // Below a file that became a folder again.
        &[(b'0', "f", ""), (b'5', "f", ""), (b'0', "f/x", "")],
        &[(b'0', "f", ""), (b'0', ".wh.f", ""), (b'0', "f/x", "")],
        &[
            (b'0', "d/f", ""),
            (b'0', "d", ""),
            (b'5', "d", ""),
            (b'0', "d/f/x", ""),
        ],
        &[(b'5', "", ""), (b'5', "./", ""), (b'5', "/", "")],
        &[(b'V', ".wh.x", ""), (b'7', ".wh..wh.plnk/a", "")],
        &[(b'3', "c", ""), (b'4', "b", "")],
    ] {
        let (fault, elsewhere, _) = grow(lines);
        assert_eq!((fault, elsewhere), (None, Vec::new()), "{lines:?}");
    }
}

#[test]
fn what_no_runtime_unpacks() {
    for (lines, message) in [
        (
            &[(b'S', "s", "")][..],
            "its type is 'S' (an old GNU sparse file: pack it with tar --format=pax)",
        ),
        (&[(b'V', "v", "")], "its type is 'V' (a volume label)"),
        (&[(b'z', "z", "")], "its type is 'z' (unknown)"),
        (&[(7, "z", "")], "its type is '\\x07' (unknown)"),
        (
            &[(b'0', "", "")],
            "it stands for the root folder and is none",
        ),
        (
            &[(b'0', "f", ""), (b'0', "./f//x", "")],
            "it is below \"f\", which is no folder",
        ),
        (
            &[(b'0', "f", ""), (b'1', "h", "f"), (b'5', "h/a/b", "")],
            "it is below \"h\", which is no folder",
        ),
        (
            &[(b'5', "d", ""), (b'1', "h", "d/")],
            "it is a hard link to \"d/\", which is a folder",
        ),
        (
            &[(b'1', "h", "")],
            "it is a hard link to \"\", which is a folder",
        ),
        (
            &[(b'0', "f", ""), (b'1', "f", "f")],
            "it is a hard link to \"f\", which neither an entry before it nor a lower layer has",
        ),
        (
            &[(b'2', "s", "")],
            "it is a symbolic link to a path of 0 bytes: expected 1 to 4095",
        ),
    ] {
        let (fault, ..) = grow(lines);
        let fault = fault.map(|fault| fault.to_string());
        assert_eq!(fault.as_deref(), Some(message), "{lines:?}");
    }
}

#[test]
fn hard_links_to_elsewhere() {
    for lines in [
        &[(b'1', "h", "f")][..],
        &[(b'1', "h", "f"), (b'0', "f", "")],
        &[
            (b'0', "f", ""),
            (b'0', "f", ""),
            (b'1', "h", "g"),
            (b'1', "i", "f"),
        ],
        &[(b'0', "d/x", ""), (b'1', "h", "d")],
        &[(b'1', "h", "../../etc/hostname")],
    ] {
        let (fault, elsewhere, paths) = grow(lines);
        assert_eq!(fault, None, "{lines:?}");
        assert_eq!(elsewhere.len(), 1, "{lines:?}");
        assert_eq!(elsewhere[0].entry, "h");
        assert!(paths.is_some());
    }
}

#[test]
fn what_a_layer_has_for_those_above_it() {
    let (_, _, paths) = grow(&[(b'0', "d/f", ""), (b'2', "s", "d"), (b'5', "e", "")]);
    let paths = paths.expect("few paths");
    for target in ["d/f", "s", "s/f", "s/other", "e"] {
        assert!(paths.may_have(target.as_bytes()), "{target}");
    }
    for target in ["d", "f", "d/g", "e/f", ""] {
        assert!(!paths.may_have(target.as_bytes()), "{target}");
    }
    let (_, _, through) = grow(&[(b'0', "s/x", "")]);
    let (_, _, beside) = grow(&[(b'0', "d/x", "")]);
    assert!(through.expect("paths").may_pass_through(&paths));
    assert!(!beside.expect("paths").may_pass_through(&paths));
}

#[test]
fn memory_has_a_bound() {
    let mut tree = Tree::default();
    let bytes = tar(&[(b'0', "f", "")]);
    let (_, event) = Walker::new(1 << 20).step(&bytes).expect("a tar");
    let Event::Entry(entry) = event else {
        panic!("no entry: {event:?}");
    };
    for number in 0..=PATHS {
        let path = number.to_string();
        tree.add_at(path.as_bytes(), &entry).expect("a file");
    }
    assert!(tree.full && tree.names.is_empty());
    let (elsewhere, paths) = tree.finish(&mut 1000);
    assert!(elsewhere.is_empty() && paths.is_none());
    // Paths that do not fit with those of other layers are not kept.
    let mut tree = Tree::default();
    tree.add_at(b"f", &entry).expect("a file");
    assert!(tree.finish(&mut 0).1.is_none());
}

#[test]
fn names_as_long_as_file_systems_take() {
    for (name, too_long) in [
        ("a".repeat(255), false),
        ("a".repeat(256), true),
        // 100 characters for Windows.
        ("\u{3042}".repeat(100), false),
        ("\u{3042}".repeat(256), true),
    ] {
        assert_eq!(is_too_long(name.as_bytes()), too_long, "{name}");
    }
    assert_eq!(shown(&[b'a'; 300]).chars().count(), 201);
}
