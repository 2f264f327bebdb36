use sockerless_engine::Platform;

use crate::status::Failure;

/// Reads `OS[/ARCH[/VARIANT]]`, in any case. Without an architecture that of `own` is meant; a
/// lone architecture, which clients also send, is for the OS of `own`.
pub(crate) fn parse(text: &str, own: &Platform) -> Result<Platform, Failure> {
    let lower = text.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split('/').collect();
    let is_word = |part: &&str| {
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
        !part.is_empty() && part.bytes().all(is_part)
    };
    let platform = |os: &str, architecture: &str, variant: Option<&str>| {
        let (architecture, implied) = go_architecture(architecture);
        Platform {
            os: go_os(os).to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.or(implied).map(str::to_owned),
            os_version: None,
        }
    };
    match parts.as_slice() {
        parts if !parts.iter().all(is_word) => None,
        [os] if OSES.contains(&go_os(os)) => {
            Some(platform(os, &own.architecture, own.variant.as_deref()))
        }
        [architecture] if ARCHITECTURES.contains(&go_architecture(architecture).0) => {
            Some(platform(&own.os, architecture, None))
        }
        [os, architecture] => Some(platform(os, architecture, None)),
        [os, architecture, variant] => Some(platform(os, architecture, Some(variant))),
        _ => None,
    }
    .ok_or_else(|| {
        Failure::bad_request(format!(
            "invalid platform {text:?}: give OS[/ARCH[/VARIANT]], such as linux/arm64"
        ))
    })
}

const OSES: &[&str] = &[
    "linux", "windows", "darwin", "freebsd", "netbsd", "openbsd", "solaris", "illumos", "aix",
    "android", "wasip1",
];

const ARCHITECTURES: &[&str] = &[
    "amd64", "386", "arm64", "arm", "ppc64le", "ppc64", "s390x", "riscv64", "loong64", "mips",
    "mipsle", "mips64", "mips64le", "wasm",
];

/// The word that Go has for an OS.
fn go_os(os: &str) -> &str {
    match os {
        "macos" => "darwin",
        other => other,
    }
}

/// The words that Go has for an architecture: itself, and the variant that its name implies.
fn go_architecture(name: &str) -> (&str, Option<&'static str>) {
    match name {
        "i386" | "i686" => ("386", None),
        "x86_64" | "x86-64" => ("amd64", None),
        "aarch64" => ("arm64", None),
        "armhf" => ("arm", Some("v7")),
        "armel" => ("arm", Some("v6")),
        other => (other, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let platform = |os: &str, architecture: &str, variant: Option<&str>| Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: variant.map(str::to_owned),
            os_version: None,
        };
        let own = platform("linux", "arm", Some("v7"));
        for (text, expected) in [
            ("linux", platform("linux", "arm", Some("v7"))),
            ("windows/amd64", platform("windows", "amd64", None)),
            ("Linux/ARM/v6", platform("linux", "arm", Some("v6"))),
            ("linux/x86_64", platform("linux", "amd64", None)),
            ("linux/armhf", platform("linux", "arm", Some("v7"))),
            ("linux/armel/v5", platform("linux", "arm", Some("v5"))),
            ("aarch64", platform("linux", "arm64", None)),
            ("macos/arm64", platform("darwin", "arm64", None)),
            ("plan9/amd64", platform("plan9", "amd64", None)),
        ] {
            let parsed = parse(text, &own).map_err(|failure| failure.message);
            assert_eq!(parsed, Ok(expected), "{text}");
        }
        for bad in [
            "nonsense",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "a b/c",
            r#"{"os":"linux"}"#,
        ] {
            let failure = parse(bad, &own).expect_err(bad);
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            assert_eq!(
                failure.message,
                format!("invalid platform {bad:?}: give OS[/ARCH[/VARIANT]], such as linux/arm64")
            );
        }
    }
}
