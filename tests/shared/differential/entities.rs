//! The tables as entities of sea-orm, read and written through its adapter.

use dogpile::{Region, Stats, millis, secs};
use dogpile_sea_orm::{CachedConnection, CachedSelect, CachedTransaction, Mode, SelectCacheExt};
use dogpile_sqlx::VerifyCounts;
use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectOptions, ConnectionTrait, Database, DatabaseConnection,
    DbBackend, DbErr, FromQueryResult, JsonValue, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Schema, Statement, TransactionTrait,
};

use super::client::{Client, Done, Known, Outcome, Triple};
use super::plan::{Change, Form, LEAP, Read, Select, TABLES, Way, Write};
use super::tables::{Table, of_table};
use super::worker::Assignment;

/// One process's way to the database through entities. What only the test sees, and what goes past the
/// adapter, is another client's.
#[derive(Debug)]
pub(super) struct Entities<C> {
    plain: C,
    db: CachedConnection,
    /// The same database, and no cache.
    truth: DatabaseConnection,
}

/// A row of any query, by the places of its columns.
#[derive(Debug, Clone)]
pub(super) struct Placed(Triple);

impl FromQueryResult for Placed {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let name = row.try_get_by_index(2)?;
        Ok(Self((row.try_get_by_index(0)?, row.try_get_by_index(1)?, name)))
    }
}

impl From<Placed> for Triple {
    fn from(row: Placed) -> Self {
        row.0
    }
}

/// Options that must not change what is read.
fn dressed<Q>(select: CachedSelect<Q>, options: u32) -> CachedSelect<Q> {
    match options % 16 {
        0 => select.scope("one"),
        1 => select.tag("pages"),
        2 => select.none_ttl(secs(60)),
        3 => select.ttl(millis(200)),
        4 => select.mode(Mode::Refresh),
        5 => select.mode(Mode::ReadOnly),
        6 => select.key("page"),
        7 => select.ttl(secs(600)).stale_for(secs(600)),
        _ => select,
    }
}

fn no_row() -> DbErr {
    DbErr::RecordNotFound(String::from("no row"))
}

/// A query without parameters but its own, for this database.
fn statement(backend: DbBackend, read: &Read) -> Statement {
    let sql = match backend {
        DbBackend::MySql => read.sql.replace("$1", "?"),
        _ => read.sql.clone(),
    };
    Statement::from_sql_and_values(backend, sql, [read.bind.into()])
}

/// The select of a read, whatever type it has.
macro_rules! select_of {
    ($entity:ty, $backend:expr, $read:expr, $select:ident => $do:expr) => {{
        let (read, id) = ($read, <$entity>::ID);
        match read.select {
            Select::Above => {
                let $select = <$entity>::find().filter(id.gt(read.bind - 100)).order_by_asc(id);
                $do
            }
            Select::Few => {
                let $select = <$entity>::find().filter(id.is_in([0, read.bind])).order_by_asc(id);
                $do
            }
            Select::Row => {
                let $select = <$entity>::find_by_id(read.bind);
                $do
            }
            Select::Other => {
                let $select = Placed::find_by_statement(statement($backend, read));
                $do
            }
        }
    }};
}

fn rows<M: Into<Triple>>(models: impl IntoIterator<Item = M>) -> Vec<Triple> {
    models.into_iter().map(Into::into).collect()
}

/// The rows of a read that bypasses the cache.
async fn direct<E: Table>(db: &DatabaseConnection, read: &Read) -> Result<Vec<Triple>, DbErr> {
    select_of!(E, db.get_database_backend(), read, select => match read.form {
        Form::First => select.one(db).await.map(rows),
        Form::One => select.one(db).await?.ok_or_else(no_row).map(|row| rows([row])),
        _ => select.all(db).await.map(rows),
    })
}

/// The same, cached: as models or as cells, marked or plain, in a transaction of its own.
async fn cached<E: Table>(
    db: &CachedConnection,
    read: &Read,
    options: u32,
) -> Result<Vec<Triple>, DbErr> {
    select_of!(E, db.get_database_backend(), read, select => match read.form {
        Form::First => dressed(select.cached(), options).one(db).await.map(rows),
        Form::One => {
            let one = dressed(select.cached(), options).one_shared(db).await?.into_owned();
            one.ok_or_else(no_row).map(|row| rows([row]))
        }
        Form::Shared => {
            let all = dressed(select.cached(), options).all_shared(db).await?;
            Ok(rows(all.into_owned()))
        }
        Form::Stream => {
            let models: Vec<_> = select.stream(db).await?.try_collect().await?;
            Ok(rows(models))
        }
        Form::Detached => select.all(&db.cached().ttl(secs(60))).await.map(rows),
        Form::TagsOfRows => select.cached().all(&db.explicit()).await.map(rows),
        Form::Connection => {
            let tx = db.begin().await?;
            let all = select.cached().all(&tx).await;
            tx.commit().await?;
            all.map(rows)
        }
        Form::Typed => select.all(db).await.map(rows),
        _ => dressed(select.cached(), options).all(db).await.map(rows),
    })
}

