//! One server for all tests of the process.

use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use sockerless_testkit::postgres::Postgres;

use crate::PostgresStore;

/// Ends the server with this process: nothing drops what is static.
const GUARD: &str = "cat; kill -QUIT $0; while kill -0 $0; do sleep 0.1; done; rm -rf $1";

struct Server {
    postgres: Postgres,
    /// Reads until this process has ended, however it does.
    _guard: Child,
}

pub(super) fn postgres() -> &'static Postgres {
    static SERVER: OnceLock<Server> = OnceLock::new();
    let server = SERVER.get_or_init(|| {
        let postgres = Postgres::start();
        let ask = |sql| postgres.psql("postgres", sql);
        let folder = ask("SHOW data_directory");
        let process = ask("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)");
        let guard = Command::new("sh")
            .args(["-c", GUARD, &process])
            .arg(folder.strip_suffix("/data").expect("the cluster's folder"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Server {
            postgres,
            _guard: guard,
        }
    });
    &server.postgres
}

/// The name of a new, empty database.
pub(super) fn database() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let name = format!("test{}", NEXT.fetch_add(1, Ordering::Relaxed));
    postgres().create_database(&name);
    name
}

/// The URL of a new, empty database.
pub(super) fn url() -> String {
    postgres().url(&database())
}

/// A store in a new database.
pub(super) async fn store() -> PostgresStore {
    PostgresStore::open(&url()).await.unwrap()
}
