//! The normal form of platforms, in which they are compared.

use super::Platform;

impl Platform {
    /// Whether two spellings mean the same platform. A version of the operating system counts only
    /// where both have one.
    pub fn is_same(&self, other: &Self) -> bool {
        let (mut one, mut other) = (self.normalized(), other.normalized());
        if one.os_version.is_none() || other.os_version.is_none() {
            (one.os_version, other.os_version) = (None, None);
        }
        one == other
    }

    /// This platform as containerd normalises it: lower case, Go's terms, and the implied variant.
    /// `x86_64` is `amd64`, `arm64/v8` is `arm64`, `arm` is `arm/v7`.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let architecture = self.architecture.to_ascii_lowercase();
        let (architecture, variant) = normal(&architecture, &self.variant().to_ascii_lowercase());
        Self {
            os: normal_os(&self.os),
            architecture,
            variant: Some(variant).filter(|variant| !variant.is_empty()),
            os_version: self
                .os_version
                .clone()
                .filter(|version| !version.is_empty()),
        }
    }
}

fn normal_os(os: &str) -> String {
    match os.to_ascii_lowercase() {
        os if os == "macos" => "darwin".to_owned(),
        os => os,
    }
}

/// Architecture and variant, both given in lower case.
fn normal(architecture: &str, variant: &str) -> (String, String) {
    let (architecture, variant) = match (architecture, variant) {
        ("i386" | "i486" | "i586" | "i686" | "x86", _) => ("386", String::new()),
        ("x86_64" | "x86-64" | "amd64", "v1" | "1") => ("amd64", String::new()),
        ("x86_64" | "x86-64" | "amd64", other) => ("amd64", versioned(other)),
        ("aarch64" | "arm64", other) => ("arm64", arm64_variant(&versioned(other))),
        ("armhf", _) => ("arm", "v7".to_owned()),
        ("armel", _) => ("arm", "v6".to_owned()),
        ("arm", "") => ("arm", "v7".to_owned()),
        ("arm", other) => ("arm", versioned(other)),
        (other, variant) => (other, variant.to_owned()),
    };
    (architecture.to_owned(), variant)
}

/// `v8` and `v8.0` are implied by arm64; `v9.0` is `v9`.
fn arm64_variant(variant: &str) -> String {
    match variant {
        "v8" | "v8.0" => String::new(),
        "v9.0" => "v9".to_owned(),
        other => other.to_owned(),
    }
}

/// Adds the missing `v` before a variant that is a number.
fn versioned(variant: &str) -> String {
    match variant.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("v{variant}"),
        false => variant.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_writing() {
        for (given, normal) in [
            ("linux/amd64", "linux/amd64"),
            ("Linux/x86_64", "linux/amd64"),
            ("linux/x86-64", "linux/amd64"),
            ("linux/amd64/v1", "linux/amd64"),
            ("linux/amd64/v3", "linux/amd64/v3"),
            ("linux/aarch64", "linux/arm64"),
            ("linux/arm64/v8", "linux/arm64"),
            ("linux/arm64/8", "linux/arm64"),
            ("linux/arm64/v8.0", "linux/arm64"),
            ("linux/arm64/9", "linux/arm64/v9"),
            ("linux/arm64/v8.2", "linux/arm64/v8.2"),
            ("linux/arm", "linux/arm/v7"),
            ("linux/arm/7", "linux/arm/v7"),
            ("linux/arm/6", "linux/arm/v6"),
            ("linux/armhf", "linux/arm/v7"),
            ("linux/armel", "linux/arm/v6"),
            ("linux/i386", "linux/386"),
            ("linux/i686", "linux/386"),
            ("macOS/arm64", "darwin/arm64"),
            ("linux/riscv64", "linux/riscv64"),
        ] {
            let mut words = given.split('/');
            let mut next = || words.next().unwrap_or_default();
            let platform = Platform::new(next(), next(), next());
            assert_eq!(platform.normalized().to_string(), normal, "{given}");
            let again = platform.normalized().normalized();
            assert_eq!(again.to_string(), normal, "{given}, again");
        }
    }
}
