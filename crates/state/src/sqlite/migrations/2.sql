-- One row: tells this state from any other, wherever its file is.
CREATE TABLE identity (
    id TEXT NOT NULL CHECK (length(id) = 32)
) STRICT;
INSERT INTO identity (id) VALUES (lower(hex(randomblob(16))));
