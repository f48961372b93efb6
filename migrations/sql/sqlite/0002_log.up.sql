-- The log of what is to be invalidated: a row for each watched table that was written to, by its
-- triggers inside the writer's own transaction, and one for each tag that a writer notes itself, with no
-- schema. One is enough until it is read, because there is only one writer at a time.
create table if not exists {table:log} (
    schema_name text not null default 'main',
    table_name text not null,
    at integer not null,
    primary key (schema_name, table_name)
) strict, without rowid;

-- The same in the order in which it was committed, numbered without gaps by one relay at a time.
create table if not exists {table:feed} (
    seq integer not null primary key,
    schema_name text not null,
    table_name text not null,
    at integer not null,
    fed integer not null
) strict;

-- How far the feed is: the row without a name has its last number, the others what one cache has
-- invalidated, and which relay does it until when. Numbers begin with the time: those of tables that
-- were made anew do not follow what somebody has read of the former ones.
create table if not exists {table:mark} (
    name text not null primary key,
    seq integer not null,
    holder text not null default '',
    until integer not null default 0
) strict, without rowid;
insert into {table:mark} (name, seq)
values ('', cast(unixepoch('subsec') * 1000 as integer)) on conflict do nothing;
