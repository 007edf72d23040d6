CREATE TABLE askscwru.tokens (
    name text PRIMARY KEY,
    -- Of the token, in hexadecimal: what is kept lets nobody in.
    sha256 text NOT NULL,
    created_at timestamptz NOT NULL
);
