//! Parses the parameters of a list of containers.

use sockerless_containers::{ContainerFilter, ContainerStatus};

use crate::filters::Filters;
use crate::query::Params;
use crate::status::Failure;

/// Which containers a client requests, and which of their data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    pub(crate) filter: ContainerFilter,
    /// In one of these networks; in any when empty.
    pub(crate) networks: Vec<String>,
    /// The newest of them; all when absent.
    pub(crate) limit: Option<usize>,
    /// With the sizes of their images.
    pub(crate) size: bool,
}

const FILTERS: &[&str] = &[
    "ancestor",
    "before",
    "exited",
    "expose",
    "health",
    "id",
    "is-task",
    "isolation",
    "label",
    "label!",
    "name",
    "network",
    "publish",
    "since",
    "status",
    "volume",
];

/// Every state that Docker has. Here all containers are created.
const STATES: &[&str] = &[
    "created",
    "running",
    "paused",
    "restarting",
    "removing",
    "exited",
    "dead",
];

const HEALTH: &[&str] = &["none", "starting", "healthy", "unhealthy"];

impl Wanted {
    /// Parses the parameters of `GET /containers/json`, and returns whether any container can
    /// match: none runs, has exited, publishes a port or has a volume.
    ///
    /// # Errors
    /// 400 for an invalid filter.
    pub(super) fn parse(params: &Params) -> Result<(Self, bool), Failure> {
        let mut filters = Filters::parse(params)?;
        for key in ["before", "since"] {
            if let Some(value) = params.non_empty(key) {
                filters.add(key, value);
            }
        }
        filters.check(FILTERS)?;
        let limit = limit(params)?;
        // As in Docker, containers that do not run are shown when a parameter asks for them.
        let shows_created =
            params.flag("all") || limit.is_some() || filters.all("status").next().is_some();
        let may_fit = may_fit(&filters)?;
        let texts = |key| filters.all(key).map(str::to_owned).collect();
        let filter = ContainerFilter {
            statuses: filters
                .all("status")
                .filter_map(ContainerStatus::from_word)
                .collect(),
            ancestors: texts("ancestor"),
            names: texts("name"),
            ids: texts("id"),
            labels: filters.labels("label"),
            without_labels: filters.labels("label!"),
            until: None,
            before: texts("before"),
            since: texts("since"),
        };
        let wanted = Self {
            filter,
            networks: texts("network"),
            limit,
            size: params.flag("size"),
        };
        Ok((wanted, shows_created && may_fit))
    }
}

/// The limit on the number of containers: values below 1 are none.
fn limit(params: &Params) -> Result<Option<usize>, Failure> {
    let Some(text) = params.non_empty("limit") else {
        return Ok(None);
    };
    let limit: i64 = text
        .parse()
        .map_err(|_| Failure::bad_request(format!("the limit {text:?} is no number")))?;
    Ok(usize::try_from(limit).ok().filter(|limit| *limit > 0))
}

/// Whether a container that was only created can match.
fn may_fit(filters: &Filters) -> Result<bool, Failure> {
    let invalid =
        |key: &str, value: &str| Failure::bad_request(format!("invalid filter '{key}={value}'"));
    for (key, known) in [("status", STATES), ("health", HEALTH)] {
        if let Some(value) = filters.all(key).find(|value| !known.contains(value)) {
            return Err(invalid(key, value));
        }
    }
    if let Some(value) = filters
        .all("exited")
        .find(|code| code.parse::<i64>().is_err())
    {
        return Err(invalid("exited", value));
    }
    for key in ["publish", "expose"] {
        if let Some(value) = filters.all(key).find(|ports| !are_ports(ports)) {
            return Err(invalid(key, value));
        }
    }
    let any = |key: &str, fitting: &str| {
        let mut values = filters.all(key).peekable();
        values.peek().is_none() || values.any(|value| value == fitting)
    };
    let none_of = |key: &str| filters.all(key).next().is_none();
    Ok(any("status", "created")
        && any("health", "none")
        && filters.flag("is-task")? != Some(true)
        && ["exited", "publish", "expose", "volume"]
            .into_iter()
            .all(none_of))
}

