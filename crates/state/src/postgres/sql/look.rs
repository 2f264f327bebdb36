//! Statements that only read.

use crate::sql::{container_columns, is_orphan};

use super::meant::{with_digest, with_name, with_name_or_prefix, with_pin};

/// All data of the image that `meant` selects, in the order that its reader expects. `meant` is the
/// beginning of a query: `WITH meant AS (…)`, with `target`, `variant` and `place`.
macro_rules! found {
    ($($meant:expr),* $(,)?) => {
        concat!(
            $($meant,)*
            " SELECT i.target, i.id, i.media_type, i.size, i.original, i.loaded_at, i.contents, \
             m.variant, d.bytes, n.repositories, n.tags, r.repositories, r.digests, t.tagged, \
             s.sizes FROM meant m \
             LEFT JOIN images i ON i.target = m.target \
             LEFT JOIN image_variants v ON v.target = m.target AND v.variant = m.variant \
             LEFT JOIN documents d ON d.digest = v.config \
             CROSS JOIN LATERAL ( \
             SELECT array_agg(n.repository) AS repositories, array_agg(n.tag) AS tags \
             FROM images o JOIN names n ON n.target = o.target WHERE o.id = i.id) n \
             CROSS JOIN LATERAL ( \
             SELECT array_agg(r.repository) AS repositories, array_agg(r.digest) AS digests \
             FROM images o JOIN repo_digests r ON r.target = o.target WHERE o.id = i.id) r \
             CROSS JOIN LATERAL ( \
             SELECT MAX(o.last_tagged_at) AS tagged FROM images o WHERE o.id = i.id) t \
             CROSS JOIN LATERAL ( \
             SELECT array_agg(b.size ORDER BY l.place) AS sizes \
             FROM unnest(v.diff_ids) WITH ORDINALITY AS l (diff_id, place) CROSS JOIN LATERAL ( \
             SELECT MAX(b.content_size) AS size FROM blobs b WHERE b.diff_id = l.diff_id) b) s \
             ORDER BY m.place"
        )
    };
}

macro_rules! one {
    ($meant:expr) => {
        found!(
            "WITH meant AS (SELECT q.target, q.variant, 1 AS place FROM (",
            $meant,
            ") q)"
        )
    };
}

pub(in crate::postgres) const FIND_DIGEST: &str = one!(with_digest!("$1"));
pub(in crate::postgres) const FIND_PIN: &str = one!(with_pin!("$1", "$2"));
pub(in crate::postgres) const FIND_NAME: &str = one!(with_name!("$1", "$2"));
pub(in crate::postgres) const FIND_NAME_OR_PREFIX: &str =
    one!(with_name_or_prefix!("$1", "$2", "$3", "$4"));

/// One image for each ID in the given order, until their configs are large: a config may be
/// megabytes, and most are a few thousand bytes.
pub(in crate::postgres) const WITH_IDS: &str = found!(
    "WITH firsts AS (SELECT f.target, p.place \
     FROM unnest($1::bytea[]) WITH ORDINALITY AS p (id, place) CROSS JOIN LATERAL ( \
     SELECT i.target FROM images i WHERE i.id = p.id \
     ORDER BY i.original DESC, i.loaded_at DESC, i.target LIMIT 1) f), \
     sizes AS (SELECT f.target, f.place, SUM(COALESCE(octet_length(d.bytes), 0)) \
     OVER (ORDER BY f.place ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before \
     FROM firsts f LEFT JOIN image_variants v ON v.target = f.target AND v.variant = 0 \
     LEFT JOIN documents d ON d.digest = v.config), \
     meant AS (SELECT s.target, 0::bigint AS variant, s.place FROM sizes s \
     WHERE COALESCE(s.before, 0) <= 1048576)"
);

/// In two parts, so that no earlier image is read: some tools make all images in the same second.
pub(in crate::postgres) const NEXT_PLACES: &str = "\
    SELECT p.created, p.id FROM ( \
    (SELECT DISTINCT created, id FROM images WHERE created = $1 AND id > $2 \
    ORDER BY id LIMIT $3) UNION ALL \
    (SELECT DISTINCT created, id FROM images WHERE created < $1 \
    ORDER BY created DESC, id LIMIT $3)) p ORDER BY p.created DESC, p.id LIMIT $3";

/// One more than the limit, of all ranges together, shows that there are too many.
pub(in crate::postgres) const PLACES_BETWEEN: &str = "\
    SELECT p.created, p.id FROM unnest($1::text[], $2::text[]) AS b (first, beyond) \
    CROSS JOIN LATERAL ( \
    (SELECT i.created, i.id FROM names n JOIN images i ON i.target = n.target \
    WHERE n.repository >= b.first AND n.repository < b.beyond LIMIT $3) UNION ALL \
    (SELECT i.created, i.id FROM repo_digests r JOIN images i ON i.target = r.target \
    WHERE r.repository >= b.first AND r.repository < b.beyond LIMIT $3)) p LIMIT $3";

