//! Every statement on the state, in SQL that SQLite and PostgreSQL both understand.
//!
//! Two rules make that work: parameters are `$1`, `$2`, … numbered by their first appearance
//! (SQLite numbers them so, whatever they are called), and conflicts are told with
//! `ON CONFLICT`.

/// Columns of an image, in the order that its reader wants them.
macro_rules! image {
    ($select:literal, $rest:literal) => {
        concat!(
            "SELECT i.target, i.id, i.media_type, i.size, i.original, i.loaded_at, i.contents, ",
            $select,
            " AS variant ",
            $rest
        )
    };
}

/// A container with its columns in the order that its reader wants them.
macro_rules! container {
    ($($condition:expr),+) => {
        concat!(
            "SELECT ",
            $crate::sql::container_columns!(),
            " FROM containers WHERE ",
            $($condition),+
        )
    };
}
/// Columns of a container, in the order that its reader wants them.
macro_rules! container_columns {
    () => {
        "id, name, target, image, created_at, spec, revision, status, exit_code, error, \
         oom_killed, started_at, finished_at, restart_count, owner"
    };
}
pub(crate) use container_columns;

// Documents.
pub(crate) const DOCUMENT: &str = "SELECT bytes FROM documents WHERE digest = $1";
pub(crate) const HAS_DOCUMENT: &str = "SELECT 1 FROM documents WHERE digest = $1";
pub(crate) const ADD_DOCUMENT: &str =
    "INSERT INTO documents (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING";

// Blobs.
pub(crate) const ADD_BLOB: &str = "\
    INSERT INTO blobs (digest, size, media_type, diff_id, tar_size, content_size) \
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";
pub(crate) const BLOBS_OF_DIFF_ID: &str = "\
    SELECT digest, size, media_type, diff_id, tar_size, content_size FROM blobs \
    WHERE diff_id = $1 ORDER BY digest";
pub(crate) const CONTENT_SIZE: &str = "SELECT MAX(content_size) FROM blobs WHERE diff_id = $1";
pub(crate) const IS_REFERENCED: &str = "SELECT 1 FROM image_blobs WHERE digest = $1 LIMIT 1";

// Images.
pub(crate) const HAS_IMAGE: &str = "SELECT 1 FROM images WHERE target = $1";
pub(crate) const ADD_IMAGE: &str = "\
    INSERT INTO images (target, id, media_type, size, original, created, loaded_at, contents) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
pub(crate) const REPLACE_IMAGE: &str =
    "UPDATE images SET id = $1, created = $2, contents = $3 WHERE target = $4";
pub(crate) const SET_IMAGE_DIGEST: &str = "\
    INSERT INTO image_digests (role, digest, target, variant) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (role, digest, target) DO UPDATE SET variant = excluded.variant \
    WHERE image_digests.variant <> excluded.variant";
pub(crate) const ADD_IMAGE_DOCUMENT: &str =
    "INSERT INTO image_documents (digest, target) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const ADD_IMAGE_BLOB: &str =
    "INSERT INTO image_blobs (digest, target) VALUES ($1, $2) ON CONFLICT DO NOTHING";
pub(crate) const TOUCH_IMAGE: &str = "\
    UPDATE images SET last_tagged_at = $1 \
    WHERE target = $2 AND (last_tagged_at IS NULL OR last_tagged_at < $1)";
pub(crate) const TAGGED: &str = "SELECT target, last_tagged_at FROM images WHERE id = $1";
pub(crate) const COUNT_IMAGES: &str = "SELECT COUNT(DISTINCT id) FROM images";
pub(crate) const NEXT_PLACES_OF_SECOND: &str = "\
    SELECT DISTINCT created, id FROM images WHERE created = $1 AND id > $2 ORDER BY id LIMIT $3";
pub(crate) const OLDER_PLACES: &str = "\
    SELECT DISTINCT created, id FROM images WHERE created < $1 ORDER BY created DESC, id LIMIT $2";
