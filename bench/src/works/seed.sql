-- Makes copies of the only image, each with a config, manifests and names of its own, as if all of them
-- had been loaded and staged. Variables: images, names (of each image).

-- The references are right by construction. Looking up each would take longer than all else.
SET session_replication_role = replica;

CREATE TEMPORARY TABLE copies AS
WITH template AS MATERIALIZED (
    SELECT i.target, i.id, s.manifest AS staged, s.repository AS staging, i.contents,
           convert_from(config.bytes, 'UTF8') AS config_text,
           convert_from(manifest.bytes, 'UTF8') AS manifest_text,
           convert_from(other.bytes, 'UTF8') AS staged_text
    FROM images i
    JOIN staged s ON s.target = i.target
    JOIN documents config ON config.digest = i.id
    JOIN documents manifest ON manifest.digest = i.target
    JOIN documents other ON other.digest = s.manifest
), labelled AS MATERIALIZED (
    -- Everything keeps its length, so that sizes stay right.
    SELECT n, 'template-' || lpad(n::text, 7, '0') AS label,
           timestamp '2026-01-01' - n * interval '1 minute' AS made
    FROM generate_series(1, :images) AS n
), configs AS MATERIALIZED (
    SELECT n, label, extract(epoch FROM made)::bigint AS created,
           to_char(made, 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS made,
           convert_to(replace(replace(config_text, 'template-0000000', label),
               '2026-01-02T03:04:05Z', to_char(made, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), 'UTF8')
               AS config_bytes
    FROM labelled, template
), manifests AS MATERIALIZED (
    SELECT c.*, sha256(config_bytes) AS config,
           convert_to(replace(manifest_text, encode(t.id, 'hex'),
               encode(sha256(config_bytes), 'hex')), 'UTF8') AS target_bytes,
           convert_to(replace(staged_text, encode(t.id, 'hex'),
               encode(sha256(config_bytes), 'hex')), 'UTF8') AS staged_bytes
    FROM configs c, template t
)
SELECT m.n, m.label, m.created, m.config, m.config_bytes, t.staging,
       sha256(m.target_bytes) AS target, m.target_bytes,
       sha256(m.staged_bytes) AS staged, m.staged_bytes,
       replace(replace(replace(t.contents, encode(t.id, 'hex'), encode(m.config, 'hex')),
           encode(t.target, 'hex'), encode(sha256(m.target_bytes), 'hex')),
           '2026-01-02T03:04:05Z', m.made) AS contents
FROM manifests m, template t;

INSERT INTO documents
SELECT d.digest, d.bytes FROM copies c CROSS JOIN LATERAL (VALUES (c.config, c.config_bytes),
    (c.target, c.target_bytes), (c.staged, c.staged_bytes)) AS d (digest, bytes);

INSERT INTO images
    (target, id, media_type, size, original, created, loaded_at, last_tagged_at, contents)
SELECT c.target, c.config, i.media_type, i.size, i.original, c.created, i.loaded_at,
       i.last_tagged_at, c.contents
FROM copies c, (SELECT * FROM images LIMIT 1) i;

INSERT INTO image_variants (target, variant, config, diff_ids)
SELECT c.target, 0, c.config, v.diff_ids FROM copies c, (SELECT * FROM image_variants LIMIT 1) v;

INSERT INTO image_digests (role, digest, target, variant)
SELECT d.role, d.digest, c.target, 0 FROM copies c CROSS JOIN LATERAL (VALUES
    ('target', c.target), ('manifest', c.target), ('config', c.config)) AS d (role, digest);

INSERT INTO image_documents (digest, target)
SELECT d.digest, c.target FROM copies c CROSS JOIN LATERAL (VALUES
    (c.target), (c.config), (c.staged)) AS d (digest);

INSERT INTO image_blobs (digest, target)
SELECT b.digest, c.target FROM copies c, (SELECT DISTINCT digest FROM image_blobs) b;

INSERT INTO repo_digests (repository, digest, target) SELECT staging, staged, target FROM copies;

INSERT INTO staged (target, repository, config, manifest)
SELECT target, staging, config, staged FROM copies;

INSERT INTO names (repository, tag, target)
SELECT 'bench.example/' || label || '/0', 't' || generate_series(0, :names - 1), target
FROM copies ORDER BY n;

-- As a database is that has been running for a while.
VACUUM (ANALYZE);
CHECKPOINT;
