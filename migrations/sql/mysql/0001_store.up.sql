-- Entries: one row each.
create table if not exists {table:entry} (
    name varbinary(255) not null primary key,
    bytes longblob not null,
    ends bigint not null
) engine = InnoDB row_format = dynamic;

-- Registers of tags. A version is the two halves; `writers` is empty, or 24 bytes for each writer:
-- 16 of its name, 8 of the time when it ends. `tainted` is when the last of them ends, 0 if none.
create table if not exists {table:register} (
    name varbinary(255) not null primary key,
    high bigint not null,
    low bigint not null,
    writers varbinary(6144) not null default '',
    ends bigint not null,
    tainted bigint not null default 0
) engine = InnoDB row_format = dynamic;

-- Bumps inside transactions of the application, not yet folded into their register. Only inserted
-- and deleted. The key is the whole row: one tree, a read that touches nothing else, and a delete
-- of known rows that locks no gap between them.
create table if not exists {table:token} (
    name varbinary(255) not null,
    high bigint not null,
    low bigint not null,
    primary key (name, high, low)
) engine = InnoDB row_format = dynamic;

-- Leases, for servers where named locks cannot be used.
create table if not exists {table:lease} (
    name varbinary(255) not null primary key,
    owner binary(16) not null,
    ends bigint not null
) engine = InnoDB row_format = dynamic;
