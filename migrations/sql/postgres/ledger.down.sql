drop table if exists {table:migration};
