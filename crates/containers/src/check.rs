//! Checks of a client's settings before a container is created.

use sockerless_oci::Platform;

use sockerless_images::{Error, Kind};
use sockerless_oci::config::Healthcheck;
use sockerless_oci::config::RunConfig;
use sockerless_oci::is_signal;

/// Refuses settings that no runtime can apply, with Docker's messages.
///
/// # Errors
/// [`Kind::InvalidParameter`] for a variable without a name, a working directory that is not
/// absolute, an invalid signal, and a health check with times below a millisecond or negative
/// retries.
pub(crate) fn check(run: &RunConfig, platform: &Platform) -> Result<(), Error> {
    let fault = bad_variable(&run.env)
        .or_else(|| bad_folder(&run.working_dir, platform))
        .or_else(|| bad_signal(&run.stop_signal))
        .or_else(|| run.healthcheck.as_ref().and_then(bad_healthcheck));
    match fault {
        None => Ok(()),
        Some(message) => Err(Error::new(Kind::InvalidParameter, message)),
    }
}

fn bad_variable(env: &[String]) -> Option<String> {
    let bad = env.iter().find(|v| v.is_empty() || v.starts_with('='))?;
    Some(format!("invalid environment variable: {bad}"))
}

fn bad_folder(folder: &str, platform: &Platform) -> Option<String> {
    // Windows has several forms of absolute paths; its runtime knows them.
    let is_good = folder.is_empty() || folder.starts_with('/') || platform.os == "windows";
    (!is_good).then(|| {
        format!("the working directory '{folder}' is invalid, it needs to be an absolute path")
    })
}

fn bad_signal(signal: &str) -> Option<String> {
    if signal.is_empty() || is_signal(signal) {
        return None;
    }
    Some(format!("invalid signal: {signal}"))
}

/// In nanoseconds.
const MILLISECOND: i64 = 1_000_000;

fn bad_healthcheck(check: &Healthcheck) -> Option<String> {
    for (name, nanoseconds) in [
        ("Interval", check.interval),
        ("Timeout", check.timeout),
        ("StartPeriod", check.start_period),
        ("StartInterval", check.start_interval),
    ] {
        if nanoseconds != 0 && nanoseconds < MILLISECOND {
            return Some(format!("{name} in Healthcheck cannot be less than 1ms"));
        }
    }
    (check.retries < 0).then(|| "Retries in Healthcheck cannot be negative".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn platform(os: &str) -> Platform {
        Platform {
            os: os.to_owned(),
            ..Platform::default()
        }
    }

    fn message(run: RunConfig) -> Option<String> {
        let error = check(&run, &platform("linux")).err()?;
        assert_eq!(error.kind(), Kind::InvalidParameter);
        Some(error.message().to_owned())
    }

    #[test]
    fn variables() {
        let env = |entry: &str| RunConfig {
            env: vec!["A=b".to_owned(), entry.to_owned()],
            ..RunConfig::default()
        };
        for good in ["A", "A=", "A=b=c"] {
            assert_eq!(message(env(good)), None, "{good}");
        }
        for bad in ["", "=b", "="] {
            let expected = format!("invalid environment variable: {bad}");
            assert_eq!(message(env(bad)), Some(expected));
        }
    }

    #[test]
    fn folders() {
        let run = |folder: &str| RunConfig {
            working_dir: folder.to_owned(),
            ..RunConfig::default()
        };
        for good in ["", "/", "/a/../b"] {
            assert_eq!(message(run(good)), None, "{good}");
        }
        assert_eq!(
            message(run("a/b")).as_deref(),
            Some("the working directory 'a/b' is invalid, it needs to be an absolute path")
        );
        check(&run(r"C:\a"), &platform("windows")).expect("an absolute path");
    }

    #[test]
    fn signals() {
        let run = |signal: &str| RunConfig {
            stop_signal: signal.to_owned(),
            ..RunConfig::default()
        };
        for good in [
            "",
            "9",
            "SIGKILL",
            "kill",
            "sigTerm",
            "RTMIN",
            "SIGRTMIN+15",
            "RTMAX-14",
            "RTMIN+1",
        ] {
            assert_eq!(message(run(good)), None, "{good}");
        }
        for bad in [
            "0",
            "NOPE",
            "SIG",
            "RTMIN+16",
            "RTMIN+0",
            "RTMAX-15",
            "RTMAX+1",
            "RTMIN++1",
            "SIGSIGINT",
        ] {
            assert_eq!(message(run(bad)), Some(format!("invalid signal: {bad}")));
        }
    }

    #[test]
    fn health_checks() {
        let run = |change: fn(&mut Healthcheck)| {
            let mut check = Healthcheck::default();
            change(&mut check);
            RunConfig {
                healthcheck: Some(check),
                ..RunConfig::default()
            }
        };
        assert_eq!(message(run(|_| ())), None);
        assert_eq!(message(run(|check| check.interval = 1_000_000)), None);
        for (change, expected) in [
            (
                (|check| check.interval = 999_999) as fn(&mut Healthcheck),
                "Interval in Healthcheck cannot be less than 1ms",
            ),
            (
                |check| check.timeout = -1,
                "Timeout in Healthcheck cannot be less than 1ms",
            ),
            (
                |check| check.start_period = 1,
                "StartPeriod in Healthcheck cannot be less than 1ms",
            ),
            (
                |check| check.start_interval = 1,
                "StartInterval in Healthcheck cannot be less than 1ms",
            ),
            (
                |check| check.retries = -1,
                "Retries in Healthcheck cannot be negative",
            ),
        ] {
            assert_eq!(message(run(change)).as_deref(), Some(expected));
        }
    }
}
