//! Deviations from Docker's types, and why each is correct.

use std::fmt::Write as _;
use std::ops::RangeInclusive;

use crate::deviation::{Deviation, Deviations};

/// `*` stands for any text.
struct Explained {
    /// API 1.N for each of these.
    minors: RangeInclusive<u16>,
    /// Kind of the response and place in it.
    place: &'static str,
    fault: &'static str,
    why: &'static str,
}

const fn unknown(minors: RangeInclusive<u16>, place: &'static str, why: &'static str) -> Explained {
    fault(minors, place, "unknown key", why)
}

const fn fault(
    minors: RangeInclusive<u16>,
    place: &'static str,
    fault: &'static str,
    why: &'static str,
) -> Explained {
    Explained {
        minors,
        place,
        fault,
        why,
    }
}

const ALL: RangeInclusive<u16> = 24..=55;
const UNDOCUMENTED: &str = "dockerd sends it, and Docker's file does not have it";
const NEVER_HIDDEN: &str =
    "newer than this version; dockerd shows it in every version all the same";
const KEPT: &str = "kept for a backend; dockerd drops what is newer than the client";
const NULL: &str = "what Go has not filled is null; the types take it for empty";

const EXPLAINED: &[Explained] = &[
    unknown(
        ALL,
        "container .Sockerless",
        "what a backend is to run: Docker has no such thing",
    ),
    unknown(
        ALL,
        "line of load .aux.Repo*",
        "a load tells programs the names that it gave",
    ),
    // Docker's files.
    unknown(ALL, "line of push .id", UNDOCUMENTED),
    unknown(ALL, "line of push .aux", UNDOCUMENTED),
    unknown(24..=47, "line of push .errorDetail", UNDOCUMENTED),
    unknown(24..=41, "event .scope", UNDOCUMENTED),
    unknown(
        24..=51,
        "event .status",
        "from before API 1.22; dockerd sends it up to 1.51",
    ),
    unknown(24..=51, "event .id", "the same"),
    unknown(24..=51, "event .from", "the same"),
    unknown(
        24..=41,
        "distribution .Descriptor.*",
        "Docker's file begins the keys with capitals, dockerd does not",
    ),
    unknown(24..=41, "distribution .Platforms[].*", "the same"),
    fault(
        24..=47,
        "version .Components[].Details.*",
        "refused: invalid type: string \"*\", expected unit",
        "in Docker's file an object of anything, in the types one of nothing",
    ),
    // Fields that were removed from the files and not from the responses.
    unknown(
        52..=55,
        "line of push .error",
        "for old clients; dockerd still sends it",
    ),
    unknown(
        52..=55,
        "image .DockerVersion",
        "dockerd still sends it when the image has it",
    ),
    unknown(
        52..=55,
        "usage .LayersSize",
        "the form before 1.52; dockerd sends both",
    ),
    unknown(52..=55, "usage .Images", "the same"),
    unknown(52..=55, "usage .Containers", "the same"),
    unknown(52..=55, "usage .Volumes", "the same"),
    unknown(52..=55, "usage .BuildCache", "the same"),
    // Fields that were in the responses before they were in the files.
    unknown(
        24..=43,
        "*.NetworkSettings.Networks.*.DNSNames",
        NEVER_HIDDEN,
    ),
    unknown(
        24..=47,
        "*.NetworkSettings.Networks.*.GwPriority",
        NEVER_HIDDEN,
    ),
    unknown(24..=43, "info .CDISpecDirs", NEVER_HIDDEN),
    // Fields that the client sent although its version does not have them.
    unknown(24..=43, "container .Config.Healthcheck.StartInterval", KEPT),
    unknown(24..=42, "container .HostConfig.Annotations", KEPT),
    // Null.
    fault(ALL, "history [].Tags", "null is read as []", NULL),
    fault(ALL, "images [].Labels", "null is read as {}", NULL),
    fault(
        24..=51,
        "usage .Images[].Labels",
        "null is read as {}",
        NULL,
    ),
    fault(24..=51, "* .GraphDriver.Data", "null is read as {}", NULL),
    fault(
        49..=55,
        "container .Config.Volumes",
        "null is read as {}",
        NULL,
    ),
    fault(49..=49, "image .Config.Volumes", "null is read as {}", NULL),
];

/// Requires a reason for each deviation that was found in API 1.`minor`, and a deviation for each
/// reason.
pub(crate) fn explain(minor: u16, found: &Deviations) {
    let mut faults = String::new();
    let mut used = vec![false; EXPLAINED.len()];
    for (deviation, answer) in found {
        let reason = EXPLAINED.iter().position(|it| it.fits(minor, deviation));
        match reason {
            Some(at) => used[at] = true,
            None => writeln!(
                faults,
                "{} {}: {}\n    {answer}",
                deviation.kind, deviation.path, deviation.fault
            )
            .unwrap(),
        }
    }
    for (explained, used) in EXPLAINED.iter().zip(used) {
        if explained.minors.contains(&minor) && !used {
            let Explained {
                place, fault, why, ..
            } = explained;
            writeln!(
                faults,
                "explained and not there any more: {place}: {fault} ({why})"
            )
            .unwrap();
        }
    }
    assert!(faults.is_empty(), "API 1.{minor}:\n{faults}");
}

impl Explained {
    fn fits(&self, minor: u16, deviation: &Deviation) -> bool {
        let place = format!("{} {}", deviation.kind, deviation.path);
        self.minors.contains(&minor)
            && fits(self.place, &place)
            && fits(self.fault, &deviation.fault)
    }
}

fn fits(pattern: &str, text: &str) -> bool {
    let Some((begin, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    text.strip_prefix(begin).is_some_and(|text| {
        text.char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .any(|at| fits(rest, &text[at..]))
    })
}
