-- The log of what is to be invalidated: one row for each row that a statement on a watched table
-- changed, written by its triggers inside the writer's own transaction, and one for each tag that a
-- writer notes itself, with no schema. Only inserted and deleted, so that writers never wait for each
-- other.
create table if not exists {table:log} (
    id bigint not null auto_increment primary key,
    schema_name varchar(64) character set utf8mb4 collate utf8mb4_bin not null,
    table_name varchar(1024) character set utf8mb4 collate utf8mb4_bin not null,
    at bigint not null
) engine = InnoDB row_format = dynamic;

-- The same in the order in which it was committed, numbered without gaps by one relay at a time.
create table if not exists {table:feed} (
    seq bigint not null primary key,
    schema_name varchar(64) character set utf8mb4 collate utf8mb4_bin not null,
    table_name varchar(1024) character set utf8mb4 collate utf8mb4_bin not null,
    at bigint not null,
    fed bigint not null
) engine = InnoDB row_format = dynamic;

-- How far the feed is: the row without a name has its last number, the others what one cache has
-- invalidated, and which relay does it until when. Numbers begin with the time: those of tables that
-- were made anew do not follow what somebody has read of the former ones.
create table if not exists {table:mark} (
    name varchar(128) character set ascii collate ascii_bin not null primary key,
    seq bigint not null,
    holder varchar(32) character set ascii not null default '',
    until bigint not null default 0
) engine = InnoDB row_format = dynamic;
insert ignore into {table:mark} (name, seq)
values ('', cast(unix_timestamp(now(3)) * 1000 as signed));
