//! dockerode for Node.js. Testcontainers for Node is built on it.

use std::process::Command;

use sockerless_testkit::daemon::{Backend, Launch};
use sockerless_testkit::http::Address;

use crate::daemon;
use crate::scenario::{installed, run, scenarios, sources};

scenarios!("node", ".js": containers, events, import, load, prune, save);

fn scenario(name: &str) {
    let daemon = daemon();
    run(&mut command(name), &daemon, &daemon.host());
}

#[test]
fn over_tcp() {
    let binary = env!("CARGO_BIN_EXE_sockerless-tests");
    for name in ["load", "save", "events"] {
        let daemon = Launch::new(binary, Backend::Sqlite).with_tcp().start();
        let Address::Tcp(address) = daemon.tcp_address() else {
            panic!("{:?}", daemon.tcp_address());
        };
        run(&mut command(name), &daemon, &format!("tcp://{address}"));
    }
}

fn command(name: &str) -> Command {
    let node = installed().join("node");
    let mut command = crate::scenario::program(&node.join("bin/node"));
    command
        .arg(sources("node").join(format!("{name}.js")))
        .env("NODE_PATH", node.join("node_modules"));
    command
}
