-- Which database this is: another one at the same address has another id.
CREATE TABLE askscwru.identity (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one)
);
INSERT INTO askscwru.identity DEFAULT VALUES;

CREATE TABLE askscwru.conversations (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id text UNIQUE NOT NULL,
    title text,
    -- The title in one case, to be found by.
    title_words text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    deleted_at timestamptz,
    -- How many turns there are: the next one has the number after it.
    turns integer NOT NULL DEFAULT 0,
    -- When its last turn was written, by a count and not by a clock.
    written bigint
);
CREATE SEQUENCE askscwru.writing;
CREATE INDEX conversations_written ON askscwru.conversations (written DESC NULLS LAST, number DESC);
CREATE INDEX conversations_beginning ON askscwru.conversations (lower(id) text_pattern_ops);

CREATE TABLE askscwru.turns (
    conversation bigint NOT NULL REFERENCES askscwru.conversations (number) ON DELETE CASCADE,
    number integer NOT NULL CHECK (number > 0),
    question text NOT NULL,
    words text NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (conversation, number)
);

CREATE TABLE askscwru.owners (
    conversation text PRIMARY KEY,
    owner text NOT NULL
);
CREATE INDEX owners_owner ON askscwru.owners (owner);
