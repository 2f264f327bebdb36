//! Parsing a platform from text, and spelling it in Go's terms.

use super::Platform;

/// A string is not a platform.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid platform {text:?}: {fault}: give OS[/ARCH[/VARIANT]], such as linux/arm64")]
pub struct PlatformError {
    text: String,
    /// What is wrong with it, with containerd's message.
    fault: &'static str,
}

/// Characters of the string that an error shows.
const SHOWN: usize = 80;

const OSES: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "illumos",
    "ios",
    "js",
    "linux",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];

const ARCHITECTURES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

impl Platform {
    /// Reads `OS[/ARCH[/VARIANT]]` in any case, and spells it in Go's terms. A missing architecture
    /// is that of `own`; a lone architecture, which clients also send, is for the OS of `own`.
    ///
    /// # Errors
    /// When it has another form.
    pub fn parse(text: &str, own: &Self) -> Result<Self, PlatformError> {
        let words: Vec<&str> = text.split('/').collect();
        let is_word = |word: &&str| {
            let is_part = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
            !word.is_empty() && word.bytes().all(is_part)
        };
        let read = |os: &str, architecture: &str, variant: &str| {
            Self::new(os, architecture, variant).spelled()
        };
        match words.as_slice() {
            words if !words.iter().all(is_word) => None,
            [os] if OSES.contains(&read(os, "", "").os.as_str()) => {
                let own_variant = own.variant.as_deref().unwrap_or_default();
                Some(read(os, &own.architecture, own_variant))
            }
            [architecture] => Some(read(&own.os, architecture, ""))
                .filter(|read| ARCHITECTURES.contains(&read.architecture.as_str())),
            [os, architecture] => Some(read(os, architecture, "")),
            [os, architecture, variant] => Some(read(os, architecture, variant)),
            _ => None,
        }
        .ok_or_else(|| PlatformError {
            text: text.chars().take(SHOWN).collect(),
            fault: match text.contains('/') {
                true => "invalid component",
                false => "unknown operating system or architecture",
            },
        })
    }

    /// This platform in Go's terms, as documents should have it: `x86_64` is `amd64`, `arm/7` is
    /// `arm/v7`. A variant is present if it was given or is implied, including `arm64/v8`.
    #[must_use]
    pub fn spelled(&self) -> Self {
        let given = self.variant().to_ascii_lowercase();
        let mut spelled = self.normalized();
        match self.architecture.to_ascii_lowercase().as_str() {
            "arm" if given.is_empty() => spelled.variant = None,
            "armel" | "armhf" if !given.is_empty() => spelled.variant = Some(given),
            "arm64" | "aarch64" if !given.is_empty() && spelled.variant.is_none() => {
                spelled.variant = Some("v8".to_owned());
            }
            _ => {}
        }
        spelled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let own = Platform::new("linux", "arm", "v7");
        for (text, expected) in [
            ("linux", "linux/arm/v7"),
            ("windows/amd64", "windows/amd64"),
            ("Linux/ARM/v6", "linux/arm/v6"),
            ("linux/arm", "linux/arm"),
            ("linux/arm/7", "linux/arm/v7"),
            ("linux/x86_64", "linux/amd64"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/armel/v5", "linux/arm/v5"),
            ("linux/arm64/v8", "linux/arm64/v8"),
            ("linux/arm64", "linux/arm64"),
            ("linux/arm64/v9", "linux/arm64/v9"),
            ("aarch64", "linux/arm64"),
            ("macos/arm64", "darwin/arm64"),
            ("hurd/amd64", "hurd/amd64"),
        ] {
            let parsed = Platform::parse(text, &own).map(|platform| platform.to_string());
            assert_eq!(parsed.as_deref(), Ok(expected), "{text}");
        }
        let (unknown, component) = (
            "unknown operating system or architecture",
            "invalid component",
        );
        for (bad, fault) in [
            ("", unknown),
            ("nonsense", unknown),
            ("{}", unknown),
            ("linux/", component),
            ("/amd64", component),
            ("linux/arm/v7/x", component),
            ("a b/c", component),
        ] {
            let error = Platform::parse(bad, &own).expect_err(bad);
            let message = format!(
                "invalid platform {bad:?}: {fault}: give OS[/ARCH[/VARIANT]], such as linux/arm64"
            );
            assert_eq!(error.to_string(), message);
        }
        let long = Platform::parse(&"x".repeat(1_000_000), &own).expect_err("no platform");
        assert!(long.to_string().len() < 200);
    }
}
