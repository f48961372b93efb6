-- Entries: one row each. With a row id, because rows are large.
create table if not exists {table:entry} (
    name blob not null primary key,
    bytes blob not null,
    ends integer not null
) strict;

-- Registers of tags. A version is the two halves; `writers` is empty, or 24 bytes for each writer:
-- 16 of its name, 8 of the time when it ends. `tainted` is when the last of them ends, 0 if none.
create table if not exists {table:register} (
    name blob not null primary key,
    high integer not null,
    low integer not null,
    writers blob not null default x'',
    ends integer not null,
    tainted integer not null default 0
) strict, without rowid;

-- Bumps inside transactions of the application, not yet folded into their register. Only inserted
-- and deleted. The key is the whole row: one tree, and a read that touches nothing else.
create table if not exists {table:token} (
    name blob not null,
    high integer not null,
    low integer not null,
    primary key (name, high, low)
) strict, without rowid;

-- Leases: SQLite has no locks of names.
create table if not exists {table:lease} (
    name blob not null primary key,
    owner blob not null,
    ends integer not null
) strict, without rowid;
