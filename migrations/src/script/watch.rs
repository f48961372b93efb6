//! The triggers of watched tables.
//!
//! Whoever watches a table writes it to the log as well: what was read before the triggers were there
//! may be old.

use super::plan::Plan;
use crate::Dialect;
use crate::watched::Watched;

/// The events of triggers that are for each row, and a letter for each.
const EVENTS: [(&str, &str); 3] = [("i", "insert"), ("u", "update"), ("d", "delete")];

impl Plan<'_> {
    /// Has writes to a table noted. Does nothing where they are.
    pub(crate) fn watch(self, table: &Watched) -> String {
        match self.dialect {
            Dialect::Postgres => self.watch_postgres(table),
            Dialect::MySql => self.watch_mysql(table),
            Dialect::Sqlite => self.watch_sqlite(table),
        }
    }

    /// Takes that back, for the `triggers` that were found. Does nothing where writes are not noted.
    pub(crate) fn unwatch(self, table: &Watched, triggers: &[(String, String)]) -> String {
        let quote = |name: &str| crate::names::quote(self.dialect, name);
        let name = |(schema, name): &(String, String)| match schema.as_str() {
            "" => self.schema_before() + &quote(name),
            schema => quote(schema) + "." + &quote(name),
        };
        let drop = |trigger| format!("drop trigger if exists {};", name(trigger));
        match self.dialect {
            Dialect::Postgres => self.unwatch_postgres(table),
            Dialect::MySql | Dialect::Sqlite => triggers.iter().map(drop).collect(),
        }
    }

    /// Asks for the triggers of a table: schema and name. They are not told by the name of the table,
    /// because it may have had another one. `None` where [`unwatch`](Self::unwatch) finds them itself.
    pub(crate) fn triggers(self, table: &Watched) -> Option<String> {
        let (first, name) = (self.names().bare("watch_"), &table.table);
        match self.dialect {
            Dialect::Postgres => None,
            Dialect::MySql => Some(format!(
                "select cast(trigger_schema as char(64)), cast(trigger_name as char(64)) \
                 from information_schema.triggers where trigger_name like '{}%' \
                 and locate('{}', action_statement) > 0 \
                 and event_object_schema = {} and event_object_table = '{name}'",
                first.replace('_', "\\_"),
                self.table("log"),
                database_of(table)
            )),
            Dialect::Sqlite => Some(format!(
                "select '', name from {}sqlite_master where type = 'trigger' \
                 and substr(name, 1, {}) = '{first}' and tbl_name = '{name}' collate nocase",
                self.schema_before(),
                first.len()
            )),
        }
    }

    /// Asks for watched tables: schema and name. Needs the tables of the log.
    pub(crate) fn watched(self) -> String {
        let first = self.names().bare("watch_i_");
        let here = match self.names().schema {
            Some(_) => "",
            None => "and event_object_schema = database()",
        };
        match self.dialect {
            Dialect::Postgres => format!(
                "select distinct n.nspname::text, c.relname::text from pg_catalog.pg_trigger t \
                 join pg_catalog.pg_class c on c.oid = t.tgrelid \
                 join pg_catalog.pg_namespace n on n.oid = c.relnamespace \
                 where t.tgnargs = 0 and t.tgfoid = to_regproc('{}') order by 1, 2",
                self.table("note")
            ),
            Dialect::MySql => format!(
                "select distinct cast(event_object_schema as char(64)), \
                 cast(event_object_table as char(64)) \
                 from information_schema.triggers where trigger_name like '{}%' \
                 and locate('{}', action_statement) > 0 {here} order by 1, 2",
                first.replace('_', "\\_"),
                self.table("log")
            ),
            Dialect::Sqlite => format!(
                "select distinct '', tbl_name from {}sqlite_master where type = 'trigger' \
                 and substr(name, 1, {}) = '{first}' order by 2",
                self.schema_before(),
                first.len()
            ),
        }
    }

    fn watch_postgres(self, table: &Watched) -> String {
        let (root, note, log) = (table.quoted(self.dialect), self.table("note"), self.table("log"));
        let trigger = self.names().bare("watch");
        // Writes that name a partition fire the triggers of that partition alone.
        format!(
            "do $dogpile$
             declare
                 root regclass := '{root}'::regclass;
                 root_schema text; root_name text; part regclass; trigger_name text;
             begin
                 select n.nspname, c.relname into root_schema, root_name
                 from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
                 where c.oid = root;
                 for part in
                     with recursive parts (id) as (
                         select root::oid
                         union
                         select i.inhrelid from pg_catalog.pg_inherits i
                         join parts p on i.inhparent = p.id
                     ) select id from parts
                 loop
                     trigger_name := '{trigger}' || case when part = root then '' else '_' || root::oid end;
                     if not exists (
                         select from pg_catalog.pg_trigger where tgrelid = part and tgname = trigger_name
                     ) then
                         execute format(
                             'create trigger %I after insert or update or delete or truncate on %s '
                             'for each statement execute function {note}(%s)',
                             trigger_name, part,
                             case when part = root then ''
                             else format('%L, %L', root_schema, root_name) end
                         );
                     end if;
                 end loop;
                 insert into {log} (schema_name, table_name) values (root_schema, root_name);
             end $dogpile$"
        )
    }

    fn unwatch_postgres(self, table: &Watched) -> String {
        let root = table.quoted(self.dialect);
        let trigger = self.names().bare("watch");
        format!(
            "do $dogpile$
             declare root regclass := '{root}'::regclass; found record;
             begin
                 for found in
                     select tgrelid::regclass as part, tgname from pg_catalog.pg_trigger
                     where tgname = '{trigger}_' || root::oid
                     or (tgrelid = root and tgname = '{trigger}')
                 loop
                     execute format('drop trigger %I on %s', found.tgname, found.part);
                 end loop;
             end $dogpile$"
        )
    }

    fn watch_mysql(self, table: &Watched) -> String {
        let (on, log) = (table.quoted(self.dialect), self.table("log"));
        let schema = database_of(table);
        let row = format!("({schema}, '{}', {})", table.table, self.dialect.now());
        let insert = format!("insert into {log} (schema_name, table_name, at) values {row}");
        let trigger = |(letter, event)| {
            let name = self.of(table, letter);
            format!(
                "create trigger if not exists {name} after {event} on {on} for each row {insert};\n"
            )
        };
        EVENTS.map(trigger).concat() + &insert
    }

    fn watch_sqlite(self, table: &Watched) -> String {
        let (name, log) = (&table.table, self.names().quoted(self.dialect, "log"));
        let insert = format!(
            "insert into {{}} (table_name, at) select '{name}', {} \
             where not exists \
             (select 1 from {{}} where schema_name = 'main' and table_name = '{name}');",
            self.dialect.now()
        );
        let on = table.quoted(self.dialect);
        // Within a trigger names have no schema: they are of the file that it is in.
        let inside = insert.replace("{}", &log);
        let trigger = |(letter, event)| {
            let trigger = self.of(table, letter);
            let on = on.rsplit('.').next().unwrap_or(&on);
            format!(
                "create trigger if not exists {trigger} after {event} on {on} begin {inside} end;\n"
            )
        };
        EVENTS.map(trigger).concat() + &insert.replace("{}", &self.table("log"))
    }

    /// The quoted name of a trigger for each row, in the schema of its table.
    fn of(self, table: &Watched, letter: &str) -> String {
        let name = format!("watch_{letter}_{}", table.digest());
        let quoted = self.names().quoted(self.dialect, &name);
        match self.dialect {
            Dialect::Sqlite => self.schema_before() + &quoted,
            _ => match &table.schema {
                Some(schema) => format!("{0}{schema}{0}.{quoted}", self.dialect.quote()),
                None => quoted,
            },
        }
    }

    fn table(self, name: &str) -> String {
        self.names().table(self.dialect, name)
    }

    fn schema_before(self) -> String {
        let schema = self.names().schema.as_ref();
        schema.map_or_else(String::new, |schema| format!("\"{schema}\"."))
    }
}

/// The database of a table in MySQL, as an expression.
fn database_of(table: &Watched) -> String {
    match &table.schema {
        Some(schema) => format!("'{schema}'"),
        None => String::from("database()"),
    }
}