pub(in crate::postgres) const BLOBS: &str = "\
    SELECT b.digest, b.size, b.media_type, b.diff_id, b.tar_size, b.content_size \
    FROM unnest($1::bytea[]) WITH ORDINALITY AS a (diff_id, place) \
    JOIN blobs b ON b.diff_id = a.diff_id ORDER BY a.place, b.digest";
pub(in crate::postgres) const REFERENCED: &str = "\
    SELECT a.digest FROM unnest($1::bytea[]) WITH ORDINALITY AS a (digest, place) \
    WHERE EXISTS (SELECT 1 FROM image_blobs b WHERE b.digest = a.digest) ORDER BY a.place";
pub(in crate::postgres) const LOCATIONS: &str = "\
    SELECT a.digest, l.repository FROM unnest($1::bytea[]) WITH ORDINALITY AS a (digest, place) \
    JOIN locations l ON l.digest = a.digest \
    ORDER BY a.place, l.recorded DESC, l.repository";
pub(in crate::postgres) const ENCODINGS: &str = "\
    SELECT e.diff_id, e.digest, e.size \
    FROM unnest($1::bytea[]) WITH ORDINALITY AS a (diff_id, place) \
    JOIN encodings e ON e.diff_id = a.diff_id AND e.encoding = $2 ORDER BY a.place";
pub(in crate::postgres) const USERS: &str = concat!(
    "SELECT a.id, COUNT(DISTINCT u.id), (array_agg(u.id ORDER BY u.created_at, u.id))[1] \
     FROM unnest($1::bytea[]) WITH ORDINALITY AS a (id, place) \
     JOIN images i ON i.id = a.id CROSS JOIN LATERAL ( \
     SELECT c.id, c.created_at FROM containers c WHERE c.target = i.target UNION ALL \
     SELECT c.id, c.created_at FROM image_digests d JOIN containers c ON c.image = d.digest \
     WHERE d.target = i.target AND d.role = 'config' AND ",
    is_orphan!(),
    ") u GROUP BY a.place, a.id ORDER BY a.place"
);

/// The container with this ID, otherwise the one with this name, otherwise those whose IDs have
/// this prefix.
pub(in crate::postgres) const CONTAINER: &str = concat!(
    "SELECT ",
    container_columns!(),
    ", rank FROM ( \
     (SELECT *, 0 AS rank FROM containers WHERE id = $1) UNION ALL \
     (SELECT *, 1 FROM containers WHERE name = $1) UNION ALL \
     (SELECT *, 2 FROM containers WHERE id >= $1 AND id < $2 AND $1 <> '' ORDER BY id LIMIT 2) \
     ) c ORDER BY rank, id"
);

/// The condition on a container of a selection, whose parameters are `$2` to `$8`.
macro_rules! is_selected {
    () => {
        "($2::bytea[] IS NULL OR image = ANY($2)) \
         AND ($3::text[] IS NULL OR EXISTS (SELECT 1 FROM unnest($3) p WHERE starts_with(id, p))) \
         AND ($4::bigint IS NULL OR created_at <= $4) \
         AND ($5::bigint IS NULL OR (created_at, id) < ($5, $6::text)) \
         AND ($7::bigint IS NULL OR (created_at, id) > ($7, $8::text))"
    };
}

pub(in crate::postgres) const NEXT_CONTAINERS: &str = concat!(
    "SELECT ",
    container_columns!(),
    " FROM containers WHERE id > $1 AND ",
    is_selected!(),
    " ORDER BY id LIMIT $9"
);
/// A page of each status, so that none reads containers with another status.
pub(in crate::postgres) const NEXT_CONTAINERS_WITH_STATUS: &str = concat!(
    "SELECT ",
    container_columns!(),
    " FROM unnest($9::text[]) AS s (wanted) CROSS JOIN LATERAL ( \
     SELECT * FROM containers WHERE status = s.wanted AND id > $1 AND ",
    is_selected!(),
    " ORDER BY id LIMIT $10) c ORDER BY id LIMIT $10"
);

macro_rules! count_images_and_containers {
    () => {
        "SELECT (SELECT COUNT(*) FROM (SELECT DISTINCT id FROM images) i), \
         (SELECT COUNT(*) FROM containers)"
    };
}

pub(in crate::postgres) const IMAGES_AND_CONTAINERS: &str = count_images_and_containers!();
pub(in crate::postgres) const COUNTS: &str = concat!(
    count_images_and_containers!(),
    ", (SELECT COUNT(*) FROM names)"
);

/// All of the above, for the tests of their plans.
#[cfg(test)]
pub(in crate::postgres) const LOOKS: &[&str] = &[
    FIND_DIGEST,
    FIND_PIN,
    FIND_NAME,
    FIND_NAME_OR_PREFIX,
    WITH_IDS,
    NEXT_PLACES,
    PLACES_BETWEEN,
    BLOBS,
    REFERENCED,
    LOCATIONS,
    ENCODINGS,
    USERS,
    CONTAINER,
    NEXT_CONTAINERS,
    NEXT_CONTAINERS_WITH_STATUS,
];
