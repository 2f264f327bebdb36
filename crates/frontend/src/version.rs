//! Docker's API versions: which ones are supported, and the response to others.

use std::cmp::Ordering;

/// The oldest and the newest supported version of the Docker Engine API: `1.24`, `1.55`.
pub fn api_versions() -> (String, String) {
    (ApiVersion::MIN.to_string(), ApiVersion::MAX.to_string())
}

/// A supported version of the Docker Engine API: `1.N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ApiVersion {
    minor: u16,
}

/// An unsupported version in the path, with Docker's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum VersionError {
    #[error(
        "client version {asked} is too old. Minimum supported API version is {min}, \
         please upgrade your client to a newer version",
        min = ApiVersion::MIN
    )]
    TooOld { asked: String },
    #[error(
        "client version {asked} is too new. Maximum supported API version is {max}",
        max = ApiVersion::MAX
    )]
    TooNew { asked: String },
}

impl ApiVersion {
    /// The oldest version that Docker Engine 20.10 accepts: clients that are still in use, such as
    /// skopeo before 1.14, ask for versions below 1.24.
    pub(crate) const MIN: Self = Self { minor: 12 };
    pub(crate) const MAX: Self = Self { minor: 55 };

    /// The version in a path; the newest when it has none.
    pub(crate) fn negotiate(asked: Option<&str>) -> Result<Self, VersionError> {
        let Some(asked) = asked else {
            return Ok(Self::MAX);
        };
        if compare(asked, Self::MIN) == Ordering::Less {
            return Err(VersionError::TooOld {
                asked: asked.to_owned(),
            });
        }
        if compare(asked, Self::MAX) == Ordering::Greater {
            return Err(VersionError::TooNew {
                asked: asked.to_owned(),
            });
        }
        // Between MIN and MAX the major number is 1 and the minor one fits.
        let minor = components(asked)
            .nth(1)
            .and_then(|minor| u16::try_from(minor).ok());
        Ok(minor.map_or(Self::MIN, |minor| Self { minor }))
    }

    /// Whether this is API `1.minor` or newer.
    pub(crate) fn at_least(self, minor: u16) -> bool {
        self.minor >= minor
    }

    /// Whether clients of this version read errors as JSON. Older ones take the whole body for the
    /// message.
    pub(crate) fn has_json_errors(self) -> bool {
        self.at_least(24)
    }
}

impl std::fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "1.{}", self.minor)
    }
}

/// The numbers of a version. Anything that is not a number counts as 0, as in Docker: `1.` is
/// `1.0`.
fn components(version: &str) -> impl Iterator<Item = u64> {
    version.split('.').map(|part| {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            0
        } else {
            part.parse().unwrap_or(u64::MAX)
        }
    })
}

fn compare(asked: &str, served: ApiVersion) -> Ordering {
    let mut served = [1, u64::from(served.minor)].into_iter();
    let mut asked = components(asked);
    loop {
        match (asked.next(), served.next()) {
            (None, None) => return Ordering::Equal,
            (left, right) => match left.unwrap_or(0).cmp(&right.unwrap_or(0)) {
                Ordering::Equal => {}
                unequal => return unequal,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_served() {
        for (asked, minor) in [
            (None, 55),
            (Some("1.12"), 12),
            (Some("1.22"), 22),
            (Some("1.24"), 24),
            (Some("1.41"), 41),
            (Some("1.55"), 55),
        ] {
            assert_eq!(
                ApiVersion::negotiate(asked),
                Ok(ApiVersion { minor }),
                "{asked:?}"
            );
        }
        assert_eq!(
            ApiVersion::negotiate(Some("1.41.0")),
            Ok(ApiVersion { minor: 41 })
        );
        assert_eq!(
            ApiVersion::negotiate(Some("01.041")),
            Ok(ApiVersion { minor: 41 })
        );
    }

    #[test]
    fn versions_that_are_not_served() {
        for asked in ["1.11", "1.9", "1.", "1", ".", "0.99", "..."] {
            let error = ApiVersion::negotiate(Some(asked)).expect_err(asked);
            assert_eq!(
                error.to_string(),
                format!(
                    "client version {asked} is too old. Minimum supported API version is 1.12, \
                     please upgrade your client to a newer version"
                )
            );
        }
        for asked in ["1.56", "1.99", "2", "1.55.1", "99999999999999999999999.0"] {
            let error = ApiVersion::negotiate(Some(asked)).expect_err(asked);
            assert_eq!(
                error.to_string(),
                format!("client version {asked} is too new. Maximum supported API version is 1.55")
            );
        }
    }
}
