//! The Docker SDK for Python. docker-compose 1, Ansible and many test suites are built on it.

use crate::daemon;
use crate::scenario::{installed, program, run, scenarios, sources};

scenarios!("python", ".py": containers, events, imports, load, remove, save, usage);

fn scenario(name: &str) {
    let daemon = daemon();
    let mut command = program(&installed().join("python/bin/python3"));
    command
        .arg(sources("python").join(format!("{name}.py")))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    run(&mut command, &daemon, &daemon.host());
}
