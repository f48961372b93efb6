-- Which migrations were applied.
create table if not exists {table:migration} (
    version bigint not null primary key,
    name varchar(64) character set ascii not null,
    applied bigint not null
) engine = InnoDB row_format = dynamic;
