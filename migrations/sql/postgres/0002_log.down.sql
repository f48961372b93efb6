-- With the triggers of all watched tables.
drop function if exists {table:note}() cascade;
drop table if exists {table:mark};
drop table if exists {table:feed};
drop table if exists {table:log};
