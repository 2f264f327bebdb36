//! The option of the daemon's platform, and its default.

use std::env::consts::ARCH;

use sockerless_images::Platform;

/// Parses `OS/ARCH[/VARIANT]`, in any spelling.
pub(crate) fn parse(text: &str) -> Result<Platform, String> {
    if !text.contains('/') {
        return Err("a platform has an OS and an architecture, such as linux/amd64".into());
    }
    // Both parts are given, so the default is never used.
    let own = Platform::default();
    Platform::parse(text, &own).map_err(|error| error.to_string())
}

/// Linux on this machine's architecture, in Go's terms.
pub(crate) fn of_this_machine() -> String {
    let architecture = match ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        "loongarch64" => "loong64",
        other => other,
    };
    format!("linux/{architecture}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        for (text, read) in [
            ("linux/amd64", Platform::new("linux", "amd64", "")),
            ("Linux/x86_64", Platform::new("linux", "amd64", "")),
            ("linux/aarch64", Platform::new("linux", "arm64", "")),
            ("linux/arm/v7", Platform::new("linux", "arm", "v7")),
            ("linux/arm/6", Platform::new("linux", "arm", "v6")),
            ("linux/armhf", Platform::new("linux", "arm", "v7")),
        ] {
            assert_eq!(parse(text), Ok(read), "{text}");
        }
        for bad in ["", "linux", "linux/", "/amd64", "linux/arm/v7/x", "a b/c"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&of_this_machine()).is_ok());
    }
}
