//! Tests of the faults of a proxy.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::{Fault, FaultProxy};

const REQUEST: &[u8] = b"PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello";
const REPLY: &[u8] = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";

/// Accepts one connection, responds to a complete request, and returns what it received.
fn server() -> (SocketAddr, JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let served = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let (mut came, mut buffer) = (Vec::new(), [0; 1024]);
        while let Ok(length @ 1..) = stream.read(&mut buffer) {
            came.extend_from_slice(&buffer[..length]);
            if came == REQUEST {
                stream.write_all(REPLY).expect("sent");
            }
        }
        came
    });
    (address, served)
}

/// What the server and the client received.
fn exchange(fault: Option<Fault>) -> (Vec<u8>, Vec<u8>) {
    let (address, served) = server();
    let proxy = FaultProxy::start(address);
    if let Some(fault) = fault {
        proxy.inject(fault);
    }
    let mut client = TcpStream::connect(proxy.host()).expect("a connection");
    client.write_all(REQUEST).expect("sent");
    let (mut got, mut buffer) = (Vec::new(), [0; 1024]);
    while let Ok(length @ 1..) = client.read(&mut buffer) {
        got.extend_from_slice(&buffer[..length]);
        if got == REPLY {
            break;
        }
    }
    drop(client);
    assert_eq!(proxy.requests(), ["PUT /a"]);
    assert_eq!(proxy.pending(), 0);
    (served.join().expect("no panic"), got)
}

#[test]
fn without_faults_everything_passes() {
    assert_eq!(exchange(None), (REQUEST.to_vec(), REPLY.to_vec()));
}

#[test]
fn requests_end_at_the_byte() {
    for bytes in 0..REQUEST.len() {
        let (came, got) = exchange(Some(Fault::cut_request("PUT /", bytes)));
        assert_eq!((came.as_slice(), got), (&REQUEST[..bytes], Vec::new()));
    }
}

#[test]
fn replies_end_at_the_byte() {
    for bytes in 0..REPLY.len() {
        let (came, got) = exchange(Some(Fault::cut_reply("PUT /", bytes)));
        assert_eq!(
            (came.as_slice(), got.as_slice()),
            (REQUEST, &REPLY[..bytes])
        );
    }
}

#[test]
fn a_fault_for_another_request_waits() {
    let (address, served) = server();
    let proxy = FaultProxy::start(address);
    proxy.inject(Fault::cut_request("GET /", 0));
    let mut client = TcpStream::connect(proxy.host()).expect("a connection");
    client.write_all(REQUEST).expect("sent");
    let mut got = vec![0; REPLY.len()];
    client.read_exact(&mut got).expect("the reply");
    assert_eq!((got.as_slice(), proxy.pending()), (REPLY, 1));
    proxy.disconnect();
    assert!(matches!(client.read(&mut got), Ok(0) | Err(_)));
    served.join().expect("no panic");
    // From now on each connection is closed at once.
    let refused = TcpStream::connect(proxy.host()).and_then(|mut it| it.read(&mut got));
    assert!(matches!(refused, Ok(0) | Err(_)));
}
