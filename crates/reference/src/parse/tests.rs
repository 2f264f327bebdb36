//! Cases of the reference grammar: names, lengths, digests and errors.

use crate::Reference;

const HEX: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// Input, canonical form, familiar form.
const NAMES: &str = "
alpine                         docker.io/library/alpine          alpine
alpine:3.20                    docker.io/library/alpine:3.20     alpine:3.20
library/alpine                 docker.io/library/alpine          alpine
docker.io/alpine               docker.io/library/alpine          alpine
docker.io/library/alpine:3     docker.io/library/alpine:3        alpine:3
index.docker.io/alpine         docker.io/library/alpine          alpine
index.docker.io/library/alpine docker.io/library/alpine          alpine
foo/bar                        docker.io/foo/bar                 foo/bar
index.docker.io/foo/bar:1      docker.io/foo/bar:1               foo/bar:1
foo/bar/baz                    docker.io/foo/bar/baz             foo/bar/baz
# `library/` is left out for one component only.
library/foo/bar                docker.io/library/foo/bar         library/foo/bar
docker.io/library/foo/bar      docker.io/library/foo/bar         library/foo/bar
docker.io/library              docker.io/library/library         library
library/library                docker.io/library/library         library
# One component is never a domain.
localhost                      docker.io/library/localhost       localhost
localhost:5000                 docker.io/library/localhost:5000  localhost:5000
example.com                    docker.io/library/example.com     example.com
index.docker.io                docker.io/library/index.docker.io index.docker.io
# With `/` the first is a domain if it has `.`, `:` or upper case, or is `localhost`.
localhost/x                    localhost/x                       localhost/x
localhost:5000/x               localhost:5000/x                  localhost:5000/x
localhost:5000/library/x:1     localhost:5000/library/x:1        localhost:5000/library/x:1
example.com/x                  example.com/x                     example.com/x
example:5000/x                 example:5000/x                    example:5000/x
127.0.0.1:5055/p/one:1         127.0.0.1:5055/p/one:1            127.0.0.1:5055/p/one:1
FOO/bar                        FOO/bar                           FOO/bar
Docker.io/bar                  Docker.io/bar                     Docker.io/bar
docker.io:443/bar              docker.io:443/bar                 docker.io:443/bar
index.docker.io:443/bar        index.docker.io:443/bar           index.docker.io:443/bar
a-b.c--d.example/x             a-b.c--d.example/x                a-b.c--d.example/x
[::1]/x                        [::1]/x                           [::1]/x
[FE80::1]:5000/x:1             [FE80::1]:5000/x:1                [FE80::1]:5000/x:1
# No domain has `_`, but a path may.
my_host.local/app:1            my_host.local/app:1               my_host.local/app:1
# Shortened, these two would name another registry.
docker.io/foo.bar/x:1          docker.io/foo.bar/x:1             docker.io/foo.bar/x:1
docker.io/localhost/x:1        docker.io/localhost/x:1           docker.io/localhost/x:1
# Separators within a component.
x/a.b_c__d-e--f---g/h          docker.io/x/a.b_c__d-e--f---g/h   x/a.b_c__d-e--f---g/h
a__b                           docker.io/library/a__b            a__b
0/1:2                          docker.io/0/1:2                   0/1:2
x:A_b.c-D                      docker.io/library/x:A_b.c-D       x:A_b.c-D
x:_                            docker.io/library/x:_             x:_
sha256:abc                     docker.io/library/sha256:abc      sha256:abc
";

#[test]
fn normalised_and_familiar() {
    let rows = NAMES
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    for row in rows {
        let [text, canonical, familiar] = row.split_whitespace().collect::<Vec<_>>()[..] else {
            panic!("three columns: {row}");
        };
        assert_normalised(text, canonical, familiar);
    }
}

#[test]
fn lengths() {
    // The path counts, with `library/` and without the domain.
    let longest = "r".repeat(247);
    assert_normalised(&longest, &format!("docker.io/library/{longest}"), &longest);
    let longest = format!("example.com/{}", "r".repeat(255));
    assert_normalised(&longest, &longest, &longest);
    let longest = format!("my_host.local/{}", "r".repeat(241));
    assert_normalised(&longest, &longest, &longest);
    let long_host = "h.".repeat(200) + "example/a";
    assert_normalised(&long_host, &long_host, &long_host);
}

#[test]
fn digests_and_hexadecimal_names() {
    for text in [format!("x@sha256:{HEX}"), format!("x:1@sha256:{HEX}")] {
        assert_normalised(&text, &format!("docker.io/library/{text}"), &text);
    }
    // 64 hexadecimal characters are refused only as the whole text.
    for text in [&format!("{HEX}:1"), &HEX[1..]] {
        assert_normalised(text, &format!("docker.io/library/{text}"), text);
    }
    let text = format!("a/{HEX}");
    assert_normalised(&text, &format!("docker.io/{text}"), &text);
}

fn assert_normalised(text: &str, canonical: &str, familiar: &str) {
    let reference = Reference::parse(text).expect(text);
    assert_eq!(reference.to_string(), canonical, "{text}");
    assert_eq!(reference.familiar(), familiar, "{text}");
    let name_only = reference.without_tag().without_digest();
    assert_eq!(name_only.repository(), name_only.as_str(), "{text}");
    assert_eq!(
        name_only.familiar_repository(),
        name_only.familiar(),
        "{text}"
    );
}

