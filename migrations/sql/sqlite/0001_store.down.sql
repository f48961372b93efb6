drop table if exists {table:lease};
drop table if exists {table:token};
drop table if exists {table:register};
drop table if exists {table:entry};
