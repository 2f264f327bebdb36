use sockerless_archive as archive;
use sockerless_state::Platform;

/// A platform as an archive tells it, as the state keeps it.
pub(crate) fn from_archive(platform: archive::Platform) -> Platform {
    let archive::Platform {
        os,
        architecture,
        variant,
        os_version,
    } = platform;
    Platform {
        os,
        architecture,
        variant,
        os_version,
    }
}

/// A platform as the state keeps it, to compare with those of an archive.
pub(crate) fn to_archive(platform: &Platform) -> archive::Platform {
    let Platform {
        os,
        architecture,
        variant,
        os_version,
    } = platform.clone();
    archive::Platform {
        os,
        architecture,
        variant,
        os_version,
    }
}