/// One more than the limit tells that there are too many.
pub(crate) const PLACES_WITH_NAMES_BETWEEN: &str = "\
    SELECT i.created, i.id FROM names n JOIN images i ON i.target = n.target \
    WHERE n.repository >= $1 AND n.repository < $2 LIMIT $3";
pub(crate) const PLACES_WITH_REPO_DIGESTS_BETWEEN: &str = "\
    SELECT i.created, i.id FROM repo_digests r JOIN images i ON i.target = r.target \
    WHERE r.repository >= $1 AND r.repository < $2 LIMIT $3";

pub(crate) const HAS_VARIANT: &str =
    "SELECT 1 FROM image_digests WHERE role = 'config' AND digest = $1 AND target = $2";

// Finding. Of several images a digest means the one whose own digest it is, then one whose ID it
// is, then one that has it in another variant; an original before a generated one; the newest.
pub(crate) const IMAGE_WITH_ID: &str = image!(
    "0",
    "FROM images i WHERE i.id = $1 ORDER BY i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
pub(crate) const IMAGE_WITH_DIGEST: &str = image!(
    "d.variant",
    "FROM image_digests d JOIN images i ON i.target = d.target \
     WHERE d.role IN ('target', 'config', 'manifest') AND d.digest = $1 \
     ORDER BY CASE WHEN d.role = 'target' THEN 0 WHEN i.id = d.digest THEN 1 ELSE 2 END, \
     i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
pub(crate) const IMAGE_IN_REPOSITORY: &str = image!(
    "d.variant",
    "FROM image_digests d JOIN images i ON i.target = d.target \
     WHERE d.role IN ('target', 'manifest') AND d.digest = $1 AND EXISTS ( \
     SELECT 1 FROM images o JOIN names n ON n.target = o.target \
     WHERE o.id = i.id AND n.repository = $2) \
     ORDER BY CASE WHEN d.role = 'target' THEN 0 ELSE 1 END, \
     i.original DESC, i.loaded_at DESC, i.target LIMIT 1"
);
pub(crate) const IMAGE_WITH_TARGET: &str = image!("0", "FROM images i WHERE i.target = $1");
/// The digest is of a variant's own manifest, or of its staged one, or of the whole index.
pub(crate) const IMAGE_WITH_REPO_DIGEST: &str = image!(
    "COALESCE( \
     (SELECT d.variant FROM image_digests d \
     WHERE d.role = 'manifest' AND d.digest = r.digest AND d.target = r.target), \
     (SELECT MIN(d.variant) FROM staged s \
     JOIN image_digests d ON d.role = 'config' AND d.digest = s.config AND d.target = s.target \
     WHERE s.target = r.target AND s.repository = r.repository AND s.manifest = r.digest), 0)",
    "FROM repo_digests r JOIN images i ON i.target = r.target \
     WHERE r.repository = $1 AND r.digest = $2"
);
pub(crate) const IMAGE_WITH_NAME: &str = image!(
    "0",
    "FROM names n JOIN images i ON i.target = n.target WHERE n.repository = $1 AND n.tag = $2"
);
pub(crate) const CONFIGS_BETWEEN: &str = "\
    SELECT DISTINCT digest FROM image_digests \
    WHERE role = 'config' AND digest >= $1 AND digest <= $2 ORDER BY digest LIMIT 2";

// Names.
pub(crate) const NAMES_OF_TARGET: &str = "SELECT repository, tag FROM names WHERE target = $1";
pub(crate) const ID_OF_NAME: &str = "\
    SELECT i.id FROM names n JOIN images i ON i.target = n.target \
    WHERE n.repository = $1 AND n.tag = $2";
pub(crate) const ADD_NAME: &str = "\
    INSERT INTO names (repository, tag, target) VALUES ($1, $2, $3) \
    ON CONFLICT (repository, tag) DO UPDATE SET target = excluded.target \
    WHERE names.target <> excluded.target";
pub(crate) const COUNT_NAMES: &str = "SELECT COUNT(*) FROM names";
pub(crate) const NEXT_TAGS: &str = "\
    SELECT tag, target FROM names WHERE repository = $1 AND tag > $2 ORDER BY tag LIMIT $3";

// What registries have.
pub(crate) const ADD_REPO_DIGEST: &str = "\
    INSERT INTO repo_digests (repository, digest, target) VALUES ($1, $2, $3) \
    ON CONFLICT (repository, digest) DO UPDATE SET target = excluded.target \
    WHERE repo_digests.target <> excluded.target";
pub(crate) const REPO_DIGESTS_OF_TARGET: &str =
    "SELECT repository, digest FROM repo_digests WHERE target = $1";
pub(crate) const ADD_LOCATION: &str = "\
    INSERT INTO locations (digest, repository, recorded) VALUES ($1, $2, \
    (SELECT COALESCE(MAX(recorded), 0) + 1 FROM locations WHERE digest = $1)) \
    ON CONFLICT (digest, repository) DO UPDATE \
    SET recorded = excluded.recorded, used_at = excluded.used_at \
    WHERE locations.recorded <> excluded.recorded - 1 \
    OR locations.used_at < excluded.used_at - 86400000000000";
pub(crate) const LOCATIONS_OF_BLOB: &str =
    "SELECT repository FROM locations WHERE digest = $1 ORDER BY recorded DESC, repository";
pub(crate) const SET_ENCODING: &str = "\
    INSERT INTO encodings (diff_id, encoding, digest, size) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (diff_id, encoding) DO UPDATE \
    SET digest = excluded.digest, size = excluded.size, used_at = excluded.used_at \
    WHERE encodings.digest <> excluded.digest OR encodings.size <> excluded.size \
    OR encodings.used_at < excluded.used_at - 86400000000000";
pub(crate) const ENCODING: &str =
    "SELECT digest, size FROM encodings WHERE diff_id = $1 AND encoding = $2";
/// Whether an image needs the encoding `e`.
macro_rules! encoding_is_needed {
    () => {
        "(EXISTS (SELECT 1 FROM image_blobs i WHERE i.digest = e.diff_id) \
         OR EXISTS (SELECT 1 FROM image_blobs i WHERE i.digest = e.digest) \
         OR EXISTS (SELECT 1 FROM blobs b JOIN image_blobs i ON i.digest = b.digest \
         WHERE b.diff_id = e.diff_id))"
    };
}
pub(crate) use encoding_is_needed;
/// Whether an image needs the location `l`.
macro_rules! location_is_needed {
    () => {
        "(EXISTS (SELECT 1 FROM image_blobs i WHERE i.digest = l.digest) \
         OR EXISTS (SELECT 1 FROM encodings e WHERE e.digest = l.digest))"
    };
}
pub(crate) use location_is_needed;
pub(crate) const OLD_ENCODINGS: &str = concat!(
    "SELECT e.diff_id, e.encoding, ",
    encoding_is_needed!(),
    " FROM encodings e WHERE e.used_at < $1 ORDER BY e.used_at LIMIT $2"
);
pub(crate) const OLD_LOCATIONS: &str = concat!(
    "SELECT l.digest, l.repository, ",
    location_is_needed!(),
    " FROM locations l WHERE l.used_at < $1 ORDER BY l.used_at LIMIT $2"
);
pub(crate) const KEEP_ENCODING: &str = "\
    UPDATE encodings SET used_at = unixepoch() * 1000000000 WHERE diff_id = $1 AND encoding = $2";
pub(crate) const KEEP_LOCATION: &str = "\
    UPDATE locations SET used_at = unixepoch() * 1000000000 WHERE digest = $1 AND repository = $2";
pub(crate) const FORGET_ENCODING: &str =
    "DELETE FROM encodings WHERE diff_id = $1 AND encoding = $2";
pub(crate) const FORGET_LOCATION: &str =
    "DELETE FROM locations WHERE digest = $1 AND repository = $2";
pub(crate) const SET_STAGED: &str = "\
    INSERT INTO staged (target, repository, config, manifest) VALUES ($1, $2, $3, $4) \
    ON CONFLICT (target, repository, config) DO UPDATE SET manifest = excluded.manifest \
    WHERE staged.manifest <> excluded.manifest";
pub(crate) const STAGED: &str = "\
    SELECT s.config, s.manifest FROM staged s \
    JOIN image_digests d ON d.role = 'config' AND d.digest = s.config AND d.target = s.target \
    WHERE s.target = $1 AND s.repository = $2 ORDER BY d.variant";

// Removing.
pub(crate) const TARGETS_OF_ID: &str = "SELECT target FROM images WHERE id = $1";
pub(crate) const ID_OF_REPO_DIGEST: &str = "\
    SELECT i.id FROM repo_digests r JOIN images i ON i.target = r.target \
    WHERE r.repository = $1 AND r.digest = $2";
pub(crate) const REMOVE_NAME: &str = "DELETE FROM names WHERE repository = $1 AND tag = $2";
pub(crate) const REMOVE_REPO_DIGEST: &str =
    "DELETE FROM repo_digests WHERE repository = $1 AND digest = $2";
pub(crate) const DOCUMENTS_ONLY_OF: &str = "\
    SELECT d.digest FROM image_documents d WHERE d.target = $1 AND NOT EXISTS ( \
    SELECT 1 FROM image_documents o WHERE o.digest = d.digest AND o.target <> $1)";
pub(crate) const BLOBS_ONLY_OF: &str = "\
    SELECT b.digest FROM image_blobs b WHERE b.target = $1 AND NOT EXISTS ( \
    SELECT 1 FROM image_blobs o WHERE o.digest = b.digest AND o.target <> $1)";
pub(crate) const REMOVE_STAGED_OF: &str = "DELETE FROM staged WHERE target = $1";
pub(crate) const REMOVE_DIGESTS_OF: &str = "DELETE FROM image_digests WHERE target = $1";
pub(crate) const REMOVE_DOCUMENTS_OF: &str = "DELETE FROM image_documents WHERE target = $1";
pub(crate) const REMOVE_BLOBS_OF: &str = "DELETE FROM image_blobs WHERE target = $1";
pub(crate) const REMOVE_IMAGE: &str = "DELETE FROM images WHERE target = $1";
pub(crate) const REMOVE_DOCUMENT: &str = "DELETE FROM documents WHERE digest = $1";
pub(crate) const REMOVE_BLOB: &str = "DELETE FROM blobs WHERE digest = $1";

// Removing variants.
pub(crate) const STAGED_OF_VARIANT: &str =
    "SELECT manifest FROM staged WHERE target = $1 AND config = $2";
pub(crate) const REMOVE_STAGED_OF_VARIANT: &str =
    "DELETE FROM staged WHERE target = $1 AND config = $2";
pub(crate) const IS_STAGED: &str =
    "SELECT 1 FROM staged WHERE manifest = $1 AND target = $2 LIMIT 1";
pub(crate) const REMOVE_IMAGE_DIGEST: &str =
    "DELETE FROM image_digests WHERE role = $1 AND digest = $2 AND target = $3";
pub(crate) const REMOVE_IMAGE_DOCUMENT: &str =
    "DELETE FROM image_documents WHERE digest = $1 AND target = $2";
pub(crate) const IS_NEEDED: &str = "SELECT 1 FROM image_documents WHERE digest = $1 LIMIT 1";
pub(crate) const REMOVE_IMAGE_BLOB: &str =
    "DELETE FROM image_blobs WHERE digest = $1 AND target = $2";
pub(crate) const REMOVE_REPO_DIGESTS_TO: &str =
    "DELETE FROM repo_digests WHERE digest = $1 AND target = $2";

// Containers.
pub(crate) const ADD_CONTAINER: &str = "\
    INSERT INTO containers (id, name, target, image, created_at, spec, revision, status, \
    exit_code, error, oom_killed, started_at, finished_at, restart_count, owner) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
/// Replaces the state of the container `$10` whose last change is number `$11`; this one is `$1`.
macro_rules! update_state {
    () => {
        "UPDATE containers SET revision = $1, status = $2, exit_code = $3, error = $4, \
         oom_killed = $5, started_at = $6, finished_at = $7, restart_count = $8, owner = $9 \
         WHERE id = $10 AND revision = $11"
    };
}
pub(crate) use update_state;
pub(crate) const UPDATE_STATE: &str = update_state!();
/// What a container of a selection that is told in the parameters from `$2` to `$8` has to be.
macro_rules! is_selected {
    () => {
        "($2 IS NULL OR image IN (SELECT unhex(i.value) FROM json_each($2) i)) \
         AND ($3 IS NULL OR EXISTS (SELECT 1 FROM json_each($3) p \
         WHERE substr(containers.id, 1, length(p.value)) = p.value)) \
         AND ($4 IS NULL OR created_at <= $4) \
         AND ($5 IS NULL OR (created_at, id) < ($5, $6)) \
         AND ($7 IS NULL OR (created_at, id) > ($7, $8))"
    };
}
pub(crate) const NEXT_CONTAINERS: &str =
    container!("id > $1 AND ", is_selected!(), " ORDER BY id LIMIT $9");
pub(crate) const NEXT_CONTAINERS_WITH_STATUS: &str = container!(
    "id > $1 AND ",
    is_selected!(),
    " AND status = $9 ORDER BY id LIMIT $10"
);
pub(crate) const CONTAINER: &str = container!("id = $1");
pub(crate) const CONTAINER_WITH_NAME: &str = container!("name = $1");
pub(crate) const CONTAINERS_BETWEEN: &str = container!("id >= $1 AND id < $2 ORDER BY id LIMIT 2");
pub(crate) const HAS_CONTAINER: &str = "SELECT 1 FROM containers WHERE id = $1";
pub(crate) const CONTAINER_ID_OF_NAME: &str = "SELECT id FROM containers WHERE name = $1";
pub(crate) const RENAME_CONTAINER: &str = "UPDATE containers SET name = $1 WHERE id = $2";
pub(crate) const REMOVE_CONTAINER: &str = "DELETE FROM containers WHERE id = $1";
/// Whether the target of the container `c` is gone.
macro_rules! is_orphan {
    () => {
        "NOT EXISTS (SELECT 1 FROM images o WHERE o.target = c.target)"
    };
}
pub(crate) use is_orphan;
pub(crate) const IS_USED: &str = concat!(
    "SELECT 1 FROM containers c WHERE c.target = $1 UNION ALL \
     SELECT 1 FROM image_digests d JOIN containers c ON c.image = d.digest \
     WHERE d.target = $1 AND d.role = 'config' AND ",
    is_orphan!(),
    " LIMIT 1"
);
pub(crate) const VARIANT_IS_USED: &str = concat!(
    "SELECT 1 FROM containers c WHERE (c.target = $1 OR ",
    is_orphan!(),
    ") AND c.image = $2 LIMIT 1"
);
/// Containers of the targets with the ID `$1`.
macro_rules! users {
    () => {
        "FROM images i JOIN containers c ON c.target = i.target WHERE i.id = $1"
    };
}
/// Containers of targets that are gone, whose configs the targets with the ID `$1` have.
macro_rules! orphans {
    () => {
        concat!(
            "FROM images i JOIN image_digests d ON d.target = i.target AND d.role = 'config' \
             JOIN containers c ON c.image = d.digest WHERE i.id = $1 AND ",
            is_orphan!()
        )
    };
}
macro_rules! count_users {
    () => {
        concat!(
            "(SELECT COUNT(*) ",
            users!(),
            ") + (SELECT COUNT(DISTINCT c.id) ",
            orphans!(),
            ") "
        )
    };
}
pub(crate) const USERS_OF_ID: &str = concat!(
    "SELECT c.id, c.created_at, ",
    count_users!(),
    users!(),
    " UNION SELECT c.id, c.created_at, ",
    count_users!(),
    orphans!(),
    " ORDER BY 2, 1 LIMIT 1"
);
pub(crate) const COUNT_CONTAINERS: &str = "SELECT COUNT(*) FROM containers";

/// All of the above, for the tests of their shape.
#[cfg(test)]
pub(crate) const ALL: &[&str] = &[
    DOCUMENT,
    HAS_DOCUMENT,
    ADD_DOCUMENT,
    ADD_BLOB,
    BLOBS_OF_DIFF_ID,
    CONTENT_SIZE,
    IS_REFERENCED,
    HAS_IMAGE,
    ADD_IMAGE,
    REPLACE_IMAGE,
    SET_IMAGE_DIGEST,
    ADD_IMAGE_DOCUMENT,
    ADD_IMAGE_BLOB,
    TOUCH_IMAGE,
    TAGGED,
    COUNT_IMAGES,
    NEXT_PLACES_OF_SECOND,
    OLDER_PLACES,
    PLACES_WITH_NAMES_BETWEEN,
    PLACES_WITH_REPO_DIGESTS_BETWEEN,
    HAS_VARIANT,
    IMAGE_WITH_ID,
    IMAGE_WITH_DIGEST,
    IMAGE_IN_REPOSITORY,
    IMAGE_WITH_TARGET,
    IMAGE_WITH_REPO_DIGEST,
    IMAGE_WITH_NAME,
    CONFIGS_BETWEEN,
    NAMES_OF_TARGET,
    ID_OF_NAME,
    ADD_NAME,
    COUNT_NAMES,
    NEXT_TAGS,
    ADD_REPO_DIGEST,
    REPO_DIGESTS_OF_TARGET,
    ADD_LOCATION,
    LOCATIONS_OF_BLOB,
    SET_ENCODING,
    OLD_ENCODINGS,
    OLD_LOCATIONS,
    KEEP_ENCODING,
    KEEP_LOCATION,
    FORGET_ENCODING,
    FORGET_LOCATION,
    ENCODING,
    SET_STAGED,
    STAGED,
    TARGETS_OF_ID,
    ID_OF_REPO_DIGEST,
    REMOVE_NAME,
    REMOVE_REPO_DIGEST,
    DOCUMENTS_ONLY_OF,
    BLOBS_ONLY_OF,
    REMOVE_STAGED_OF,
    REMOVE_DIGESTS_OF,
    REMOVE_DOCUMENTS_OF,
    REMOVE_BLOBS_OF,
    REMOVE_IMAGE,
    REMOVE_DOCUMENT,
    REMOVE_BLOB,
    STAGED_OF_VARIANT,
    REMOVE_STAGED_OF_VARIANT,
    IS_STAGED,
    REMOVE_IMAGE_DIGEST,
    REMOVE_IMAGE_DOCUMENT,
    IS_NEEDED,
    REMOVE_IMAGE_BLOB,
    REMOVE_REPO_DIGESTS_TO,
    ADD_CONTAINER,
    CONTAINER,
    CONTAINER_WITH_NAME,
    CONTAINERS_BETWEEN,
    NEXT_CONTAINERS,
    NEXT_CONTAINERS_WITH_STATUS,
    UPDATE_STATE,
    HAS_CONTAINER,
    CONTAINER_ID_OF_NAME,
    RENAME_CONTAINER,
    REMOVE_CONTAINER,
    IS_USED,
    VARIANT_IS_USED,
    USERS_OF_ID,
    COUNT_CONTAINERS,
];
