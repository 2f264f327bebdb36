//! Matching of platforms: which ones run on another, and which is best.

use super::Platform;

/// Selects the platforms that run on a wanted one, and ranks them.
///
/// Follows containerd's `platforms.Only`: a processor runs programs built for its older variants
/// (arm/v7 runs arm/v6 and arm/v5, arm64 runs arm, amd64 runs 386), never for newer ones.
#[derive(Debug, Clone)]
pub struct PlatformMatcher {
    /// Normalised, best first.
    accepted: Vec<Platform>,
}

impl PlatformMatcher {
    /// A matcher for `wanted`, in any spelling.
    pub fn new(wanted: &Platform) -> Self {
        Self {
            accepted: runnable(&wanted.normalized()),
        }
    }

    /// The rank of a platform: 0 is best, `None` means no match.
    pub fn rank(&self, offered: &Platform) -> Option<usize> {
        let offered = offered.normalized();
        self.accepted.iter().position(|accepted| {
            accepted.os == offered.os
                && accepted.architecture == offered.architecture
                && accepted.variant == offered.variant
                && same_os_version(accepted, &offered)
        })
    }

    /// Whether a platform matches.
    pub fn matches(&self, offered: &Platform) -> bool {
        self.rank(offered).is_some()
    }

    /// The rank of an image whose config names the platform `offered`. Many configs leave the
    /// variant out, so one without it matches any variant of its architecture, as in Docker; one
    /// with the variant ranks higher.
    pub fn rank_config(&self, offered: &Platform) -> Option<usize> {
        let bare = || offered.variant().is_empty().then(|| offered.normalized());
        let is_alike = |bare: &Platform| {
            let mut accepted = self.accepted.iter();
            accepted.any(|a| a.os == bare.os && a.architecture == bare.architecture)
        };
        let loosely = || bare().filter(is_alike).map(|_| self.accepted.len());
        self.rank(offered).or_else(loosely)
    }

    /// Whether such an image matches.
    pub fn matches_config(&self, offered: &Platform) -> bool {
        self.rank_config(offered).is_some()
    }
}

