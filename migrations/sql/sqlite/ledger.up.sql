-- Which migrations were applied.
create table if not exists {table:migration} (
    version integer not null primary key,
    name text not null,
    applied integer not null
) strict;
