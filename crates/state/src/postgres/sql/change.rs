//! Statements that add and change rows.

use super::meant::{with_digest, with_name, with_name_or_prefix, with_pin};
use crate::sql::update_state;

/// Points the name `$1`, `$2` to the image that is meant and records the time `$3`; returns its ID,
/// or none when the target is missing because a prefix matches several IDs.
macro_rules! tag {
    ($meant:expr) => {
        concat!(
            "WITH meant AS (",
            $meant,
            "), image AS (SELECT i.target, i.id FROM meant m JOIN images i ON i.target = m.target), \
             pointed AS (INSERT INTO names (repository, tag, target) \
             SELECT $1, $2, target FROM image \
             ON CONFLICT (repository, tag) DO UPDATE SET target = excluded.target \
             WHERE names.target <> excluded.target), \
             touched AS (UPDATE images SET last_tagged_at = $3 FROM image \
             WHERE images.target = image.target \
             AND (images.last_tagged_at IS NULL OR images.last_tagged_at < $3)) \
             SELECT i.id FROM meant m LEFT JOIN image i ON i.target = m.target"
        )
    };
}

pub(in crate::postgres) const TAG_DIGEST: &str = tag!(with_digest!("$4"));
pub(in crate::postgres) const TAG_PIN: &str = tag!(with_pin!("$4", "$5"));
pub(in crate::postgres) const TAG_NAME: &str = tag!(with_name!("$4", "$5"));
pub(in crate::postgres) const TAG_NAME_OR_PREFIX: &str =
    tag!(with_name_or_prefix!("$4", "$5", "$6", "$7"));

/// Makes each the newest location of its blob, in the given order. One that is the newest already
/// is written once a day.
macro_rules! locate {
    ($digests:expr, $repositories:expr, $condition:expr) => {
        concat!(
            "INSERT INTO locations (digest, repository, recorded) \
             SELECT g.digest, g.repository, g.place + COALESCE( \
             (SELECT MAX(l.recorded) FROM locations l WHERE l.digest = g.digest), 0) \
             FROM (SELECT u.digest, u.repository, u.place, \
             COUNT(*) OVER (PARTITION BY u.digest) AS several \
             FROM unnest(",
            $digests,
            "::bytea[], ",
            $repositories,
            "::text[]) WITH ORDINALITY AS u (digest, repository, place)) g \
             WHERE ",
            $condition,
            " AND NOT (g.several = 1 AND EXISTS (SELECT 1 FROM locations l \
             WHERE l.digest = g.digest AND l.repository = g.repository \
             AND l.used_at > (extract(epoch FROM now()) - 86400)::bigint * 1000000000 \
             AND NOT EXISTS ( \
             SELECT 1 FROM locations o WHERE o.digest = l.digest \
             AND o.repository <> l.repository AND o.recorded >= l.recorded))) \
             ON CONFLICT (digest, repository) DO UPDATE \
             SET recorded = excluded.recorded, used_at = excluded.used_at"
        )
    };
}

/// Records that images can be pulled under repository digests.
macro_rules! pin {
    ($rows:expr) => {
        concat!(
            "INSERT INTO repo_digests (repository, digest, target) ",
            $rows,
            " ON CONFLICT (repository, digest) DO UPDATE SET target = excluded.target \
             WHERE repo_digests.target <> excluded.target"
        )
    };
}

pub(in crate::postgres) const LOCATE: &str = locate!("$1", "$2", "TRUE");
pub(in crate::postgres) const PIN: &str =
    pin!("SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])");
pub(in crate::postgres) const REMEMBER: &str = concat!(
    "WITH encoded AS (INSERT INTO encodings (diff_id, encoding, digest, size) \
     SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bigint[]) \
     ON CONFLICT (diff_id, encoding) DO UPDATE \
     SET digest = excluded.digest, size = excluded.size, used_at = excluded.used_at \
     WHERE encodings.digest <> excluded.digest OR encodings.size <> excluded.size \
     OR encodings.used_at < excluded.used_at - 86400000000000) ",
    locate!("$5", "$6", "TRUE")
);
pub(in crate::postgres) const RECORD: &str = concat!(
    "WITH image AS (SELECT target FROM images WHERE target = $1), pinned AS (",
    pin!(
        "SELECT u.repository, u.digest, i.target FROM image i \
         CROSS JOIN unnest($2::text[], $3::bytea[]) AS u (repository, digest)"
    ),
    "), located AS (",
    locate!("$4", "$5", "EXISTS (SELECT 1 FROM image)"),
    ") SELECT 1 FROM image"
);

// Existing rows that an addition needs.
pub(in crate::postgres) const DOCUMENTS_HERE: &str =
    "SELECT digest FROM documents WHERE digest = ANY($1)";
pub(in crate::postgres) const IMAGES_HERE: &str = "\
    SELECT target, id, media_type, size, original, loaded_at, contents FROM images \
    WHERE target = ANY($1)";
/// Read although the insertion returns it too: a removal in another transaction then conflicts with
/// this one.
pub(in crate::postgres) const BLOBS_HERE: &str = "SELECT digest FROM blobs WHERE digest = ANY($1)";
pub(in crate::postgres) const NAMES_HERE: &str = "\
    SELECT n.repository, n.tag, n.target, i.id \
    FROM unnest($1::text[], $2::text[]) AS a (repository, tag) \
    JOIN names n ON n.repository = a.repository AND n.tag = a.tag \
    JOIN images i ON i.target = n.target";

