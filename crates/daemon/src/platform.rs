use std::env::consts::ARCH;

use sockerless_engine::Platform;

/// Reads `OS/ARCH[/VARIANT]`.
pub(crate) fn parse(text: &str) -> Result<Platform, String> {
    let parts: Vec<&str> = text.split('/').collect();
    let is_word = |part: &&str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    if !parts.iter().all(is_word) {
        return Err("a platform is OS/ARCH[/VARIANT] in small letters, such as linux/amd64".into());
    }
    match parts.as_slice() {
        [os, architecture] => Ok(platform(os, architecture, None)),
        [os, architecture, variant] => Ok(platform(os, architecture, Some(variant))),
        _ => Err("a platform has an OS and an architecture, such as linux/amd64".into()),
    }
}

fn platform(os: &str, architecture: &str, variant: Option<&str>) -> Platform {
    Platform {
        os: os.to_owned(),
        architecture: architecture.to_owned(),
        variant: variant.map(str::to_owned),
        os_version: None,
    }
}

/// Linux on this machine's architecture, in Go's words.
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
        assert_eq!(parse("linux/amd64"), Ok(platform("linux", "amd64", None)));
        assert_eq!(
            parse("linux/arm/v7"),
            Ok(platform("linux", "arm", Some("v7")))
        );
        for bad in [
            "",
            "linux",
            "linux/",
            "/amd64",
            "linux/arm/v7/x",
            "Linux/amd64",
            "a b/c",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse(&of_this_machine()).is_ok());
    }
}
