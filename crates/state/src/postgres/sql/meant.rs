//! What a query means: `target` and `variant`, at most one row. A row without a target means that a
//! prefix matches several IDs.
//!
//! Each is a macro of its parameters' numbers, because it is a part of statements with other
//! parameters.

/// Of several images a digest means the one whose own digest it is, then one whose ID it is, then
/// one that has it in another variant; an original before a generated one; the newest.
macro_rules! with_digest {
    ($digest:expr) => {
        concat!(
            "SELECT d.target, d.variant FROM image_digests d JOIN images i ON i.target = d.target \
             WHERE d.role IN ('target', 'config', 'manifest') AND d.digest = ",
            $digest,
            " ORDER BY CASE WHEN d.role = 'target' THEN 0 WHEN i.id = d.digest THEN 1 ELSE 2 END, \
             i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
        )
    };
}

/// The image that can be pulled under a repository and digest, otherwise an image with this digest
/// and a name in the repository. The digest is of a variant's own manifest, or of its staged one,
/// or of the whole index.
macro_rules! with_pin {
    ($repository:expr, $digest:expr) => {
        concat!(
            "SELECT p.target, p.variant FROM ( \
             (SELECT r.target, 0 AS rank, COALESCE( \
             (SELECT d.variant FROM image_digests d \
             WHERE d.role = 'manifest' AND d.digest = r.digest AND d.target = r.target), \
             (SELECT MIN(d.variant) FROM staged s JOIN image_digests d \
             ON d.role = 'config' AND d.digest = s.config AND d.target = s.target \
             WHERE s.target = r.target AND s.repository = r.repository \
             AND s.manifest = r.digest), 0) AS variant \
             FROM repo_digests r WHERE r.repository = ",
            $repository,
            " AND r.digest = ",
            $digest,
            ") UNION ALL \
             (SELECT d.target, 1, d.variant FROM image_digests d \
             JOIN images i ON i.target = d.target \
             WHERE d.role IN ('target', 'manifest') AND d.digest = ",
            $digest,
            " AND EXISTS (SELECT 1 FROM images o JOIN names n ON n.target = o.target \
             WHERE o.id = i.id AND n.repository = ",
            $repository,
            ") ORDER BY CASE WHEN d.role = 'target' THEN 0 ELSE 1 END, \
             i.original DESC, i.loaded_at DESC, i.target LIMIT 1) \
             ) p ORDER BY p.rank LIMIT 1"
        )
    };
}

macro_rules! with_name {
    ($repository:expr, $tag:expr) => {
        concat!(
            "SELECT n.target, 0::bigint AS variant FROM names n WHERE n.repository = ",
            $repository,
            " AND n.tag = ",
            $tag
        )
    };
}

/// A name, otherwise the only config between two digests.
macro_rules! with_name_or_prefix {
    ($repository:expr, $tag:expr, $first:expr, $last:expr) => {
        concat!(
            "SELECT m.target, m.variant FROM ( \
             WITH named AS MATERIALIZED (",
            $crate::postgres::sql::meant::with_name!($repository, $tag),
            "), configs AS MATERIALIZED (SELECT DISTINCT c.digest FROM image_digests c \
             WHERE c.role = 'config' AND c.digest >= ",
            $first,
            " AND c.digest <= ",
            $last,
            " AND NOT EXISTS (SELECT 1 FROM named) ORDER BY c.digest LIMIT 2) \
             SELECT named.target, named.variant FROM named UNION ALL \
             SELECT NULL::bytea, 0 WHERE (SELECT COUNT(*) FROM configs) > 1 UNION ALL \
             (",
            $crate::postgres::sql::meant::with_digest!(
                "(SELECT (array_agg(digest))[1] FROM configs HAVING COUNT(*) = 1)"
            ),
            ")) m LIMIT 1"
        )
    };
}

pub(super) use {with_digest, with_name, with_name_or_prefix, with_pin};
