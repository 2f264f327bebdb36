//! Layers with a valid tar that no tool can unpack.

use super::Fault;
use super::members::manifest;
use crate::compress::Compression;
use crate::image::{Image, Layer};
use crate::tar::{Header, Tar, padded, seal};

pub(super) fn faults() -> Vec<Fault> {
    let file = || Tar::new().file("file", "content\n");
    let odd = |kind: u8| file().blocks(Header::new(kind, "odd", 0).block().to_vec());
    let pax = |key: &str, value: &str| Tar::new().pax_file("odd", &[(key, value)], b"x");
    let field = |place: usize| {
        let mut block = Header::new(b'0', "odd", 0).block();
        block[place] = b'z';
        seal(&mut block);
        Tar::new().blocks(block.to_vec())
    };
    vec![
        one("an old GNU sparse file", odd(b'S'), &["\"odd\"", "sparse"]),
        one("a volume label", odd(b'V'), &["\"odd\"", "'V'"]),
        one("a directory listing", odd(b'D'), &["\"odd\"", "'D'"]),
        one("a part of another volume", odd(b'M'), &["\"odd\"", "'M'"]),
        one("a contiguous file", odd(b'7'), &["\"odd\"", "'7'"]),
        one("a type that nobody knows", odd(b'z'), &["\"odd\"", "'z'"]),
        one(
            "a hard link to nothing in a layer",
            file().hardlink("odd", "gone"),
            &["\"odd\"", "\"gone\""],
        ),
        one(
            "a hard link to a later entry",
            Tar::new().hardlink("odd", "file").append(file()),
            &["\"odd\"", "\"file\""],
        ),
        one(
            "a hard link to itself",
            file().hardlink("file", "./file"),
            &["\"file\""],
        ),
        one(
            "a hard link to a folder",
            Tar::new().directory("folder/").hardlink("odd", "folder"),
            &["\"odd\"", "\"folder\"", "folder"],
        ),
        one(
            "an entry below a file",
            file().file("file/below", "x"),
            &["\"file/below\"", "\"file\""],
        ),
        one(
            "a symbolic link to nothing at all",
            Tar::new().symlink("odd", ""),
            &["\"odd\"", "symbolic link"],
        ),
        one(
            "a root that is a file",
            Tar::new().file("./", "x"),
            &["root"],
        ),
        one(
            "a name of 256 bytes",
            pax("path", &"n".repeat(256)),
            &["255 bytes"],
        ),
        one(
            "an attribute with a name of 300 bytes",
            pax(&format!("SCHILY.xattr.user.{}", "a".repeat(300)), "x"),
            &["\"odd\"", "attribute"],
        ),
        one("a path with a NUL", pax("path", "a\0b"), &["NUL"]),
        one(
            "an owner that is no number",
            pax("uid", "root"),
            &["number"],
        ),
        one("a time that is none", pax("mtime", "today"), &["time"]),
        one(
            "a negative size",
            pax("size", "-1"),
            &["\"odd\"", "negative"],
        ),
        one(
            "a mode that is no number",
            field(100),
            &["\"odd\"", "octal"],
        ),
        one(
            "a device that is no number",
            field(329),
            &["\"odd\"", "octal"],
        ),
        above(),
        trailing(),
    ]
}

/// An image of one uncompressed layer.
fn one(name: &'static str, tar: Tar, mentions: &[&str]) -> Fault {
    let tar = tar.finish();
    let image = Image::with_layers(name, vec![Layer { tar: tar.clone() }]);
    let archive = Tar::new()
        .file("config.json", &image.config)
        .file("the-layer", tar)
        .file("manifest.json", manifest("config.json", &["the-layer"]));
    let mentions = [&["the-layer"], mentions].concat();
    Fault::new(name, archive.finish(), &mentions)
}

/// The link is in the upper one of two layers, and neither has its target.
fn above() -> Fault {
    let lower = Layer::with_file("file", "content\n");
    let upper = Layer {
        tar: Tar::new()
            .hardlink("right", "file")
            .hardlink("odd", "gone")
            .finish(),
    };
    let image = Image::with_layers("upper hard link", vec![lower, upper]);
    let archive = Tar::new()
        .file("upper", &image.layers[1].tar)
        .file("lower", Compression::Gzip.compress(&image.layers[0].tar))
        .file("config.json", &image.config)
        .file(
            "manifest.json",
            manifest("config.json", &["lower", "upper"]),
        );
    let mentions = ["layer 1", "\"upper\"", "\"odd\"", "\"gone\""];
    Fault::new(
        "a hard link to nothing in an upper layer",
        archive.finish(),
        &mentions,
    )
}

/// A compressed layer with trailing bytes.
fn trailing() -> Fault {
    let layer = Layer::with_file("f", "trailing\n");
    let image = Image::with_layers("trailing", vec![layer]);
    let mut blob = Compression::Gzip.compress(&image.layers[0].tar);
    blob.extend(padded(b"trailing"));
    let archive = Tar::new()
        .file("config.json", &image.config)
        .file("the-layer", blob)
        .file("manifest.json", manifest("config.json", &["the-layer"]));
    let mentions = ["the-layer", "followed by", "traili"];
    Fault::new(
        "bytes behind a compressed layer",
        archive.finish(),
        &mentions,
    )
}
