use super::{Page, Picture};
use crate::report::Unit;

/// Several daemons on one database, and a database with many names.
pub(crate) const SCALING: Page = Page {
    name: "scaling",
    title: "Scaling",
    programs: &["postgres", "docker-registry"],
    pictures: &[
        Picture {
            file: "scaling-throughput.svg",
            says: "How often a second, with one daemon and with three; longer is better",
            unit: Unit::PerSecond,
        },
        Picture {
            file: "scaling-growth.svg",
            says: "Milliseconds of one request among few names and among many; shorter is better",
            unit: Unit::Milliseconds,
        },
    ],
    introduction: INTRODUCTION,
    closing: CLOSING,
};

const INTRODUCTION: &str = "\
`make scaling` writes this page: daemons that share one PostgreSQL and one staging registry, all on one machine. First one \
daemon and three of them do the same work; then a database with 10 thousand names is compared with one that has very \
many. What follows from that for 1, 10 and 100 daemons stands at the end, before it what `make torture-replicas` found.
";

const CLOSING: &str = "\
## How it is measured

- PostgreSQL has its own settings, among them durable commits (`fsync`, `synchronous_commit`) and 100 connections, but for \
4 GB of `shared_buffers`, 4 GB of `max_wal_size` and `wal_compression`, as advised below. It listens on loopback, without TLS. Each daemon has a data root of \
its own and default options.
- One daemon and three have each a database and a registry of their own, and take turns. Clients are spread over the \
daemons evenly; each has a thread and one connection, and sends a request when it has read the last answer. A load has \
a connection of its own.
- Of images that are loaded each has a layer that was never seen, so that it is hashed, compressed, written, synced and \
pushed. After each turn every image and some of the names are inspected through the first daemon, whoever made them.
- Processor time is that of the processes (`/proc/PID/stat`), divided by how often the work was done; the clients' is not \
in it. The log of PostgreSQL is how far `pg_current_wal_insert_lsn` went; after a checkpoint it has whole pages too.
- The images of the large database are copies of one that was loaded and staged, made in SQL, each with a config, manifests \
and 100 names of its own, of which every digest is right. Requests go to images all over the database. A tag moves one \
name, as `latest` moves, so that the number of names stays: among a hundred images, and \
among all. The list of everything is read by a client that keeps it.
- Of rates and times the median of the rounds is shown, of memory the most. Processor time and log are those of the last \
round.

## Correct under crashes

`make torture-replicas` was run for 30 minutes (seed 2026, on the machine of this page, while it also compiled): 32 clients \
load, tag, inspect, list, save, remove, prune and create containers at random through three daemons, which share one \
PostgreSQL and one docker-registry. A model of what was acknowledged is compared with what daemons say all the time, \
and at the end with what every daemon says.

| fault | times |
|---|--:|
| a daemon killed (SIGKILL) and started again | 92 |
| all connections of a daemon to the database cut, five times | 92 |
| connections to the database delayed | 91 |
| PostgreSQL stopped as by a power cut, and started again | 92 |
| the registry away | 92 |
| the registry away, and a daemon killed | 92 |

| 122 950 requests of 121 051 operations | |
|---|--:|
| acknowledged | 59 347 |
| refused as they should be (404, 409) | 15 903 |
| 503, while something was away | 45 252 |
| connection broken | 2 448 |
| any other 5xx | 0 |
| **lost** | **0** |
| **invented** | **0** |
| names saved and verified at the end, from every daemon | 945 |
| events at the end, which all daemons tell alike | 1024 |

The run before it lost four images without a name that a container used, and is why a container now holds its image also \
when that was removed by force and comes back with another manifest.

## What limits 1, 10 and 100 daemons

What is said here of one and of three daemons can be read in the tables above. What is said of 10 and of 100 is reasoned \
from those tables and from how the daemons work, and was not measured.

A request needs processor time of a daemon and of PostgreSQL, and a load also of the registry; the tables tell how \
much of each. Daemons are added at will, the primary of PostgreSQL is one. So the time that a request takes of \
PostgreSQL, divided into the processors that the primary has, is the limit of all daemons together. Where the rows of \
three daemons are not above those of one, the processors of the machine of this page were the limit, or the disk, or what all \
daemons do one after the other.

**One daemon** is limited by its own processors: it hashes, compresses and speaks HTTP. It never has more than 16 \
connections to the database at work; further requests wait for a free one, up to 10 s, and are then answered with 503. \
Loads wait for the disk of the data root, which takes each layer durably, and for the registry. One daemon on SQLite \
needs no round trip for an inspection: who has one machine and wants speed alone has no reason for PostgreSQL.

**Ten daemons** have ten times the connections: 16 each, one that listens for events, one that tells them, and for \
a moment one for a job that only one daemon may do. That is more than the 100 that PostgreSQL takes by itself, so \
`max_connections` has to be raised (below). What changes names is limited by the primary:

