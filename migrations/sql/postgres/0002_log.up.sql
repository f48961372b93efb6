-- The log of what is to be invalidated: one row for each statement on a watched table, written by its
-- trigger inside the writer's own transaction, and one for each tag that a writer notes itself, with no
-- schema. Only inserted and deleted, without an index and a sequence: writers never wait for each other,
-- and `lastval()` stays the application's. Always logged: it is the outbox, and a crash must not empty it.
create table if not exists {table:log} (
    schema_name text not null,
    table_name text not null,
    at int8 not null default (extract(epoch from clock_timestamp()) * 1000)::int8
) with (autovacuum_vacuum_scale_factor = 0.05);
-- Its rows are deleted, also where a publication is for all tables.
alter table {table:log} replica identity full;

-- The same in the order in which it was committed, numbered without gaps by one relay at a time.
create table if not exists {table:feed} (
    seq int8 primary key,
    schema_name text not null,
    table_name text not null,
    at int8 not null,
    fed int8 not null
) with (autovacuum_vacuum_scale_factor = 0.05);

-- How far the feed is: the row without a name has its last number, the others what one cache has
-- invalidated, and which relay does it until when. Numbers begin with the time: those of tables that
-- were made anew do not follow what somebody has read of the former ones.
create table if not exists {table:mark} (
    name text primary key,
    seq int8 not null,
    holder text not null default '',
    until int8 not null default 0
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
insert into {table:mark} (name, seq)
values ('', (extract(epoch from clock_timestamp()) * 1000)::int8) on conflict do nothing;

-- What the triggers call, with the rights of whoever created it: writers need none on the log. The
-- log is named with its schema, whatever the search path of the writer is.
do $dogpile$ begin
    execute format(
        $text$
        create or replace function {table:note}() returns trigger language plpgsql
        security definer set search_path = pg_catalog, pg_temp as $body$
        begin
            insert into %s (schema_name, table_name)
            values (coalesce(tg_argv[0], tg_table_schema), coalesce(tg_argv[1], tg_table_name));
            return null;
        end $body$
        $text$,
        (
            select format('%I.%I', n.nspname, c.relname)
            from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where c.oid = to_regclass('{table:log}')
        )
    );
end $dogpile$;
