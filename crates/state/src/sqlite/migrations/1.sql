-- Digests are their 32 bytes. Times are nanoseconds since 1970-01-01T00:00:00Z.

-- Configs, manifests and indexes.
CREATE TABLE documents (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    bytes  BLOB NOT NULL
) STRICT;

-- Layer blobs whose bytes were verified here.
CREATE TABLE blobs (
    digest       BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    size         INTEGER NOT NULL CHECK (size >= 0),
    diff_id      BLOB NOT NULL CHECK (length(diff_id) = 32),
    media_type   TEXT    NOT NULL,
    tar_size     INTEGER NOT NULL CHECK (tar_size >= 0),
    content_size INTEGER NOT NULL CHECK (content_size >= 0)
) STRICT;
CREATE INDEX blobs_diff_id ON blobs (diff_id, content_size);

CREATE TABLE images (
    target         BLOB NOT NULL PRIMARY KEY REFERENCES documents (digest),
    id             BLOB NOT NULL CHECK (length(id) = 32),
    media_type     TEXT NOT NULL,
    size           INTEGER NOT NULL CHECK (size >= 0),
    original       INTEGER NOT NULL CHECK (original IN (0, 1)),
    -- Seconds since 1970 when the config says it was made; the least number if it does not say.
    created        INTEGER NOT NULL,
    loaded_at      INTEGER NOT NULL,
    last_tagged_at INTEGER,
    -- JSON: the variants, and what is kept beside them.
    contents       TEXT NOT NULL
) STRICT;
CREATE INDEX images_id ON images (id, target, last_tagged_at);
CREATE INDEX images_place ON images (created DESC, id);

-- Every digest that finds an image, and the variant that it means.
CREATE TABLE image_digests (
    role    TEXT NOT NULL CHECK (role IN ('target', 'manifest', 'config')),
    digest  BLOB NOT NULL CHECK (length(digest) = 32),
    target  BLOB NOT NULL REFERENCES images (target),
    variant INTEGER NOT NULL CHECK (variant >= 0),
    PRIMARY KEY (role, digest, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_digests_target ON image_digests (target);

-- The reference keeps a document here as long as an image needs it.
CREATE TABLE image_documents (
    digest BLOB NOT NULL REFERENCES documents (digest),
    target BLOB NOT NULL REFERENCES images (target),
    PRIMARY KEY (digest, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_documents_target ON image_documents (target);

-- Layers and other blobs. They need not be here: those of a pulled image stay in its registry.
CREATE TABLE image_blobs (
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    target BLOB NOT NULL REFERENCES images (target),
    PRIMARY KEY (digest, target)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_blobs_target ON image_blobs (target);

CREATE TABLE names (
    repository TEXT NOT NULL,
    tag        TEXT NOT NULL,
    target     BLOB NOT NULL REFERENCES images (target),
    PRIMARY KEY (repository, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX names_target ON names (target, repository, tag);

-- Under which repository and digest a registry has an image. The digest is the target's, or that
-- of a staged manifest.
CREATE TABLE repo_digests (
    repository TEXT NOT NULL,
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    target     BLOB NOT NULL REFERENCES images (target),
    PRIMARY KEY (repository, digest)
) STRICT, WITHOUT ROWID;
CREATE INDEX repo_digests_target ON repo_digests (target, repository, digest);

-- Where a blob can be fetched from. Of one blob, the higher `recorded` is the newer.
CREATE TABLE locations (
    digest     BLOB NOT NULL CHECK (length(digest) = 32),
    repository TEXT NOT NULL,
    recorded   INTEGER NOT NULL,
    -- When it was last remembered, in nanoseconds since 1970; up to a day later than it says.
    used_at    INTEGER NOT NULL DEFAULT (unixepoch() * 1000000000),
    PRIMARY KEY (digest, repository)
) STRICT, WITHOUT ROWID;
CREATE INDEX locations_used_at ON locations (used_at);

-- What the tar of a layer became when it was compressed.
CREATE TABLE encodings (
    diff_id  BLOB NOT NULL CHECK (length(diff_id) = 32),
    encoding TEXT NOT NULL,
    digest   BLOB NOT NULL CHECK (length(digest) = 32),
    size     INTEGER NOT NULL CHECK (size >= 0),
    -- As that of a location.
    used_at  INTEGER NOT NULL DEFAULT (unixepoch() * 1000000000),
    PRIMARY KEY (diff_id, encoding)
) STRICT, WITHOUT ROWID;
CREATE INDEX encodings_digest ON encodings (digest);
CREATE INDEX encodings_used_at ON encodings (used_at);

-- The manifest of a variant in a staging repository.
CREATE TABLE staged (
    target     BLOB NOT NULL REFERENCES images (target),
    repository TEXT NOT NULL,
    config     BLOB NOT NULL CHECK (length(config) = 32),
    manifest   BLOB NOT NULL REFERENCES documents (digest),
    PRIMARY KEY (target, repository, config)
) STRICT, WITHOUT ROWID;
CREATE INDEX staged_manifest ON staged (manifest);

-- Containers stay when their image is removed by force, so nothing refers to `images`. When the
-- image comes back they use it again, also when it has another target then.
CREATE TABLE containers (
    id         TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 64),
    name       TEXT NOT NULL UNIQUE CHECK (name <> ''),
    target     BLOB NOT NULL CHECK (length(target) = 32),
    image      BLOB NOT NULL CHECK (length(image) = 32),
    created_at INTEGER NOT NULL,
    -- The state, and how often it was changed. The defaults are of one that has never been started.
    status        TEXT NOT NULL DEFAULT 'created'
        CHECK (status IN ('created', 'running', 'paused', 'restarting', 'exited', 'dead')),
    exit_code     INTEGER NOT NULL DEFAULT 0,
    error         TEXT NOT NULL DEFAULT '',
    oom_killed    INTEGER NOT NULL DEFAULT 0 CHECK (oom_killed IN (0, 1)),
    started_at    INTEGER,
    finished_at   INTEGER,
    restart_count INTEGER NOT NULL DEFAULT 0 CHECK (restart_count >= 0),
    owner         TEXT,
    revision      INTEGER NOT NULL DEFAULT 0 CHECK (revision >= 0),
    -- What the engine knows of it besides. The last column: what comes after a large value is slow to
    -- read.
    spec       BLOB NOT NULL
) STRICT;
CREATE INDEX containers_target ON containers (target, created_at, id);
CREATE INDEX containers_status ON containers (status, id);
CREATE INDEX containers_image ON containers (image, target);