/// Only Windows distinguishes versions, by their first three numbers: the fourth is a patch level.
fn same_os_version(wanted: &Platform, offered: &Platform) -> bool {
    let build = |version: &str| {
        version
            .split('.')
            .take(3)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    match (&wanted.os_version, &offered.os_version) {
        (Some(wanted_version), Some(offered)) if wanted.os == "windows" => {
            build(wanted_version) == build(offered)
        }
        _ => true,
    }
}

/// `platform`, normalised, and what its processors also run, best first.
fn runnable(platform: &Platform) -> Vec<Platform> {
    let with = |architecture: &str, variant: String| Platform {
        architecture: architecture.to_owned(),
        variant: Some(variant).filter(|variant| !variant.is_empty()),
        ..platform.clone()
    };
    let mut accepted = vec![platform.clone()];
    let variant = platform.variant();
    match platform.architecture.as_str() {
        "amd64" => {
            let level = number(variant).unwrap_or(1);
            let levels = (1..level).rev();
            // Level 1 is written without a variant.
            let written = |level| {
                if level == 1 {
                    String::new()
                } else {
                    format!("v{level}")
                }
            };
            accepted.extend(levels.map(|level| with("amd64", written(level))));
            accepted.push(with("386", String::new()));
        }
        "arm" => accepted.extend(older_arm(variant).map(|older| with("arm", older))),
        "arm64" => {
            let older = older_arm64(variant);
            accepted.extend(older.into_iter().map(|older| with("arm64", older)));
            accepted.push(with("arm", "v8".to_owned()));
            accepted.extend(older_arm("v8").map(|older| with("arm", older)));
        }
        _ => {}
    }
    accepted
}

/// The variants of arm before this one, the newest first; v5 is the oldest.
fn older_arm(variant: &str) -> impl Iterator<Item = String> {
    let version = number(variant).unwrap_or(0);
    (5..version).rev().map(|older| format!("v{older}"))
}

/// The variants of arm64 that this one includes, the newest first: v9.x includes v8.(x+5).
fn older_arm64(variant: &str) -> Vec<String> {
    let (major, minor) = variant.split_once('.').unwrap_or((variant, "0"));
    let minor = minor.parse::<u8>().unwrap_or(0).min(LAST_MINOR);
    let written = |major: u8, minor: u8| match (major, minor) {
        (8, 0) => String::new(),
        (_, 0) => format!("v{major}"),
        _ => format!("v{major}.{minor}"),
    };
    match major {
        "v9" => {
            let newer = (0..minor).rev().map(|minor| written(9, minor));
            let older = (0..=minor + 5).rev().map(|minor| written(8, minor));
            newer.chain(older).collect()
        }
        "" | "v8" => (0..minor).rev().map(|minor| written(8, minor)).collect(),
        _ => Vec::new(),
    }
}

/// The largest minor version of arm64 that is accepted.
const LAST_MINOR: u8 = 9;

/// The number of a variant such as `v7`, if it has a plausible one.
fn number(variant: &str) -> Option<u8> {
    let number = variant.strip_prefix('v')?.parse().ok()?;
    (number <= LAST_MINOR).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(text: &str) -> Platform {
        let mut words = text.split('/');
        let mut next = || words.next().unwrap_or_default();
        Platform::new(next(), next(), next())
    }

    #[test]
    fn chooses_as_containerd_does() {
        for (wanted, offered, best) in [
            ("linux/amd64", "linux/amd64/v3 linux/amd64", 1),
            ("linux/amd64", "linux/386 linux/x86_64", 1),
            ("linux/amd64", "linux/arm64 linux/386", 1),
            (
                "linux/amd64/v3",
                "linux/amd64 linux/amd64/v2 linux/amd64/v4",
                1,
            ),
            ("linux/amd64/v2", "linux/amd64/v1 linux/386", 0),
            ("linux/arm", "linux/arm/v6 linux/arm/v7", 1),
            ("linux/arm/v6", "linux/arm/v5 linux/arm/v7", 0),
            ("linux/arm/v7", "linux/arm/v5 linux/arm/v6 linux/arm/v8", 1),
            ("linux/arm/7", "linux/arm/v6 linux/armhf", 1),
            ("linux/arm64", "linux/arm64/v9 linux/arm64", 1),
            ("linux/arm64", "linux/arm/v7 linux/aarch64", 1),
            ("linux/arm64", "linux/arm/v6 linux/arm/v7", 1),
            (
                "linux/arm64/v8.2",
                "linux/arm64 linux/arm64/v8.1 linux/arm64/v8.3",
                1,
            ),
            (
                "linux/arm64/v9",
                "linux/arm64/v9.1 linux/arm64/v8.5 linux/arm64",
                1,
            ),
            ("linux/arm64/v8", "linux/arm64", 0),
        ] {
            let matcher = PlatformMatcher::new(&platform(wanted));
            let ranked = offered.split(' ').enumerate();
            let ranked = ranked.filter_map(|(at, text)| Some((matcher.rank(&platform(text))?, at)));
            assert_eq!(
                ranked.min().map(|(_, at)| at),
                Some(best),
                "{wanted} of {offered}"
            );
        }
    }

    #[test]
    fn never_takes_what_cannot_run() {
        for (wanted, offered) in [
            ("linux/amd64", "linux/arm64"),
            ("linux/amd64", "windows/amd64"),
            ("linux/amd64", "linux/amd64/v2"),
            ("linux/386", "linux/amd64"),
            ("linux/arm/v6", "linux/arm/v7"),
            ("linux/arm/v7", "linux/arm64"),
            ("linux/arm64", "linux/arm64/v9"),
            ("linux/amd64", "/"),
            ("linux/amd64", "unknown/unknown"),
        ] {
            let matcher = PlatformMatcher::new(&platform(wanted));
            assert!(
                !matcher.matches(&platform(offered)),
                "{wanted} of {offered}"
            );
        }
    }

    #[test]
    fn a_config_without_a_variant() {
        let matcher = PlatformMatcher::new(&platform("linux/arm/v6"));
        assert!(!matcher.matches(&platform("linux/arm")));
        assert!(matcher.matches_config(&platform("linux/arm")));
        assert_eq!(matcher.rank_config(&platform("linux/arm/v5")), Some(1));
        assert_eq!(matcher.rank_config(&platform("linux/arm")), Some(2));
        assert!(!matcher.matches_config(&platform("linux/arm/v7")));
        assert!(!matcher.matches_config(&platform("linux/arm64")));
    }

    #[test]
    fn versions_of_windows() {
        let windows = |version: &str| Platform {
            os_version: Some(version.to_owned()),
            ..platform("windows/amd64")
        };
        let matcher = PlatformMatcher::new(&windows("10.0.20348.1"));
        assert!(matcher.matches(&windows("10.0.20348.2113")));
        assert!(!matcher.matches(&windows("10.0.17763.1")));
        assert!(matcher.matches(&platform("windows/amd64")));
        assert!(PlatformMatcher::new(&platform("windows/amd64")).matches(&windows("10.0.17763")));
    }
}
