-- Runs of `tandem import`, and what each has added, so that it can be taken back.
create table imports (
    id     uuid        primary key,
    at     timestamptz not null,
    -- Host and database, without a password.
    source text        not null
);

create table imported (
    import_id uuid not null references imports (id) on delete cascade,
    -- The id of a user. Removed with the account.
    account   text not null,
    kind      text not null check (kind in ('account', 'conversation', 'task')),
    -- The id of the conversation or task; for an account, the one of the run.
    item      uuid not null,
    primary key (import_id, account, kind, item)
);
create index imported_account on imported (account);
