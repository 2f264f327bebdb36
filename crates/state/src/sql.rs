//! Statements and parts of statements that mean the same to SQLite and PostgreSQL. Statements for
//! only one of them are where they are used.
//!
//! Two rules make that work: parameters are `$1`, `$2`, … numbered by their first appearance
//! (SQLite numbers them so, whatever their names), and conflicts are handled with `ON CONFLICT`.

/// Columns of a container, in the order that its reader expects.
macro_rules! container_columns {
    () => {
        "id, name, target, image, created_at, spec, revision, status, exit_code, error, \
         oom_killed, started_at, finished_at, restart_count, owner"
    };
}
pub(crate) use container_columns;

pub(crate) const DOCUMENT: &str = "SELECT bytes FROM documents WHERE digest = $1";
pub(crate) const NEXT_TAGS: &str = "\
    SELECT tag, target FROM names WHERE repository = $1 AND tag > $2 ORDER BY tag LIMIT $3";

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

pub(crate) const STAGED: &str = "\
    SELECT s.config, s.manifest FROM staged s \
    JOIN image_digests d ON d.role = 'config' AND d.digest = s.config AND d.target = s.target \
    WHERE s.target = $1 AND s.repository = $2 ORDER BY d.variant";
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

/// Whether the target of the container `c` was removed.
macro_rules! is_orphan {
    () => {
        "NOT EXISTS (SELECT 1 FROM images o WHERE o.target = c.target)"
    };
}
pub(crate) use is_orphan;

/// Every statement of this file, for the tests of their shape.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[ADD_CONTAINER, DOCUMENT, NEXT_TAGS, STAGED];
