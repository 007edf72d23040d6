-- Not logged: after a crash every client has its full allowance again, and each request costs less.
CREATE UNLOGGED TABLE askscwru.rates (
    client text PRIMARY KEY,
    -- How many requests it may make at once, as of then.
    allowance double precision NOT NULL,
    since timestamptz NOT NULL,
    -- Whether the last one was let in.
    let_in boolean NOT NULL
);
CREATE INDEX rates_since ON askscwru.rates (since);