- *Commits.* A tag is one commit and telling its event another, a load is several. Each waits until the log is on the disk. \
Commits that come at the same time share a sync, so the rate rises with the number of clients beyond what the table says \
the disk syncs one after the other, until the processors or the log's volume is the limit.
- *The order of events.* Events have one order for all daemons. So whoever tells some holds one lock until they are \
committed: of all daemons one at a time. A daemon puts up to 256 of its waiting events into one such transaction, \
so under load the events per transaction rise, not the wait for each. But the number of these \
transactions is bounded by one over the time that one takes, which is a sync of the log and what it waits for in the \
network. The same work over more daemons makes smaller transactions, and more of them: what that costs is the \
processor time of a tag with three daemons beside that with one. A replica that commits have to wait for (`synchronous_standby_names`) adds its distance to each. When events fall \
behind, an answer waits for its event up to 5 s and then goes out without.
- *The registry.* Every new layer goes there once, compressed, and every daemon that saves or pushes an image whose layers \
it does not have fetches them from there. Inspect, tag and list never ask it.

**A hundred daemons** add nothing to the work of a request, but to what each of them costs when it does nothing:

- *Connections.* Each is a process of the primary, which takes the memory in the table above, and more the more statements it \
has prepared. PostgreSQL should not have thousands of them. Connections that were not needed for 5 minutes are closed as \
others are given back, so a fleet at rest has few; plan for the most all the same. \
A pooler has to be in session mode: daemons listen (`LISTEN`), hold advisory locks in sessions and prepare statements. In \
that mode (PgBouncer was tried; another mode is refused at the start) it bounds connections and makes new ones cheap, but two daemons never use one at the same time; a \
request that gets none in time is answered with 503. From about fifty daemons on, use a pooler as that bound, or rather \
fewer and larger daemons: one daemon uses all processors that it is given.
- *NOTIFY.* After each transaction with events every daemon is woken and reads what is new, whether or not a client of its \
own reads events. So the reads are the number of these transactions times the number of daemons. They are look-ups by \
index of rows that were just written, and several wake-ups in a row become one read. Still this is what \
grows with the square of a fleet in which every daemon makes events.
- *Cold caches.* A daemon that is new, or that the balancer sent a client of another, fetches the blobs that a save or a \
push needs. In the worst case the registry gives each of them a hundred times. Balance by client where that is possible, \
and give the cache (`--content-cache-size`) room for what is used in a day.
- *Jobs that one daemon does.* Pruning, and forgetting what registries have of layers that no image needs, are never \
done by two at a time, so they do not grow with the fleet, but with the images. Each daemon sweeps only its own folder.

Reading from replicas would not help much: an answer has to show what was acknowledged before through another daemon, \
which a replica that is behind does not have. So daemons talk to the primary only.

**More names** make the indexes larger, and a look-up one page deeper after every few hundredfold of them. As long as what is in \
use of the database is in memory, the tables above say what that costs. Changes cost more when they are all over the \
database: the first change of a page after a checkpoint writes the whole page into the log. In earlier runs, on a disk that synced \
in half the time, moving a name to any image took 1.66 times as long with `wal_compression` off and 1.60 with `on` (1.81 beside \
1.13 ms): a slower disk hides that. Images that were just \
loaded lie together, so most tags change few pages. A list without a filter goes through all \
images, in pages; its time grows with them, the memory of the daemon is in the table. A pattern that begins with a repository's name is \
looked up; one that begins with a wildcard, or fits more than ten thousand names, goes through everything.

## What to watch

| figure | where | what it says |
|---|---|---|
| connections of `application_name = 'sockerless'`, beside `max_connections` | `pg_stat_activity` | near the limit daemons answer 503 |
| sessions that wait for `Lock`/`advisory` | `pg_stat_activity.wait_event` | one for a moment is usual, many are the order of events |
| sessions that wait for `WALSync`, `WALWrite`, `SyncRep` | `pg_stat_activity.wait_event` | the disk of the log, or a replica, is the limit |
| `xact_commit`, `xact_rollback` | `pg_stat_database` | commits a second; rollbacks that rise are conflicts, which are tried again |
| `blks_read` beside `blks_hit` | `pg_stat_database` | the database outgrows the memory |
| `n_dead_tup`, `last_autovacuum` of `images`, `names`, `events` | `pg_stat_user_tables` | vacuum does not keep up |
| free space for the log, oldest replication slot | `pg_replication_slots` | a slot that nobody reads fills the disk |
| status 503, and how long requests take | the daemons' log, the balancer's log | one of the above |
| bytes sent by the registry | the registry | caches that are too small, or clients that change daemons |

## Settings to begin with

| setting | value | why |
|---|---|---|
| `max_connections` | 20 for each daemon, and 20 more | 16 and a few each; the rest for operators |
| `shared_buffers` | a quarter of the memory of the primary | the indexes of names and digests should be in memory |
| `synchronous_commit`, `fsync` | `on`, as they are | an answer says that it is durable |
| `max_wal_size` | several GB | fewer checkpoints, so fewer whole pages in the log |
| `wal_compression` | `lz4`, before PostgreSQL 15 `on` | whole pages in the log become smaller |
| `idle_session_timeout` | `0`, as it is | daemons close what they do not need |
| pooler | session mode, or none | see above |
| daemons | as few as give the processors that loads need, at least two | each adds connections and wake-ups |
| `--content-cache-size` | the layers of a day | saves and pushes then stay local |
| between daemons and primary | the same region, the same zone if possible | a small request is one round trip or two |
";
