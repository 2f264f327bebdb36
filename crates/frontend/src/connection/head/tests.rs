//! Tests of accepted and refused heads, case by case.

use super::*;

fn get(headers: &str) -> String {
    format!("GET /_ping HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
}

#[test]
fn what_is_taken() {
    for (head, framing) in [
        (get(""), Framing::Length(0)),
        (get("Content-Length: 5\r\n"), Framing::Length(5)),
        (
            get("Content-Length: 5\r\nContent-Length: 5\r\n"),
            Framing::Length(5),
        ),
        (
            get("Content-Length: 9223372036854775807\r\n"),
            Framing::Length(u64::MAX >> 1),
        ),
        (get("Transfer-Encoding: chunked\r\n"), Framing::Chunked),
        (get("Transfer-Encoding:\tCHUNKED \r\n"), Framing::Chunked),
        (get("X: \"<>\u{fc}\r\n"), Framing::Length(0)),
        ("GET / HTTP/1.0\r\n\r\n".to_owned(), Framing::Length(0)),
        (
            "OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n".to_owned(),
            Framing::Length(0),
        ),
        (
            "GET http://docker/_ping HTTP/1.1\r\n\r\n".to_owned(),
            Framing::Length(0),
        ),
    ] {
        assert_eq!(end(head.as_bytes(), 0), Ok(Some(head.len())));
        let bytes = head.clone().into_bytes();
        assert_eq!(
            judge(head.as_bytes()),
            Ok(Head { bytes, framing }),
            "{head}"
        );
    }
}

#[test]
fn a_raw_target_is_encoded() {
    let head = "GET /images/json?filters={\"label\":[\"<a>\"]} HTTP/1.1\r\nHost: x\r\n\r\n";
    let expected =
        "GET /images/json?filters={%22label%22:[%22%3Ca%3E%22]} HTTP/1.1\r\nHost: x\r\n\r\n";
    let head = judge(head.as_bytes()).expect("valid");
    assert_eq!(String::from_utf8_lossy(&head.bytes), expected);
}

#[test]
fn what_is_refused() {
    let encoding = |text: &str| Fault::TransferEncoding(text.to_owned());
    let length = |text: &str| Fault::ContentLength(text.to_owned());
    let many = "X: y\r\n".repeat(HEADERS);
    for (head, fault) in [
        (get("Host: y\r\n"), Fault::Hosts),
        (get("host: x\r\n"), Fault::Hosts),
        (
            get("Transfer-Encoding: gzip, chunked\r\n"),
            encoding("gzip, chunked"),
        ),
        (get("Transfer-Encoding: identity\r\n"), encoding("identity")),
        (
            get("Transfer-Encoding: chunked, chunked\r\n"),
            encoding("chunked, chunked"),
        ),
        (
            get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
            encoding("chunked"),
        ),
        (get("Transfer-Encoding:\r\n"), encoding("")),
        (
            get("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
            Fault::TwoLengths,
        ),
        (
            get("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
            Fault::TwoLengths,
        ),
        (
            get("Content-Length: 5\r\nContent-Length: 6\r\n"),
            length("6"),
        ),
        (get("Content-Length: 5, 5\r\n"), length("5, 5")),
        (get("Content-Length: +5\r\n"), length("+5")),
        (get("Content-Length: -5\r\n"), length("-5")),
        (get("Content-Length: 0x5\r\n"), length("0x5")),
        (get("Content-Length:\r\n"), length("")),
        (
            get("Content-Length: 9223372036854775808\r\n"),
            length("9223372036854775808"),
        ),
        (get(&many), Fault::ManyHeaders(HEADERS)),
        (
            "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned(),
            encoding("chunked"),
        ),
        ("GET / HTTP/2.0\r\n\r\n".to_owned(), Fault::Version),
        ("GET / HTTP/1.2\r\n\r\n".to_owned(), Fault::Version),
        (
            "GET /\u{1} HTTP/1.1\r\n\r\n".to_owned(),
            Fault::ControlCharacter,
        ),
    ] {
        assert_eq!(judge(head.as_bytes()), Err(fault), "{head}");
    }
}

#[test]
fn what_is_no_request() {
    for head in [
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET / \r\n\r\n",
        " GET / HTTP/1.1\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1 \r\n\r\n",
        "GET / http/1.1\r\n\r\n",
        "G@T / HTTP/1.1\r\n\r\n",
        "GET images HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\rc\r\n\r\n",
        "GET / HTTP/1.1\r\n: b\r\n\r\n",
    ] {
        let fault = judge(head.as_bytes()).expect_err(head);
        assert_eq!(fault.status().as_u16(), 400, "{head}: {fault}");
    }
    let name = "x".repeat(70_000);
    let head = get(&format!("{name}: y\r\n"));
    assert!(judge(head.as_bytes()).is_err());
}

#[test]
fn ends_are_found_however_the_bytes_come() {
    let head = b"GET / HTTP/1.1\r\nA: b\r\n\r\nbody";
    for seen in 0..head.len() - 4 {
        for length in seen..head.len() {
            let expected = (length >= head.len() - 4).then_some(head.len() - 4);
            assert_eq!(end(&head[..length], seen), Ok(expected));
        }
    }
    for bare in ["\n", "GET / HTTP/1.1\n", "GET / HTTP/1.1\r\nA: b\n\r\n"] {
        assert_eq!(end(bare.as_bytes(), 0), Err(Fault::BareLineFeed));
    }
}
