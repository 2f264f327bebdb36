-- Digests are their 32 bytes. Times are nanoseconds since 1970-01-01T00:00:00Z: PostgreSQL's own
-- have only microseconds. Names are compared by their bytes, whatever the database's language.

-- Configs, manifests and indexes.
CREATE TABLE documents (
    digest bytea NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    bytes  bytea NOT NULL
);

-- Layer blobs whose bytes were verified here.
CREATE TABLE blobs (
    digest       bytea  NOT NULL PRIMARY KEY CHECK (octet_length(digest) = 32),
    size         bigint NOT NULL CHECK (size >= 0),
    diff_id      bytea  NOT NULL CHECK (octet_length(diff_id) = 32),
    media_type   text   NOT NULL,
    tar_size     bigint NOT NULL CHECK (tar_size >= 0),
    content_size bigint NOT NULL CHECK (content_size >= 0)
);
CREATE INDEX blobs_diff_id ON blobs (diff_id, content_size);

CREATE TABLE images (
    target         bytea   NOT NULL PRIMARY KEY REFERENCES documents (digest),
    id             bytea   NOT NULL CHECK (octet_length(id) = 32),
    media_type     text    NOT NULL,
    size           bigint  NOT NULL CHECK (size >= 0),
    original       boolean NOT NULL,
    -- Seconds since 1970 when the config says it was made; the least number if it does not say.
    created        bigint  NOT NULL,
    loaded_at      bigint  NOT NULL,
    -- In no index, and with room beside it: a tag then writes one row and no index.
    last_tagged_at bigint,
    -- JSON: the variants, and what is kept beside them.
    contents       text    NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX images_id ON images (id);
CREATE INDEX images_place ON images (created DESC, id);

-- What a look-up needs of each variant, so that no statement looks into `contents`.
CREATE TABLE image_variants (
    target   bytea   NOT NULL REFERENCES images (target),
    variant  bigint  NOT NULL CHECK (variant >= 0),
    config   bytea   NOT NULL CHECK (octet_length(config) = 32),
    -- Of its layers, base first.
    diff_ids bytea[] NOT NULL,
    PRIMARY KEY (target, variant)
);

-- Every digest that finds an image, and the variant that it means.
CREATE TABLE image_digests (
    role    text COLLATE "C" NOT NULL CHECK (role IN ('target', 'manifest', 'config')),
    digest  bytea  NOT NULL CHECK (octet_length(digest) = 32),
    target  bytea  NOT NULL REFERENCES images (target),
    variant bigint NOT NULL CHECK (variant >= 0),
    PRIMARY KEY (role, digest, target)
);
CREATE INDEX image_digests_target ON image_digests (target);

-- The reference keeps a document here as long as an image needs it.
CREATE TABLE image_documents (
    digest bytea NOT NULL REFERENCES documents (digest),
    target bytea NOT NULL REFERENCES images (target),
    PRIMARY KEY (digest, target)
);
CREATE INDEX image_documents_target ON image_documents (target);

-- Layers and other blobs. They need not be here: those of a pulled image stay in its registry.
CREATE TABLE image_blobs (
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    target bytea NOT NULL REFERENCES images (target),
    PRIMARY KEY (digest, target)
);
CREATE INDEX image_blobs_target ON image_blobs (target);

CREATE TABLE names (
    repository text COLLATE "C" NOT NULL,
    tag        text COLLATE "C" NOT NULL,
    target     bytea NOT NULL REFERENCES images (target),
    PRIMARY KEY (repository, tag)
);
CREATE INDEX names_target ON names (target, repository, tag);

-- Under which repository and digest a registry has an image. The digest is the target's, or that
-- of a staged manifest.
CREATE TABLE repo_digests (
    repository text COLLATE "C" NOT NULL,
    digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
    target     bytea NOT NULL REFERENCES images (target),
    PRIMARY KEY (repository, digest)
);
CREATE INDEX repo_digests_target ON repo_digests (target, repository, digest);

-- Where a blob can be fetched from. Of one blob, the higher `recorded` is the newer.
CREATE TABLE locations (
    digest     bytea  NOT NULL CHECK (octet_length(digest) = 32),
    repository text COLLATE "C" NOT NULL,
    recorded   bigint NOT NULL,
    -- When it was last remembered; up to a day later than it says.
    used_at    bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000000)::bigint * 1000,
    PRIMARY KEY (digest, repository)
);
CREATE INDEX locations_used_at ON locations (used_at);

-- What the tar of a layer became when it was compressed.
CREATE TABLE encodings (
    diff_id  bytea  NOT NULL CHECK (octet_length(diff_id) = 32),
    encoding text COLLATE "C" NOT NULL,
    digest   bytea  NOT NULL CHECK (octet_length(digest) = 32),
    size     bigint NOT NULL CHECK (size >= 0),
    -- As that of a location.
    used_at  bigint NOT NULL DEFAULT (extract(epoch FROM now()) * 1000000)::bigint * 1000,
    PRIMARY KEY (diff_id, encoding)
);
CREATE INDEX encodings_digest ON encodings (digest);
CREATE INDEX encodings_used_at ON encodings (used_at);

-- The manifest of a variant in a staging repository.
CREATE TABLE staged (
    target     bytea NOT NULL REFERENCES images (target),
    repository text COLLATE "C" NOT NULL,
    config     bytea NOT NULL CHECK (octet_length(config) = 32),
    manifest   bytea NOT NULL REFERENCES documents (digest),
    PRIMARY KEY (target, repository, config)
);
CREATE INDEX staged_manifest ON staged (manifest);

-- Containers stay when their image is removed by force, so nothing refers to `images`. When the
-- image comes back they use it again, also when it has another target then.
CREATE TABLE containers (
    id         text COLLATE "C" NOT NULL PRIMARY KEY CHECK (octet_length(id) = 64),
    name       text COLLATE "C" NOT NULL UNIQUE CHECK (name <> ''),
    target     bytea  NOT NULL CHECK (octet_length(target) = 32),
    image      bytea  NOT NULL CHECK (octet_length(image) = 32),
    created_at bigint NOT NULL,
    -- The state, and how often it was changed. The defaults are of one that has never been started.
    status        text COLLATE "C" NOT NULL DEFAULT 'created'
        CHECK (status IN ('created', 'running', 'paused', 'restarting', 'exited', 'dead')),
    exit_code     bigint  NOT NULL DEFAULT 0,
    error         text    NOT NULL DEFAULT '',
    oom_killed    boolean NOT NULL DEFAULT false,
    started_at    bigint,
    finished_at   bigint,
    restart_count bigint  NOT NULL DEFAULT 0 CHECK (restart_count >= 0),
    owner         text,
    revision      bigint  NOT NULL DEFAULT 0 CHECK (revision >= 0),
    -- What the engine knows of it besides.
    spec       bytea  NOT NULL
);
CREATE INDEX containers_target ON containers (target, created_at, id);
CREATE INDEX containers_status ON containers (status, id);
CREATE INDEX containers_image ON containers (image, target);

-- What daemons tell each other, the newest of it: see `feed`. Places have no gaps, and their order is
-- that of the commits.
CREATE TABLE events (
    place   bigint NOT NULL PRIMARY KEY,
    -- Higher than all before.
    at      bigint NOT NULL,
    -- Bytes of all bodies up to this one, of those too that are no longer here.
    written bigint NOT NULL,
    body    text   NOT NULL
);

-- The last event of each daemon, which numbers its own.
CREATE TABLE event_writers (
    writer bigint      NOT NULL PRIMARY KEY,
    last   bigint      NOT NULL,
    at     timestamptz NOT NULL DEFAULT now()
);
