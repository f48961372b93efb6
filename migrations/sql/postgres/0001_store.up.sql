-- Entries: one row each. No index on `ends`, so that an update stays within its page (HOT); room in
-- the pages for that. Not compressed by the server: the codec and its layers do it where wanted.
create {unlogged}table if not exists {table:entry} (
    name bytea primary key,
    bytes bytea not null,
    ends int8 not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
alter table {table:entry} alter column bytes set storage external;

-- Registers of tags. A version is the two halves; `writers` is empty, or 24 bytes for each writer:
-- 16 of its name, 8 of the time when it ends. `tainted` is when the last of them ends, 0 if none.
create {unlogged}table if not exists {table:register} (
    name bytea primary key,
    high int8 not null,
    low int8 not null,
    writers bytea not null default '',
    ends int8 not null,
    tainted int8 not null default 0
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

-- Bumps inside transactions of the application, not yet folded into their register. Only inserted
-- and deleted, so that two writers never wait for each other.
create {unlogged}table if not exists {table:token} (
    name bytea not null,
    high int8 not null,
    low int8 not null
) with (autovacuum_vacuum_scale_factor = 0.05);
create index if not exists {name:token_name} on {table:token} (name) include (high, low);

-- Leases, for servers where advisory locks cannot be used.
create {unlogged}table if not exists {table:lease} (
    name bytea primary key,
    owner bytea not null,
    ends int8 not null
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);
