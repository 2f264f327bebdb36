//! `POST /images/create?fromSrc=-`.

use sockerless_testkit::compress::Compression;
use sockerless_testkit::http::escaped;
use sockerless_testkit::tar::Tar;

use crate::pair::Pair;
use crate::scenarios::load::fixture;

const TAR: &str = "application/x-tar";

fn root() -> Vec<u8> {
    Tar::new()
        .directory("etc/")
        .file("etc/motd", "hello\n")
        .symlink("etc/link", "motd")
        .finish()
}

pub(crate) fn good(pair: &mut Pair) {
    let xz = fixture("gitlab-runner-helper-rootfs.tar.xz");
    let root = root();
    let gzip = Compression::Gzip.compress(&root);
    let bodies: [(&'static str, &str, &[u8]); 8] = [
        ("plain", "repo=imp/plain&tag=1", &root),
        ("gzip", "repo=imp/gzip", &gzip),
        ("xz", "repo=imp/xz&tag=3&message=from+xz", &xz),
        ("nameless", "", &root),
        ("empty", "repo=imp/empty", b""),
        ("zeros", "repo=imp/zeros", &[0; 1024]),
        ("inrepo", "repo=imp/in:4", &root),
        (
            "platform",
            "repo=imp/plain&tag=1&platform=linux/arm64",
            &root,
        ),
    ];
    for (name, query, body) in bodies {
        let target = format!("/images/create?fromSrc=-&{query}");
        pair.naming(name, "/status").post_body(&target, TAR, body);
        pair.get(&format!("/images/<{name}>/json"));
        pair.get(&format!("/images/<{name}>/history"));
    }
    pair.get("/images/json?all=1");
}

pub(crate) fn changes(pair: &mut Pair) {
    let root = root();
    for (name, changes) in [
        (
            "a",
            &[r#"ENTRYPOINT ["/usr/bin/dumb-init", "/entrypoint"]"#][..],
        ),
        ("b", &["ENTRYPOINT top -b", r#"CMD ["a","b c"]"#]),
        (
            "c",
            &[
                "CMD echo $HOME",
                "ENV A=1 B=\"two words\" C=three\\ four",
                "ENV OLD style value",
            ],
        ),
        ("d", &["LABEL a=1 \"b c\"=\"d e\"", "LABEL f g h"]),
        (
            "e",
            &[
                "USER 1000:1000",
                "WORKDIR /a",
                "WORKDIR b",
                "VOLUME /x /y",
                "VOLUME [\"/z\"]",
            ],
        ),
        ("f", &["EXPOSE 80 53/udp 8000-8002/tcp", "ONBUILD RUN x"]),
        ("signal", &["STOPSIGNAL SIGINT"]),
        (
            "g",
            &["HEALTHCHECK --interval=5s --retries=2 CMD curl -f http://x || exit 1"],
        ),
        ("h", &["HEALTHCHECK NONE"]),
        ("i", &["ENV A=1\nENV B=2\nCMD x"]),
        (
            "j",
            &[
                "env a=$PATH b=${a:-x}",
                "cmd [\"/bin/sh\", \"-c\", \"true\"]",
            ],
        ),
        ("k", &["ENV A=1", "ENV A=2", "ENV B=$A"]),
        ("l", &["# only a comment", "ENV A=1"]),
        ("m", &["ENTRYPOINT []", "CMD []"]),
        ("n", &["MAINTAINER somebody", "ENV A=1"]),
        ("o", &["SHELL [\"/bin/bash\", \"-c\"]", "CMD x"]),
    ] {
        let query: String = changes
            .iter()
            .map(|change| format!("&changes={}", escaped(change)))
            .collect();
        let target = format!("/images/create?fromSrc=-&repo=changed&tag={name}{query}");
        pair.naming(name, "/status").post_body(&target, TAR, &root);
        if pair.last().dockerd.status == 200 {
            pair.get(&format!("/images/changed:{name}/json"));
        }
    }
}

pub(crate) fn errors(pair: &mut Pair) {
    let root = root();
    for query in [
        "changes=RUN+true",
        "changes=COPY+a+b",
        "changes=FROM+scratch",
        "changes=BOGUS+x",
        "changes=ENV",
        "changes=ENV+A",
        "changes=CMD",
        "changes=ENTRYPOINT+%5B%22x%22",
        "changes=LABEL",
        "changes=EXPOSE+x",
        "changes=EXPOSE",
        "changes=USER",
        "changes=USER+a+b",
        "changes=VOLUME",
        "changes=WORKDIR",
        "changes=STOPSIGNAL+NOSUCH",
        "changes=HEALTHCHECK+--interval%3Dx+CMD+y",
        "changes=HEALTHCHECK",
        "changes=ONBUILD+FROM+x",
        "changes=ONBUILD",
        "changes=SHELL+x",
        "repo=FOO",
        "repo=foo:",
        "repo=foo&tag=a+b",
        "repo=foo&tag=-",
        "repo=foo@sha256:0123456789012345678901234567890123456789012345678901234567890123",
        "platform=windows/amd64",
        "platform=bogus/amd64",
        "platform=a/b/c/d",
        "platform=linux/amd64%20",
    ] {
        pair.naming("odd", "/status");
        pair.post_body(&format!("/images/create?fromSrc=-&{query}"), TAR, &root);
    }
    let garbage = b"garbage! ".repeat(500);
    let cut = &root[..700];
    let gzip = Compression::Gzip.compress(&root);
    for body in [&garbage[..], b"short", cut, &gzip[..gzip.len() / 2]] {
        pair.post_body("/images/create?fromSrc=-&repo=broken", TAR, body);
    }
    pair.post("/images/create").post("/images/create?fromSrc=");
    pair.post("/images/create?fromSrc=http://127.0.0.1:1/x.tar&repo=a");
    pair.post("/images/create?fromImage=FOO")
        .post("/images/create?fromImage=scratch");
    pair.post("/images/create?fromImage=a&tag=b+c");
}