#[test]
fn outside_the_grammar() {
    let short_digest = format!("x@sha256:{}", &HEX[..31]);
    let long_tag = format!("x:{}", "t".repeat(129));
    for text in [
        "",
        " ",
        "/",
        ":",
        "@",
        "x ",
        " x",
        "x\n",
        "x:1\n",
        "\u{e9}",
        "x\0",
        // Empty components, and components that begin or end with a separator.
        "/x",
        "x/",
        "a//b",
        "docker.io/",
        "docker.io//x",
        "localhost/",
        "-x",
        "x-",
        ".x",
        "x.",
        "_x",
        "x_",
        "a/-b",
        "a-/b",
        "a/b.",
        // Separators that do not combine.
        "a..b",
        "a___b",
        "a._b",
        "a-_b",
        "a.-b",
        "a_.b",
        "a__-b",
        // Tags.
        "x:",
        "x:.a",
        "x:-a",
        "x:a/b",
        "x:a:b",
        "x:a b",
        "x:@",
        &long_tag,
        // Domains.
        "https://example.com/x:1",
        "foo:bar/x",
        "foo:/x",
        "a:1:2/x",
        "a:1/",
        ".a/x",
        "a./x",
        "a..b/x",
        "-a.b/x",
        "a-.b/x",
        "::1/x",
        "[]/x",
        "[::1/x",
        "::1]/x",
        "[::1]5000/x",
        "[::1]:/x",
        "[::g]/x",
        "[fe80::1%eth0]/x",
        "\u{c9}/x",
        // Digests.
        "x@",
        "x@sha256",
        "x@sha256:",
        "x@:abc",
        "x:1@x:2",
        &short_digest,
        &format!("x@{HEX}"),
        &format!("x@256:{HEX}"),
        &format!("x@sha256-:{HEX}"),
        &format!("@sha256:{HEX}"),
        &format!("x@sha256:{}g", &HEX[..63]),
        &format!("x@sha256:{HEX}:1"),
        &format!("x@sha256:{HEX}@sha256:{HEX}"),
    ] {
        let error = Reference::parse(text).expect_err(text);
        assert_eq!(error.to_string(), "invalid reference format", "{text:?}");
    }
}

#[test]
fn other_faults() {
    let lowercase = |name: &str| {
        format!("invalid reference format: repository name ({name}) must be lowercase")
    };
    let too_long = "repository name must not be more than 255 characters";
    for (text, message) in [
        ("FOO", lowercase("library/FOO")),
        ("FOO:bar", lowercase("library/FOO")),
        ("foo/BAR:1", lowercase("foo/BAR")),
        ("docker.io/Foo", lowercase("library/Foo")),
        ("index.docker.io/a/Foo", lowercase("a/Foo")),
        ("FOO/Bar", lowercase("Bar")),
        ("localhost:5000/Foo:1", lowercase("Foo")),
        // Reported before any other fault, wherever it is before the first colon.
        ("A//B..c", lowercase("/B..c")),
        ("a//B..c", lowercase("a//B..c")),
        ("\u{c9}", lowercase("library/\u{c9}")),
        (&format!("x@SHA256:{HEX}"), lowercase("library/x@SHA256")),
        (
            &"R".repeat(300),
            lowercase(&format!("library/{}", "R".repeat(300))),
        ),
        // Upper case makes it a domain, which has no `_`.
        (
            "Foo_bar/baz",
            "repository name must be lowercase".to_owned(),
        ),
        (
            "My_host.local/x:1",
            "repository name must be lowercase".to_owned(),
        ),
        // The Kelvin sign is an upper-case `k`.
        ("x:\u{212a}", "repository name must be lowercase".to_owned()),
        (
            HEX,
            format!("invalid repository name ({HEX}), cannot specify 64-byte hexadecimal strings"),
        ),
        (&"r".repeat(248), too_long.to_owned()),
        (&format!("a/{}:1", "r".repeat(254)), too_long.to_owned()),
        (
            &format!("example.com/{}", "r".repeat(256)),
            too_long.to_owned(),
        ),
        (
            &format!("my_host.local/{}", "r".repeat(242)),
            too_long.to_owned(),
        ),
        (
            &format!("{}@sha256:{}", "r".repeat(248), &HEX[..40]),
            too_long.to_owned(),
        ),
        (
            &format!("x@sha256:{}", &HEX[..63]),
            "invalid checksum digest length".to_owned(),
        ),
        (
            &format!("x@sha256:{HEX}0"),
            "invalid checksum digest length".to_owned(),
        ),
        (
            &format!("x@sha256:{}", HEX.to_uppercase()),
            "invalid checksum digest format".to_owned(),
        ),
        (
            &format!("x:1@SHA256:{HEX}"),
            "invalid checksum digest format".to_owned(),
        ),
        (
            &format!("x@md5:{}", &HEX[..32]),
            "unsupported digest algorithm: only sha256 is supported".to_owned(),
        ),
        (
            &format!("x@sha512:{HEX}{HEX}"),
            "unsupported digest algorithm: only sha256 is supported".to_owned(),
        ),
        (
            &format!("x@a+b.c-d_e:{HEX}"),
            "unsupported digest algorithm: only sha256 is supported".to_owned(),
        ),
    ] {
        let error = Reference::parse(text).expect_err(text);
        assert_eq!(error.to_string(), message, "{text:?}");
    }
}