/// The version of a table.
fn version<E: Table>() -> sea_orm::Selector<sea_orm::SelectGetableTuple<i64>> {
    E::find_by_id(0).select_only().column(E::VERSION).into_tuple()
}

/// Rows as they are, of whatever columns there are.
async fn cells(db: &impl ConnectionTrait, read: &Read) -> Result<String, DbErr> {
    let rows = db.query_all_raw(statement(db.get_database_backend(), read)).await?;
    let rows = rows.iter().map(|row| JsonValue::from_query_result(row, ""));
    Ok(format!("{:?}", rows.collect::<Result<Vec<_>, _>>()?))
}

/// Changes rows of a table; returns its version.
async fn change<E: Table>(tx: &CachedTransaction, write: &Write, name: &str) -> Result<i64, DbErr> {
    let count = Expr::col(E::VERSION).add(1);
    E::update_many().col_expr(E::VERSION, count).filter(E::ID.eq(0)).exec(tx).await?;
    let mut now = version::<E>().cached().one(tx).await?.ok_or_else(no_row)?;
    match write.change {
        Change::Update => put::<E>(tx, write, now).await?,
        Change::Delete => drop(E::delete_by_id(write.row).exec(tx).await?),
        Change::Insert => {
            E::delete_by_id(write.row).exec(tx).await?;
            E::model(write.row, now, write.name.clone()).insert(tx).await?;
        }
        Change::Savepoint(kept) => {
            let inner = tx.begin().await?;
            put::<E>(&inner, write, now).await?;
            match kept {
                true => inner.commit().await?,
                false => inner.rollback().await?,
            }
        }
        Change::Refill => {
            now += LEAP;
            E::delete_many().exec(tx).await?;
            fill::<E>(tx, now).await?;
        }
        Change::Recreate => {
            tx.execute_unprepared(&format!("DROP TABLE {name}")).await?;
            let schema = Schema::new(tx.get_database_backend());
            tx.execute(&schema.create_table_from_entity(E::default())).await?;
            fill::<E>(tx, now).await?;
        }
        Change::AddColumn => {
            let extra = format!("extra BIGINT DEFAULT {}", write.row);
            tx.execute_unprepared(&format!("ALTER TABLE {name} ADD COLUMN {extra}")).await?;
        }
        Change::DropColumn => {
            tx.execute_unprepared(&format!("ALTER TABLE {name} DROP COLUMN extra")).await?;
        }
        Change::Swap => {}
    }
    Ok(now)
}

/// Writes a row if it is there.
async fn put<E: Table>(tx: &CachedTransaction, write: &Write, version: i64) -> Result<(), DbErr> {
    if E::find_by_id(write.row).one(tx).await?.is_some() {
        E::model(write.row, version, write.name.clone()).update(tx).await?;
    }
    Ok(())
}

async fn fill<E: Table>(tx: &CachedTransaction, version: i64) -> Result<(), DbErr> {
    let rows = [0, 1, 2, 3, 4].map(|id| E::model(id, version, Some(format!("row {id}"))));
    E::insert_many(rows).exec(tx).await.map(drop)
}

/// Whether a cached read in the transaction sees what the transaction sees.
async fn look<E: Table>(tx: &CachedTransaction) -> Result<Option<String>, DbErr> {
    let read = || E::find().order_by_asc(E::ID);
    let direct = rows(read().uncached().all(tx).await?);
    let cached = rows(read().cached().all(tx).await?);
    Ok((cached != direct).then(|| format!("cached {cached:?}, direct {direct:?}")))
}

/// A write of one statement; returns the version of the table.
async fn statement_of<E: Table>(db: &CachedConnection, write: &Write) -> Result<i64, DbErr> {
    let update = E::update_many()
        .col_expr(E::VERSION, Expr::col(E::VERSION).add(1))
        .col_expr(E::NAME, Expr::value(write.name.clone()))
        .filter(E::ID.is_in([0, write.row]));
    let rows = rows(update.exec_with_returning(db).await?);
    rows.iter().find(|row| row.0 == 0).map(|row| row.1).ok_or_else(no_row)
}

/// What was two tables has each other's name.
async fn swap(tx: &CachedTransaction, (a, b): (&str, &str), version: i64) -> Result<(), DbErr> {
    for (from, to) in [(a, "nobody"), (b, a), ("nobody", b)] {
        tx.execute_unprepared(&format!("ALTER TABLE {from} RENAME TO {to}")).await?;
    }
    for table in [a, b] {
        let count = format!("UPDATE {table} SET version = {version} WHERE id = 0");
        tx.execute_unprepared(&count).await?;
    }
    Ok(())
}