// Rows that it writes.
pub(in crate::postgres) const ADD_DOCUMENTS: &str = "\
    INSERT INTO documents (digest, bytes) SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
    ON CONFLICT DO NOTHING";
pub(in crate::postgres) const ADD_BLOBS: &str = "\
    INSERT INTO blobs (digest, size, media_type, diff_id, tar_size, content_size) \
    SELECT * FROM unnest($1::bytea[], $2::bigint[], $3::text[], $4::bytea[], $5::bigint[], \
    $6::bigint[])";
pub(in crate::postgres) const ADD_IMAGES: &str = "\
    INSERT INTO images (target, id, media_type, size, original, created, loaded_at, contents) \
    SELECT * FROM unnest($1::bytea[], $2::bytea[], $3::text[], $4::bigint[], $5::boolean[], \
    $6::bigint[], $7::bigint[], $8::text[])";
pub(in crate::postgres) const REPLACE_IMAGES: &str = "\
    UPDATE images SET id = u.id, created = u.created, contents = u.contents \
    FROM unnest($1::bytea[], $2::bytea[], $3::bigint[], $4::text[]) \
    AS u (target, id, created, contents) WHERE images.target = u.target";
pub(in crate::postgres) const REMOVE_VARIANTS_OF: &str =
    "DELETE FROM image_variants WHERE target = ANY($1)";
/// The diff_ids of each are one value, 32 bytes each: arrays of arrays have one length.
pub(in crate::postgres) const ADD_VARIANTS: &str = "\
    INSERT INTO image_variants (target, variant, config, diff_ids) \
    SELECT u.target, u.variant, u.config, ARRAY( \
    SELECT substring(u.diff_ids FROM g * 32 + 1 FOR 32) \
    FROM generate_series(0, octet_length(u.diff_ids) / 32 - 1) AS g ORDER BY g) \
    FROM unnest($1::bytea[], $2::bigint[], $3::bytea[], $4::bytea[]) \
    AS u (target, variant, config, diff_ids)";
pub(in crate::postgres) const SET_DIGESTS: &str = "\
    INSERT INTO image_digests (role, digest, target, variant) \
    SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[], $4::bigint[]) \
    ON CONFLICT (role, digest, target) DO UPDATE SET variant = excluded.variant \
    WHERE image_digests.variant <> excluded.variant";
pub(in crate::postgres) const KEEP_DOCUMENTS: &str = "\
    INSERT INTO image_documents (digest, target) \
    SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING";
pub(in crate::postgres) const REFER_TO_BLOBS: &str = "\
    INSERT INTO image_blobs (digest, target) \
    SELECT * FROM unnest($1::bytea[], $2::bytea[]) ON CONFLICT DO NOTHING";
pub(in crate::postgres) const POINT: &str = "\
    INSERT INTO names (repository, tag, target) \
    SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[]) \
    ON CONFLICT (repository, tag) DO UPDATE SET target = excluded.target \
    WHERE names.target <> excluded.target";
pub(in crate::postgres) const TOUCH: &str = "\
    UPDATE images SET last_tagged_at = $1 \
    WHERE target = ANY($2) AND (last_tagged_at IS NULL OR last_tagged_at < $1)";
pub(in crate::postgres) const STAGE: &str = "\
    INSERT INTO staged (target, repository, config, manifest) \
    SELECT * FROM unnest($1::bytea[], $2::text[], $3::bytea[], $4::bytea[]) \
    ON CONFLICT (target, repository, config) DO UPDATE SET manifest = excluded.manifest \
    WHERE staged.manifest <> excluded.manifest";

// Containers.
pub(in crate::postgres) const BEFORE_CONTAINER: &str = "\
    SELECT EXISTS (SELECT 1 FROM containers WHERE id = $1), \
    EXISTS (SELECT 1 FROM image_digests WHERE role = 'config' AND digest = $2 AND target = $3), \
    (SELECT id FROM containers WHERE name = $4)";
/// Whether it exists, which container has the name, and whether it was renamed.
pub(in crate::postgres) const RENAME_CONTAINER: &str = "\
    WITH taken AS (SELECT id FROM containers WHERE name = $2), \
    renamed AS (UPDATE containers SET name = $2 \
    WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM taken) RETURNING id) \
    SELECT EXISTS (SELECT 1 FROM containers WHERE id = $1), (SELECT id FROM taken), \
    EXISTS (SELECT 1 FROM renamed)";
pub(in crate::postgres) const UPDATE_STATE: &str = concat!(update_state!(), " RETURNING id");
pub(in crate::postgres) const REMOVE_CONTAINER: &str =
    "DELETE FROM containers WHERE id = $1 RETURNING id";

/// All of the above, for the tests of their plans.
#[cfg(test)]
pub(in crate::postgres) const CHANGES: &[&str] = &[
    TAG_DIGEST,
    TAG_PIN,
    TAG_NAME,
    TAG_NAME_OR_PREFIX,
    LOCATE,
    PIN,
    REMEMBER,
    RECORD,
    DOCUMENTS_HERE,
    IMAGES_HERE,
    BLOBS_HERE,
    NAMES_HERE,
    ADD_DOCUMENTS,
    ADD_BLOBS,
    ADD_IMAGES,
    REPLACE_IMAGES,
    REMOVE_VARIANTS_OF,
    ADD_VARIANTS,
    SET_DIGESTS,
    KEEP_DOCUMENTS,
    REFER_TO_BLOBS,
    POINT,
    TOUCH,
    STAGE,
    BEFORE_CONTAINER,
    RENAME_CONTAINER,
    UPDATE_STATE,
    REMOVE_CONTAINER,
];
