-- Which migrations were applied. Always logged: a crash must not make the tables look new.
create table if not exists {table:migration} (
    version int8 primary key,
    name text not null,
    applied int8 not null
);