async fn transaction(db: &CachedConnection, write: &Write) -> Result<Done, DbErr> {
    let tx = db.begin().await?;
    let (mut versions, mut wrong) = (Vec::new(), None);
    for table in &write.tables {
        let now = of_table!(*table, E => change::<E>(&tx, write, TABLES[*table]).await)?;
        versions.push((*table, now));
    }
    if write.change == Change::Swap {
        let newest = versions.iter().map(|(_, version)| *version).max().unwrap() + 1;
        swap(&tx, (TABLES[write.tables[0]], TABLES[write.tables[1]]), newest).await?;
        versions.iter_mut().for_each(|(_, version)| *version = newest);
    }
    if !write.change.is_ddl() {
        wrong = of_table!(write.tables[0], E => look::<E>(&tx).await)?;
    }
    match write.way {
        Way::Rollback => tx.rollback().await?,
        Way::Drop => drop(tx),
        _ => {
            tx.commit().await?;
            return Ok((versions, wrong));
        }
    }
    Ok((Vec::new(), wrong))
}

impl<C: Client> Client for Entities<C> {
    const VERIFIES: bool = false;

    async fn create(url: &str) {
        C::create(url).await;
    }

    async fn open(assignment: &Assignment, region: Region) -> Self {
        let mut options = ConnectOptions::new(&assignment.database);
        options.max_connections(6).acquire_timeout(secs(30)).sqlx_logging(false);
        // A prepared `SELECT *` fails for good in PostgreSQL when a column comes or goes.
        options.map_sqlx_postgres_opts(|options| options.statement_cache_capacity(0));
        let inner = Database::connect(options.clone()).await.unwrap();
        let db = CachedConnection::new(inner, region.clone()).unwrap();
        let truth = Database::connect(options).await.unwrap();
        Self { plain: C::open(assignment, region).await, db, truth }
    }

    async fn acknowledged(&self) -> Vec<Known> {
        self.plain.acknowledged().await
    }

    async fn committed(&self, table: usize) -> Option<i64> {
        self.plain.committed(table).await
    }

    async fn direct(&self, read: &Read) -> Outcome {
        of_table!(read.tables[0], E => match read.form {
            Form::Scalar => {
                let version = version::<E>().one(&self.truth).await;
                Outcome::of_version(version.and_then(|version| version.ok_or_else(no_row)))
            }
            Form::Cells => Outcome::of(cells(&self.truth, read).await, None),
            _ => Outcome::new(read, direct::<E>(&self.truth, read).await),
        })
    }

    async fn cached(&self, read: &Read, options: u32) -> Outcome {
        of_table!(read.tables[0], E => match read.form {
            Form::Scalar => {
                let version = dressed(version::<E>().cached(), options).one(&self.db).await;
                Outcome::of_version(version.and_then(|version| version.ok_or_else(no_row)))
            }
            Form::Cells => Outcome::of(cells(&self.db, read).await, None),
            _ => Outcome::new(read, cached::<E>(&self.db, read, options).await),
        })
    }

    fn feasible(&self, write: Write) -> Write {
        self.plain.feasible(write)
    }

    async fn apply(&self, write: &Write) -> Result<Done, String> {
        let done = match write.way {
            Way::Outside | Way::Around => return self.plain.apply(write).await,
            Way::ByHand(around) => return self.by_hand(write, around).await,
            Way::Statement => {
                let table = write.tables[0];
                let version = of_table!(table, E => statement_of::<E>(&self.db, write).await);
                version.map(|version| (vec![(table, version)], None))
            }
            _ => transaction(&self.db, write).await,
        };
        done.map_err(|error| error.to_string())
    }

    async fn note(&self, sql: String) {
        self.plain.note(sql).await;
    }

    fn stats(&self) -> Stats {
        self.db.region().stats()
    }

    async fn verified(&self) -> VerifyCounts {
        VerifyCounts::default()
    }
}

impl<C: Client> Entities<C> {
    async fn by_hand(&self, write: &Write, around: bool) -> Result<Done, String> {
        let versions = match around {
            true => self.plain.apply(&Write { way: Way::Around, ..write.clone() }).await?.0,
            false => {
                let commit = Write { way: Way::Commit, ..write.clone() };
                let done = transaction(&self.db.without_invalidation(), &commit).await;
                done.map_err(|error| error.to_string())?.0
            }
        };
        let tables = write.tables.iter().map(|table| TABLES[*table]);
        self.db.invalidate_tables(tables).await.unwrap();
        Ok((versions, None))
    }
}
