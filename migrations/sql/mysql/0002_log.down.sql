-- Tables that are watched must not be any more: their triggers write to the log.
drop table if exists {table:mark};
drop table if exists {table:feed};
drop table if exists {table:log};
