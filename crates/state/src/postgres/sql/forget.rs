//! Statements that remove old records of registries.

use crate::sql::{encoding_is_needed, location_is_needed};

pub(in crate::postgres) const OLD_ENCODINGS: &str = "\
    SELECT diff_id, encoding FROM encodings WHERE used_at < $1 ORDER BY used_at LIMIT $2";
pub(in crate::postgres) const OLD_LOCATIONS: &str = "\
    SELECT digest, repository FROM locations WHERE used_at < $1 ORDER BY used_at LIMIT $2";
/// The number of these that were removed.
pub(in crate::postgres) const FORGET_ENCODINGS: &str = concat!(
    "WITH gone AS (DELETE FROM encodings e USING unnest($1::bytea[], $2::text[]) \
     AS o (diff_id, encoding) WHERE e.diff_id = o.diff_id AND e.encoding = o.encoding AND NOT ",
    encoding_is_needed!(),
    " RETURNING 1) SELECT COUNT(*) FROM gone"
);
/// As [`FORGET_ENCODINGS`].
pub(in crate::postgres) const FORGET_LOCATIONS: &str = concat!(
    "WITH gone AS (DELETE FROM locations l USING unnest($1::bytea[], $2::text[]) \
     AS o (digest, repository) WHERE l.digest = o.digest AND l.repository = o.repository AND NOT ",
    location_is_needed!(),
    " RETURNING 1) SELECT COUNT(*) FROM gone"
);
pub(in crate::postgres) const KEEP_ENCODINGS: &str = "\
    UPDATE encodings e SET used_at = DEFAULT FROM unnest($1::bytea[], $2::text[]) \
    AS o (diff_id, encoding) WHERE e.diff_id = o.diff_id AND e.encoding = o.encoding";
pub(in crate::postgres) const KEEP_LOCATIONS: &str = "\
    UPDATE locations l SET used_at = DEFAULT FROM unnest($1::bytea[], $2::text[]) \
    AS o (digest, repository) WHERE l.digest = o.digest AND l.repository = o.repository";

/// All of the above, for the tests of their plans.
#[cfg(test)]
pub(in crate::postgres) const FORGETTING: &[&str] = &[
    OLD_ENCODINGS,
    OLD_LOCATIONS,
    FORGET_ENCODINGS,
    FORGET_LOCATIONS,
    KEEP_ENCODINGS,
    KEEP_LOCATIONS,
];
