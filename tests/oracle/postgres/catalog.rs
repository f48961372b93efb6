//! What PostgreSQL's catalog knows of tables: their names, and what they are reached through.

use std::collections::{BTreeMap, BTreeSet};

use dogpile_query::TableName;
use sqlx::Row;
use sqlx::postgres::{PgConnection, PgRow};

use super::{Found, run};
use crate::account::{Account, Touched};

/// Each relation with what it can be reached through: itself, tables that it is a part of, and views.
const RELATIONS: &str = "
    WITH RECURSIVE edge AS (
        SELECT inhrelid AS low, inhparent AS high FROM pg_inherits
        UNION SELECT d.refobjid, r.ev_class FROM pg_depend d
            JOIN pg_rewrite r ON r.oid = d.objid AND d.classid = 'pg_rewrite'::regclass
            JOIN pg_class v ON v.oid = r.ev_class AND v.relkind IN ('v', 'm')
            WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid <> r.ev_class
    ), reached AS (
        SELECT oid AS low, oid AS high FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'v', 'm', 'f')
        UNION SELECT reached.low, edge.high FROM reached JOIN edge ON edge.low = reached.high
    )
    SELECT low::text, n.nspname, c.relname, pg_table_is_visible(c.oid)::text, (low = high)::text
    FROM reached JOIN pg_class c ON c.oid = high JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE high >= 16384";

pub(super) const LOCKS: &str = "
    SELECT relation::text, mode IN ('AccessShareLock', 'RowShareLock') AS reads FROM pg_locks
    WHERE locktype = 'relation' AND pid = pg_backend_pid() AND relation >= 16384";

pub(super) const DEPENDENCIES: &str = "
    SELECT DISTINCT refobjid::text FROM pg_depend
    WHERE classid = 'pg_proc'::regclass AND objid = 'public.oracle'::regproc
        AND refclassid = 'pg_class'::regclass";

#[derive(Debug, Default, Clone)]
struct Relation {
    /// As it is called in plans. None of what the transaction at hand has dropped.
    own: (String, String),
    own_names: BTreeSet<TableName>,
    all_names: BTreeSet<TableName>,
}

/// The relations of a database, by their object identifiers.
#[derive(Debug, Default, Clone)]
pub(super) struct Catalog {
    relations: BTreeMap<String, Relation>,
}

impl Catalog {
    pub(super) async fn read(connection: &mut PgConnection) -> Found<Self> {
        let mut catalog = Self::default();
        for row in run(connection, RELATIONS).await? {
            catalog.add(&row)?;
        }
        Ok(catalog)
    }

    fn add(&mut self, row: &PgRow) -> Found<()> {
        let text = |at: usize| row.try_get_unchecked::<String, _>(at);
        let (schema, name) = (text(1)?, text(2)?);
        let mut names = BTreeSet::from([TableName::new(Some(&schema), &name)]);
        if text(3)? == "true" {
            names.insert(TableName::new(None, &name));
        }
        let relation = self.relations.entry(text(0)?).or_default();
        if text(4)? == "true" {
            relation.own = (schema, name);
            relation.own_names.extend(names.clone());
        }
        relation.all_names.extend(names);
        Ok(())
    }

    /// A relation of a plan, that may be there because of a view.
    pub(super) fn named(&self, schema: &str, name: &str) -> Touched {
        let own = (schema.to_owned(), name.to_owned());
        let relation = self.relations.values().find(|relation| relation.own == own);
        Touched {
            name: format!("{schema}.{name}"),
            covered_by: relation.map(|relation| relation.all_names.clone()).unwrap_or_default(),
        }
    }

    /// What the function `oracle` depends on: exactly what its body names.
    pub(super) fn depended_on(&self, rows: &[PgRow]) -> Found<Account> {
        let mut account = Account::default();
        for row in rows {
            let oid: String = row.try_get_unchecked(0)?;
            let relation = self.relations.get(&oid);
            account.reads.extend(relation.map(|relation| Touched {
                name: format!("{}.{} by name", relation.own.0, relation.own.1),
                covered_by: relation.own_names.clone(),
            }));
        }
        Ok(account)
    }

    /// What this transaction has locked. It may have made, renamed and dropped relations.
    pub(super) async fn locked(
        &self,
        connection: &mut PgConnection,
        locks: &[PgRow],
    ) -> Found<Account> {
        let mut held = Vec::new();
        for row in locks {
            let reads: String = row.try_get_unchecked(1)?;
            held.push((row.try_get_unchecked::<String, _>(0)?, reads == "t"));
        }
        // Only who writes can have made or renamed anything.
        let now = match held.iter().all(|(_, reads)| *reads) {
            true => Self::default(),
            false => Self::read(connection).await?,
        };
        let mut account = Account::default();
        for (oid, reads) in held {
            let known: Vec<_> =
                [self, &now].iter().filter_map(|catalog| catalog.relations.get(&oid)).collect();
            let Some(first) = known.first() else { continue };
            let table = Touched {
                name: format!("{}.{}", first.own.0, first.own.1),
                covered_by: known.iter().flat_map(|one| one.all_names.clone()).collect(),
            };
            let side = if reads { &mut account.reads } else { &mut account.writes };
            side.insert(table);
        }
        Ok(account)
    }
}
