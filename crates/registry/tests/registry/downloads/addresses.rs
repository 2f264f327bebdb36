use std::net::IpAddr;

use sockerless_registry::{Client, Config, ErrorKind, Fault, Proxies};

use super::web::{Answer, Web, ok};
use super::{LOCAL, REMOTE, all, download, once};

/// Hosts of this machine and of its link, and the address that each means.
const LOCAL_HOSTS: [(&str, &str); 14] = [
    ("127.0.0.1", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("127.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("0x7f.0.0.1", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
    ("0.0.0.0", "0.0.0.0"),
    ("0", "0.0.0.0"),
    ("169.254.169.254", "169.254.169.254"),
    ("[::1]", "::1"),
    ("[::]", "::"),
    ("[fe80::1]", "fe80::1"),
    ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
    ("[::ffff:a9fe:a9fe]", "::ffff:169.254.169.254"),
];

#[tokio::test]
async fn addresses_of_this_machine_and_its_link_are_refused() {
    let web = Web::start(|_| Answer::Close(ok(b"here"))).await;
    let port = web.host().split(':').next_back().expect("a port");
    let proxy = Web::start(|_| Answer::Close(ok(b"through the proxy"))).await;
    let proxies = Proxies::new(&proxy.url(""), &proxy.url(""), "");
    for proxies in [Proxies::none(), proxies] {
        let client = Client::new(Config { proxies, ..once() });
        for scheme in ["http", "https"] {
            for (host, meant) in LOCAL_HOSTS {
                let url = format!("{scheme}://{host}:{port}/x");
                let error = client.download(&url, REMOTE).await.expect_err(host);
                assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
                let Fault::LocalAddress {
                    host: named,
                    address,
                } = error.fault()
                else {
                    panic!("{error:?}");
                };
                let meant: IpAddr = meant.parse().expect("valid");
                assert_eq!((named.as_str(), *address), (host, meant));
                let begin = format!("cannot download {url}: {host} is an address of this machine");
                assert!(error.to_string().starts_with(&begin), "{error}");
            }
        }
    }
    assert_eq!((web.count(), proxy.count()), (0, 0));
}

#[tokio::test]
async fn names_of_this_machine_are_refused_unless_allowed() {
    let web = Web::start(|_| Answer::Close(ok(b"here"))).await;
    let url = web.url("/x").replace("127.0.0.1", "localhost");
    let error = download(&url, REMOTE).await.expect_err("local");
    assert_eq!(error.kind(), ErrorKind::Invalid, "{error}");
    let Fault::LocalAddress { host, address } = error.fault() else {
        panic!("{error:?}");
    };
    assert!(address.is_loopback(), "{address}");
    assert_eq!(host, "localhost");
    let end = format!("localhost is {address}, an address of this machine");
    assert!(error.to_string().ends_with(&end), "{error}");
    assert_eq!(web.count(), 0);

    assert_eq!(download(&url, LOCAL).await.expect("allowed"), "here");
    assert_eq!(
        download(&web.url("/x"), LOCAL).await.expect("allowed"),
        "here"
    );
}

#[tokio::test]
async fn names_are_the_matter_of_the_proxy() {
    let proxy = Web::start(|_| Answer::Close(ok(b"through the proxy"))).await;
    let proxies = Proxies::new(&proxy.url(""), "", "");
    let client = Client::new(Config { proxies, ..once() });
    for host in ["files.invalid", "10.1.2.3"] {
        let url = format!("http://{host}/a?b=c");
        let found = client.download(&url, REMOTE).await.expect("allowed");
        assert_eq!(all(found).await.expect("whole"), "through the proxy");
        let head = proxy.heads().pop().expect("asked");
        assert!(
            head.starts_with(&format!("GET {url} HTTP/1.1\r\n")),
            "{head}"
        );
    }
}
