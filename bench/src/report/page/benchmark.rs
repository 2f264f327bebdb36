use super::{Page, Picture};
use crate::report::Unit;

/// Sockerless compared with others.
pub(crate) const BENCHMARK: Page = Page {
    name: "benchmark",
    title: "Benchmark",
    programs: &[
        "dockerd",
        "podman",
        "skopeo",
        "docker-registry",
        "zstd",
        "xz",
        "openssl",
    ],
    pictures: &[Picture {
        file: "benchmark.svg",
        says: "Seconds of each work, on a scale of its own; shorter is better",
        unit: Unit::Seconds,
    }],
    introduction: INTRODUCTION,
    closing: METHOD,
};

const INTRODUCTION: &str = "\
`make bench` writes this page: sockerless beside dockerd, podman and skopeo, on one machine, in one run, taking turns. \
Absolute numbers are those of this machine; the ratios are what counts.
";

const METHOD: &str = "\
## How it is measured

- The archives are made of programs, libraries and other files of this machine: an image like GitLab Runner's helper, \
with a base layer of 199 MB in some 10 000 files, layers of 75 and 33 MB of programs, and two tiny ones; one of 2 GB, one \
of 120 layers, and a root file system of 100 MB. They are made once and kept in the target folder.
- In each round everybody has a turn, with a data root and a registry that are new. Before each turn the disk is given \
time to become quiet (`sync`). Archives are in the page cache.
- All daemons get the same bytes from the same small client in the bench over their Unix socket (`POST /images/load`), \
so no command line is in the times. skopeo is a command, and is timed as one.
- After each turn the result is checked: the image ID and the layers that the daemon reports, and for staging that \
skopeo can copy the image out of the registry, which proves every digest.
- CPU is user and system time of the daemon and of what it started, not that of the client. Peak is the most memory that \
these processes had: `VmHWM`, or the sum of what all had in memory at one time, looked at every 50 ms. Written is \
`write_bytes` of `/proc/PID/io`. Sent is what the registry wrote meanwhile, to its store and in answers (`wchar`). Of \
time, CPU, written and sent the median of the rounds is shown, of memory the most.
- Client, daemon, registry and disk share the processors, for everybody alike.

## What the peers do more or less

- **sockerless** verifies every digest and makes layers durable (`fsync`) before it answers. It keeps layers as they came and \
never unpacks them.
- **dockerd** (overlay2) and **podman** (overlay) unpack every layer into a folder, so that a container can start from it \
on the same machine; sockerless does not run containers there. They do not wait for the disk for most of what they \
write. dockerd 20.10 reads no zstd, so it is fed by `zstd -dc`, whose CPU counts as its own.
- **skopeo** has no API and no state: it copies from the archive to the registry and ends. It verifies the \
digests of layers as they came, but does not decompress them to prove their diff_ids, which sockerless does.
- The **baseline** is a program in the bench that reads the file, hashes all bytes with the same library and writes them once, \
with an `fsync` at the end: one thread for each of the three. That is about what the \
machine can do. The variant with one thread does the three one after the other.
- `zstd -dc | openssl dgst -sha256` and `xz -dc` write nothing.
";