/// `80`, `80/udp`, `8000-8010/tcp`
fn are_ports(text: &str) -> bool {
    let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
    let range = first.parse::<u16>().ok().zip(last.parse::<u16>().ok());
    range.is_some_and(|(first, last)| first <= last) && ["tcp", "udp", "sctp"].contains(&protocol)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<(Wanted, bool), String> {
        let params = Params::parse(query).expect("valid");
        Wanted::parse(&params).map_err(|failure| {
            assert_eq!(failure.status, hyper::StatusCode::BAD_REQUEST);
            failure.message
        })
    }

    #[test]
    fn what_may_be_shown() {
        for (query, shown) in [
            ("", false),
            ("all=0", false),
            ("all=1", true),
            ("limit=0", false),
            ("limit=-1", false),
            ("limit=3", true),
            // As in Docker these two alone do not include containers that do not run.
            (r#"filters={"before":["a"]}"#, false),
            ("since=a", false),
            ("all=1&since=a", true),
            (r#"filters={"status":["created"]}"#, true),
            (r#"filters={"status":["running","created"]}"#, true),
            (r#"all=1&filters={"status":["running"]}"#, false),
            (r#"all=1&filters={"exited":["0"]}"#, false),
            (r#"all=1&filters={"health":["none"]}"#, true),
            (r#"all=1&filters={"health":["healthy"]}"#, false),
            (r#"all=1&filters={"is-task":["true"]}"#, false),
            (r#"all=1&filters={"is-task":["false"]}"#, true),
            (r#"all=1&filters={"isolation":["default"]}"#, true),
            (r#"all=1&filters={"volume":["/v"]}"#, false),
            (r#"all=1&filters={"volume":[]}"#, true),
            (r#"all=1&filters={"publish":["80"]}"#, false),
            (r#"all=1&filters={"expose":["80-90/udp"]}"#, false),
        ] {
            assert_eq!(parse(query).map(|(_, shown)| shown), Ok(shown), "{query}");
        }
    }

    #[test]
    fn what_is_looked_for() {
        let (wanted, _) = parse(
            r#"size=1&limit=2&before=x&filters={"ancestor":["a","b"],"name":["n"],"id":["i"],"label":["k=v"],"label!":["l"],"network":["w"],"before":["y"],"since":["z"]}"#,
        )
        .expect("valid");
        let filter = wanted.filter;
        assert_eq!(filter.ancestors, ["a", "b"]);
        assert_eq!(
            (&filter.names[..], &filter.ids[..]),
            (&["n".to_owned()][..], &["i".to_owned()][..])
        );
        assert_eq!(filter.before, ["x", "y"]);
        assert_eq!(filter.since, ["z"]);
        assert_eq!(filter.labels[0].value.as_deref(), Some("v"));
        assert_eq!(filter.without_labels[0].key, "l");
        assert_eq!(wanted.networks, ["w"]);
        assert_eq!((wanted.limit, wanted.size), (Some(2), true));
    }

    #[test]
    fn refused() {
        for (query, message) in [
            ("limit=a", r#"the limit "a" is no number"#),
            ("filters=x", "invalid filter"),
            (r#"filters={"bogus":["a"]}"#, "invalid filter 'bogus'"),
            (r#"filters={"until":["1h"]}"#, "invalid filter 'until'"),
            (
                r#"filters={"status":["bogus"]}"#,
                "invalid filter 'status=bogus'",
            ),
            (
                r#"filters={"health":["bogus"]}"#,
                "invalid filter 'health=bogus'",
            ),
            (r#"filters={"exited":["a"]}"#, "invalid filter 'exited=a'"),
            (r#"filters={"publish":["a"]}"#, "invalid filter 'publish=a'"),
            (r#"filters={"expose":[""]}"#, "invalid filter 'expose='"),
            (
                r#"filters={"expose":["9-8"]}"#,
                "invalid filter 'expose=9-8'",
            ),
            (
                r#"filters={"expose":["80/x"]}"#,
                "invalid filter 'expose=80/x'",
            ),
            (
                r#"filters={"expose":["70000"]}"#,
                "invalid filter 'expose=70000'",
            ),
            (
                r#"filters={"is-task":["x"]}"#,
                "invalid filter 'is-task=[x]'",
            ),
        ] {
            assert_eq!(parse(query).map(|_| ()), Err(message.to_owned()), "{query}");
        }
    }
}
