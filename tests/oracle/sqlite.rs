//! What SQLite says, through its authorizer: it is asked about every access while a statement is
//! compiled, before anything is optimised away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use dogpile_query::{Analyzer, Dialect, TableName};
use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};

use crate::account::{Account, Touched};
use crate::corpus::Statement;
use crate::verdict::Judged;

pub(crate) fn judge(schema: &str, statements: &[Statement]) -> Vec<Judged> {
    let oracle = Oracle::new(schema);
    let analyzer = Analyzer::new(Dialect::Sqlite);
    let judge = |statement: &Statement| {
        let account = oracle.account(&statement.sql);
        let mut account = account.unwrap_or_else(|error| panic!("{error}: {}", statement.sql));
        if statement.only_explained() {
            account.forget_writes();
        }
        Judged::new(statement.clone(), account, &analyzer.analyze(&statement.sql))
    };
    statements.iter().map(judge).collect()
}

/// A schema, and what its views touch.
pub(crate) struct Oracle {
    connection: Connection,
    /// Of each table, by its name, the views that read it.
    behind: BTreeMap<String, BTreeSet<TableName>>,
    views: BTreeSet<String>,
    /// The tables and views of the database `main`.
    main: BTreeSet<String>,
    /// The tables of the other databases.
    attached: BTreeSet<String>,
}

/// One question of SQLite's.
struct Access {
    writes: bool,
    /// None where a whole table is read under a name without one.
    database: Option<String>,
    table: String,
    /// The innermost view, trigger or CTE through which the table is touched.
    through: Option<String>,
}

impl Oracle {
    pub(crate) fn new(schema: &str) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(schema).unwrap();
        let list = |filter: &str| names(&connection, filter);
        let mut oracle = Self {
            behind: BTreeMap::new(),
            views: list("schema = 'main' AND type = 'view'"),
            main: list("schema = 'main'"),
            attached: list("schema <> 'main'"),
            connection,
        };
        for view in &oracle.views {
            for access in oracle.accesses(&format!("SELECT * FROM {view}")).unwrap() {
                let behind = oracle.behind.entry(access.table).or_default();
                behind.insert(TableName::new(None, view));
            }
        }
        oracle
    }

    /// What a statement touches, or SQLite's complaint about it.
    pub(crate) fn account(&self, sql: &str) -> rusqlite::Result<Account> {
        let mut account = Account::default();
        for access in self.accesses(sql)? {
            if access.table.starts_with("sqlite_") || access.table.starts_with("pragma_") {
                account.catalog |= !access.writes;
                continue;
            }
            // A CTE, or a function in FROM.
            if !access.writes
                && !self.main.contains(&access.table)
                && !self.attached.contains(&access.table)
            {
                continue;
            }
            let side = if access.writes { &mut account.writes } else { &mut account.reads };
            side.insert(self.touched(&access));
        }
        Ok(account)
    }

    fn touched(&self, access: &Access) -> Touched {
        let Access { database, table, through, .. } = access;
        let mut covered_by = BTreeSet::new();
        let other = database.as_deref().filter(|database| *database != "main");
        covered_by.extend(other.map(|database| TableName::new(Some(database), table)));
        // A name without a database is looked for in all of them, in `main` first.
        if other.is_none() || !self.main.contains(table) {
            covered_by.insert(TableName::new(None, table));
        }
        if through.as_ref().is_some_and(|through| self.views.contains(through)) {
            covered_by.extend(self.behind.get(table).into_iter().flatten().cloned());
        }
        Touched { name: format!("{}.{table}", other.unwrap_or("main")), covered_by }
    }

    fn accesses(&self, sql: &str) -> rusqlite::Result<Vec<Access>> {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&seen);
        let hook = move |context: AuthContext<'_>| {
            log.lock().unwrap_or_else(PoisonError::into_inner).extend(access(&context));
            Authorization::Allow
        };
        self.connection.authorizer(Some(hook))?;
        let compiled = self.connection.prepare(sql).map(drop);
        self.connection.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
        compiled?;
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut *seen))
    }
}

fn names(connection: &Connection, filter: &str) -> BTreeSet<String> {
    let sql = format!("SELECT lower(name) FROM pragma_table_list WHERE {filter}");
    let mut query = connection.prepare(&sql).unwrap();
    query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn access(context: &AuthContext<'_>) -> Option<Access> {
    let (writes, table) = match context.action {
        AuthAction::Read { table_name, .. } => (false, table_name),
        // Where else the database is said, it is the column.
        AuthAction::AlterTable { database_name, table_name } => {
            return Some(Access {
                writes: true,
                database: Some(database_name.to_ascii_lowercase()),
                table: table_name.to_ascii_lowercase(),
                through: None,
            });
        }
        AuthAction::Insert { table_name }
        | AuthAction::Update { table_name, .. }
        | AuthAction::Delete { table_name }
        | AuthAction::CreateTable { table_name }
        | AuthAction::CreateTempTable { table_name }
        | AuthAction::CreateVtable { table_name, .. }
        | AuthAction::DropVtable { table_name, .. }
        | AuthAction::CreateIndex { table_name, .. }
        | AuthAction::DropTable { table_name }
        | AuthAction::DropTempTable { table_name } => (true, table_name),
        _ => return None,
    };
    Some(Access {
        writes,
        database: context.database_name.map(str::to_ascii_lowercase),
        table: table.to_ascii_lowercase(),
        through: context.accessor.map(str::to_ascii_lowercase),
    })
}
