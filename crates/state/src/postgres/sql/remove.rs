//! Statements that remove names, images and variants.

// Rows that a removal reads.

use crate::sql::is_orphan;

/// Targets with an ID, and whether a container uses each.
pub(in crate::postgres) const TARGETS: &str = concat!(
    "SELECT i.target, EXISTS (SELECT 1 FROM containers c WHERE c.target = i.target) OR EXISTS ( \
     SELECT 1 FROM image_digests d JOIN containers c ON c.image = d.digest \
     WHERE d.target = i.target AND d.role = 'config' AND ",
    is_orphan!(),
    ") FROM images i WHERE i.id = $1"
);
/// How many of these names belong to images with the ID, and how many names such images have, up to
/// one more than these.
pub(in crate::postgres) const COUNT_NAMES: &str = "\
    SELECT (SELECT COUNT(*) FROM unnest($2::text[], $3::text[]) AS a (repository, tag) \
    JOIN names n ON n.repository = a.repository AND n.tag = a.tag \
    JOIN images i ON i.target = n.target WHERE i.id = $1), \
    (SELECT COUNT(*) FROM (SELECT 1 FROM images i JOIN names n ON n.target = i.target \
    WHERE i.id = $1 LIMIT cardinality($2) + 1) o)";
/// The same of repository digests.
pub(in crate::postgres) const COUNT_PINS: &str = "\
    SELECT (SELECT COUNT(*) FROM unnest($2::text[], $3::bytea[]) AS a (repository, digest) \
    JOIN repo_digests r ON r.repository = a.repository AND r.digest = a.digest \
    JOIN images i ON i.target = r.target WHERE i.id = $1), \
    (SELECT COUNT(*) FROM (SELECT 1 FROM images i JOIN repo_digests r ON r.target = i.target \
    WHERE i.id = $1 LIMIT cardinality($2) + 1) o)";
pub(in crate::postgres) const DOCUMENTS_OF: &str = "\
    SELECT DISTINCT d.digest FROM images i JOIN image_documents d ON d.target = i.target \
    WHERE i.id = $1";
pub(in crate::postgres) const BLOBS_OF: &str = "\
    SELECT DISTINCT b.digest FROM images i JOIN image_blobs b ON b.target = i.target \
    WHERE i.id = $1";
/// The configs of a target that containers run.
pub(in crate::postgres) const CONFIGS_USED: &str = concat!(
    "SELECT d.digest FROM image_digests d WHERE d.target = $1 AND d.role = 'config' \
     AND EXISTS (SELECT 1 FROM containers c WHERE c.image = d.digest AND (c.target = $1 OR ",
    is_orphan!(),
    "))"
);
pub(in crate::postgres) const FORMS_OF: &str =
    "SELECT config, manifest FROM staged WHERE target = $1";

// Rows that it removes.
pub(in crate::postgres) const REMOVE_NAMES: &str = "\
    DELETE FROM names n USING unnest($1::text[], $2::text[]) AS a (repository, tag) \
    WHERE n.repository = a.repository AND n.tag = a.tag";
pub(in crate::postgres) const REMOVE_PINS: &str = "\
    DELETE FROM repo_digests r USING unnest($1::text[], $2::bytea[]) AS a (repository, digest) \
    WHERE r.repository = a.repository AND r.digest = a.digest";
pub(in crate::postgres) const REMOVE_FORMS_OF: &str = "DELETE FROM staged WHERE target = ANY($1)";
pub(in crate::postgres) const REMOVE_DIGESTS_OF: &str =
    "DELETE FROM image_digests WHERE target = ANY($1)";
pub(in crate::postgres) const RELEASE_DOCUMENTS_OF: &str =
    "DELETE FROM image_documents WHERE target = ANY($1)";
pub(in crate::postgres) const RELEASE_BLOBS_OF: &str =
    "DELETE FROM image_blobs WHERE target = ANY($1)";
pub(in crate::postgres) const REMOVE_IMAGES: &str = "DELETE FROM images WHERE target = ANY($1)";
/// Those of these documents that no image needs.
pub(in crate::postgres) const REMOVE_DOCUMENTS: &str = "\
    DELETE FROM documents d WHERE d.digest = ANY($1) \
    AND NOT EXISTS (SELECT 1 FROM image_documents i WHERE i.digest = d.digest)";
/// Those of these blobs to which no image refers, recorded or not.
pub(in crate::postgres) const BLOBS_RELEASED: &str = "\
    SELECT a.digest FROM unnest($1::bytea[]) AS a (digest) \
    WHERE NOT EXISTS (SELECT 1 FROM image_blobs i WHERE i.digest = a.digest) ORDER BY a.digest";
pub(in crate::postgres) const REMOVE_BLOBS: &str = "\
    DELETE FROM blobs b WHERE b.digest = ANY($1) \
    AND NOT EXISTS (SELECT 1 FROM image_blobs i WHERE i.digest = b.digest)";

// Rows that it removes of an image that stays.
pub(in crate::postgres) const REMOVE_DIGESTS: &str = "\
    DELETE FROM image_digests WHERE target = $1 \
    AND (role = 'manifest' AND digest = ANY($2) OR role = 'config' AND digest = ANY($3))";
pub(in crate::postgres) const REMOVE_FORMS: &str =
    "DELETE FROM staged WHERE target = $1 AND config = ANY($2)";
pub(in crate::postgres) const RELEASE_DOCUMENTS: &str =
    "DELETE FROM image_documents WHERE target = $1 AND digest = ANY($2)";
pub(in crate::postgres) const REMOVE_PINS_TO: &str =
    "DELETE FROM repo_digests WHERE target = $1 AND digest = ANY($2)";
pub(in crate::postgres) const RELEASE_BLOBS: &str =
    "DELETE FROM image_blobs WHERE target = $1 AND digest = ANY($2)";

/// All of the above, for the tests of their plans.
#[cfg(test)]
pub(in crate::postgres) const REMOVALS: &[&str] = &[
    TARGETS,
    COUNT_NAMES,
    COUNT_PINS,
    DOCUMENTS_OF,
    BLOBS_OF,
    CONFIGS_USED,
    FORMS_OF,
    REMOVE_NAMES,
    REMOVE_PINS,
    REMOVE_FORMS_OF,
    REMOVE_DIGESTS_OF,
    RELEASE_DOCUMENTS_OF,
    RELEASE_BLOBS_OF,
    REMOVE_IMAGES,
    REMOVE_DOCUMENTS,
    BLOBS_RELEASED,
    REMOVE_BLOBS,
    REMOVE_DIGESTS,
    REMOVE_FORMS,
    RELEASE_DOCUMENTS,
    REMOVE_PINS_TO,
    RELEASE_BLOBS,
];
