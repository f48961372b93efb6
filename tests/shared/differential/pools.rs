//! A cached pool and what is beside it, in each database.

use dogpile::{Region, Stats, millis, secs};
use dogpile_migrations::Migrations;
use dogpile_sqlx::{
    CachedPool, CachedQuery, CachedTransaction, Mode, QueryCacheExt, Relay, Verify, VerifyCounts,
};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Error, Row, SqlSafeStr, SqlStr};

use super::client::{Client, Done, Known, Outcome, Triple};
use super::plan::{Change, Form, LEAP, Read, TABLES, WATCHED, Way, Write};
use super::worker::Assignment;
use crate::support::until;

/// All is compared, and after a mismatch the next one is to be found as well.
const VERIFY: Verify = Verify::share(1.0).threshold(0).at_once(64).settle(secs(2));

/// Options that must not change what is read.
fn dressed<Q, W>(query: CachedQuery<Q, W>, options: u32) -> CachedQuery<Q, W> {
    match options % 16 {
        0 => query.scope("one"),
        1 => query.tag("pages"),
        2 => query.none_ttl(secs(60)),
        3 => query.ttl(millis(200)),
        4 => query.mode(Mode::Refresh),
        5 => query.mode(Mode::ReadOnly),
        6 => query.key("page"),
        7 => query.ttl(secs(600)).stale_for(secs(600)),
        _ => query,
    }
}

macro_rules! client {
    (
        $client:ident, $database:ident, $pool:expr,
        mark: $mark:expr, returning: $returning:expr, atomic_ddl: $atomic:expr, empty: $empty:expr,
        first: $first:expr, columns: $columns:expr
    ) => {
        #[derive(Debug)]
        pub(super) struct $client {
            db: CachedPool<sqlx::$database>,
            /// A pool that knows nothing of the cache.
            outside: sqlx::Pool<sqlx::$database>,
            /// One of all processes' works.
            relay: Option<Relay>,
            /// Whether this process changes tables where that is not atomic.
            alters: bool,
        }

        impl $client {
            fn sql(text: impl Into<String>) -> SqlStr {
                let mut text = text.into();
                for number in 1..4 {
                    text = text.replace(&format!("${number}"), &$mark(number));
                }
                AssertSqlSafe(text).into_sql_str()
            }

            async fn run(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                sql: impl Into<String>,
            ) -> Result<(), Error> {
                sqlx::query(Self::sql(sql)).execute(&mut **tx).await.map(drop)
            }

            /// Counts the version of a table on, after which it is locked.
            async fn next(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                table: &str,
            ) -> Result<i64, Error> {
                let count = format!("UPDATE {table} SET version = version + 1 WHERE id = 0");
                Self::run(tx, count).await?;
                let version = Self::sql(format!("SELECT version FROM {table} WHERE id = 0"));
                sqlx::query_scalar(version).cached().fetch_one(&mut **tx).await
            }

            async fn put(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                table: &str,
                version: i64,
                write: &Write,
            ) -> Result<(), Error> {
                let update = format!("UPDATE {table} SET version = $1, name = $2 WHERE id = $3");
                let update = sqlx::query(Self::sql(update)).bind(version).bind(write.name.clone());
                update.bind(write.row).execute(&mut **tx).await.map(drop)
            }

            async fn fill(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                table: &str,
                version: i64,
            ) -> Result<(), Error> {
                let rows = [0, 1, 2, 3, 4].map(|id| format!("({id}, {version}, 'row {id}')"));
                let rows = rows.join(", ");
                Self::run(tx, format!("INSERT INTO {table} (id, version, name) VALUES {rows}"))
                    .await
            }

            /// Changes one table; returns its version.
            async fn change(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                write: &Write,
                table: &str,
            ) -> Result<i64, Error> {
                let mut version = Self::next(tx, table).await?;
                match write.change {
                    Change::Update => Self::put(tx, table, version, write).await?,
                    Change::Delete | Change::Insert => {
                        for sql in write.plainly(table, version) {
                            Self::run(tx, sql).await?;
                        }
                    }
                    Change::Savepoint(kept) => {
                        let mut inner = tx.begin().await?;
                        Self::put(&mut inner, table, version, write).await?;
                        if kept {
                            inner.commit().await?;
                        } else {
                            inner.rollback().await?;
                        }
                    }
                    Change::Refill => {
                        version += LEAP;
                        Self::run(tx, format!("{} {table}", $empty)).await?;
                        Self::fill(tx, table, version).await?;
                    }
                    Change::Recreate => {
                        Self::run(tx, format!("DROP TABLE {table}")).await?;
                        Self::run(tx, Self::definition(table)).await?;
                        Self::fill(tx, table, version).await?;
                    }
                    Change::AddColumn => {
                        let extra = format!("extra BIGINT DEFAULT {}", write.row);
                        Self::run(tx, format!("ALTER TABLE {table} ADD COLUMN {extra}")).await?;
                    }
                    Change::DropColumn => {
                        Self::run(tx, format!("ALTER TABLE {table} DROP COLUMN extra")).await?;
                    }
                    Change::Swap => {}
                }
                Ok(version)
            }

            /// What was two tables has each other's name.
            async fn swap(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                (a, b): (&str, &str),
                version: i64,
            ) -> Result<(), Error> {
                for (from, to) in [(a, "nobody"), (b, a), ("nobody", b)] {
                    Self::run(tx, format!("ALTER TABLE {from} RENAME TO {to}")).await?;
                }
                for table in [a, b] {
                    let count = format!("UPDATE {table} SET version = {version} WHERE id = 0");
                    Self::run(tx, count).await?;
                }
                Ok(())
            }

            /// Whether a cached read in the transaction sees what the transaction sees.
            async fn look(
                tx: &mut CachedTransaction<'_, sqlx::$database>,
                table: &str,
            ) -> Result<Option<String>, Error> {
                let read = format!("SELECT id, version, name FROM {table} ORDER BY id");
                let read = || sqlx::query_as::<_, Triple>(Self::sql(read.clone()));
                let direct = read().fetch_all(&mut **tx).await?;
                let cached = read().cached().fetch_all(&mut **tx).await?;
                Ok((cached != direct).then(|| format!("cached {cached:?}, direct {direct:?}")))
            }

            async fn transaction(
                &self,
                db: &CachedPool<sqlx::$database>,
                write: &Write,
            ) -> Result<Done, Error> {
                let mut tx = db.begin().await?;
                let (mut versions, mut wrong) = (Vec::new(), None);
                for table in &write.tables {
                    versions.push((*table, Self::change(&mut tx, write, TABLES[*table]).await?));
                }
                if write.change == Change::Swap {
                    let newest = versions.iter().map(|(_, version)| *version).max().unwrap() + 1;
                    let names = (TABLES[write.tables[0]], TABLES[write.tables[1]]);
                    Self::swap(&mut tx, names, newest).await?;
                    versions.iter_mut().for_each(|(_, version)| *version = newest);
                }
                if !write.change.is_ddl() {
                    wrong = Self::look(&mut tx, TABLES[write.tables[0]]).await?;
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

            /// A write of one statement; returns the version of the table.
            async fn statement(&self, write: &Write) -> Result<Vec<(usize, i64)>, Error> {
                let table = write.tables[0];
                let update = format!(
                    "UPDATE {} SET version = version + 1, name = $1 WHERE id = 0 OR id = $2
                     RETURNING id, version",
                    TABLES[table]
                );
                let update = sqlx::query_as::<_, (i64, i64)>(Self::sql(update));
                let update = update.bind(write.name.clone()).bind(write.row);
                let rows = update.fetch_all(&self.db).await?;
                let counted =
                    rows.into_iter().find(|(id, _)| *id == 0).ok_or(Error::RowNotFound)?;
                Ok(vec![(table, counted.1)])
            }

            /// Past the wrapper.
            async fn around(
                pool: &sqlx::Pool<sqlx::$database>,
                write: &Write,
            ) -> Result<Vec<(usize, i64)>, Error> {
                let (table, mut tx) = (write.tables[0], pool.begin().await?);
                let name = TABLES[table];
                let count = format!("UPDATE {name} SET version = version + 1 WHERE id = 0");
                sqlx::query(Self::sql(count)).execute(&mut *tx).await?;
                let version = Self::sql(format!("SELECT version FROM {name} WHERE id = 0"));
                let version: i64 = sqlx::query_scalar(version).fetch_one(&mut *tx).await?;
                for sql in write.plainly(name, version) {
                    sqlx::query(Self::sql(sql)).execute(&mut *tx).await?;
                }
                tx.commit().await?;
                Ok(vec![(table, version)])
            }

            /// By somebody who knows nothing of the cache; done when the relay has passed it on.
            async fn outside(&self, write: &Write) -> Result<Vec<(usize, i64)>, Error> {
                let versions = Self::around(&self.outside, write).await?;
                if self.relay.is_some() {
                    self.relayed().await;
                }
                Ok(versions)
            }

            /// Waits until all is invalidated that the log of the relay had, by the relay's own marks.
            async fn relayed(&self) {
                let fed = "SELECT seq FROM dogpile_mark WHERE name = '' \
                           AND NOT EXISTS (SELECT 1 FROM dogpile_log)";
                let mut end = None;
                until("all of the log is in the feed", async || {
                    end = self.number(fed).await;
                    end.is_some()
                })
                .await;
                let marked = format!(
                    "SELECT seq FROM dogpile_mark WHERE name = '{}'",
                    self.db.region().name()
                );
                until("it is invalidated", async || self.number(&marked).await >= end).await;
            }

            async fn number(&self, sql: &str) -> Option<i64> {
                let number = sqlx::query_scalar(Self::sql(sql));
                number.fetch_optional(&self.outside).await.unwrap()
            }

            async fn by_hand(
                &self,
                write: &Write,
                around: bool,
            ) -> Result<Vec<(usize, i64)>, Error> {
                let versions = match around {
                    true => Self::around(self.db.inner(), write).await?,
                    false => {
                        let commit = Write { way: Way::Commit, ..write.clone() };
                        self.transaction(&self.db.without_invalidation(), &commit).await?.0
                    }
                };
                let tables = write.tables.iter().map(|table| TABLES[*table]);
                self.db.invalidate_tables(tables).await.unwrap();
                Ok(versions)
            }

            fn definition(table: &str) -> String {
                format!(
                    "CREATE TABLE {table} (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, \
                     name VARCHAR(60))"
                )
            }
        }

        impl Client for $client {
            async fn create(url: &str) {
                let pool = $pool.max_connections(1).connect(url).await.unwrap();
                let mut script = Vec::from($first.map(String::from));
                script.push(String::from(
                    "CREATE TABLE known (id BIGINT PRIMARY KEY, version BIGINT, pending BIGINT)",
                ));
                for (number, table) in TABLES.iter().enumerate() {
                    script.push(format!("INSERT INTO known VALUES ({number}, 0, 0)"));
                    script.push(Self::definition(table));
                    script.push(format!(
                        "INSERT INTO {table} (id, version, name) VALUES (0, 0, NULL), (1, 0, 'one')"
                    ));
                }
                for statement in script {
                    sqlx::query(Self::sql(statement)).execute(&pool).await.unwrap();
                }
                let migrations = Migrations::new();
                migrations.up(&pool).await.unwrap();
                migrations.watch(&pool, TABLES[WATCHED]).await.unwrap();
                pool.close().await;
            }

            async fn open(assignment: &Assignment, region: Region) -> Self {
                let url = &*assignment.database;
                let pool = |most| $pool.max_connections(most).acquire_timeout(secs(30));
                let outside = pool(4).connect(url).await.unwrap();
                let relay = Relay::builder(&outside, &region).interval(millis(5));
                let relay = match assignment.relays() {
                    true => Some(relay.start().await.unwrap()),
                    false => None,
                };
                let mut db = CachedPool::connect(url, pool(6), region).await.unwrap();
                if assignment.verifies() {
                    db = db.verify(VERIFY);
                }
                Self { db, outside, relay, alters: assignment.is_first() }
            }

            async fn acknowledged(&self) -> Vec<Known> {
                let read = Self::sql("SELECT version, pending FROM known ORDER BY id");
                let rows: Vec<(i64, i64)> =
                    sqlx::query_as(read).fetch_all(self.db.inner()).await.unwrap();
                rows.into_iter().map(|(version, pending)| Known { version, pending }).collect()
            }

            async fn committed(&self, table: usize) -> Option<i64> {
                let read = Self::sql(format!("SELECT version FROM {} WHERE id = 0", TABLES[table]));
                sqlx::query_scalar(read).fetch_optional(self.db.inner()).await.ok().flatten()
            }

            async fn direct(&self, read: &Read) -> Outcome {
                let (pool, sql) = (self.db.inner(), Self::sql(&*read.sql));
                let triples = || sqlx::query_as::<_, Triple>(sql.clone()).bind(read.bind);
                let result = match read.form {
                    Form::Scalar => {
                        let query = sqlx::query_scalar::<_, i64>(sql).bind(read.bind);
                        return Outcome::of_version(query.fetch_one(pool).await);
                    }
                    Form::Cells => {
                        let query = sqlx::query(sql).bind(read.bind).persistent(false);
                        let rows = query.fetch_all(pool).await;
                        return Outcome::of(rows.map(|rows| format!("{:?}", cells(&rows))), None);
                    }
                    Form::First => {
                        let first = triples().fetch_optional(pool).await;
                        first.map(|row| row.into_iter().collect())
                    }
                    Form::One => triples().fetch_one(pool).await.map(|row| vec![row]),
                    _ => triples().fetch_all(pool).await,
                };
                Outcome::new(read, result)
            }

            async fn cached(&self, read: &Read, options: u32) -> Outcome {
                let (db, sql) = (&self.db, Self::sql(&*read.sql));
                let plain = || sqlx::query_as::<_, Triple>(sql.clone()).bind(read.bind);
                let triples = || dressed(plain().cached(), options);
                let result = match read.form {
                    Form::Scalar => {
                        let query = sqlx::query_scalar::<_, i64>(sql).bind(read.bind).cached();
                        return Outcome::of_version(dressed(query, options).fetch_one(db).await);
                    }
                    Form::Cells => {
                        let query = sqlx::query(sql).bind(read.bind).persistent(false).cached();
                        let rows = dressed(query, options).fetch_all_shared(db).await;
                        return Outcome::of(rows.map(|rows| format!("{:?}", cells(&rows))), None);
                    }
                    Form::First => {
                        let first = triples().fetch_optional(db).await;
                        first.map(|row| row.into_iter().collect())
                    }
                    Form::One => triples().fetch_one(db).await.map(|row| vec![row]),
                    Form::Stream => triples().fetch(db).try_collect().await,
                    Form::Typed => triples().typed().fetch_all(db).await,
                    Form::Detached => triples().detached().fetch_all(db).await,
                    Form::TagsOfRows => {
                        let tags = |rows: &[Triple]| {
                            rows.iter().map(|row| format!("id:{}", row.0)).collect::<Vec<_>>()
                        };
                        triples().tags_from(tags).fetch_all(db).await
                    }
                    Form::Connection => match db.acquire().await {
                        Ok(mut connection) => triples().fetch_all(&mut connection).await,
                        Err(error) => Err(error),
                    },
                    Form::Shared => {
                        triples().fetch_all_shared(db).await.map(|rows| (*rows).clone())
                    }
                    Form::All => triples().fetch_all(db).await,
                };
                Outcome::new(read, result)
            }

            fn feasible(&self, mut write: Write) -> Write {
                let atomic = $atomic;
                if !atomic && write.change.is_ddl() {
                    let half_done = matches!(write.change, Change::Swap | Change::Recreate);
                    if half_done || !self.alters {
                        (write.change, write.way) = (Change::Update, Way::Commit);
                    }
                }
                let columns = $columns;
                if !columns && matches!(write.change, Change::AddColumn | Change::DropColumn) {
                    write.change = Change::Refill;
                }
                match write.way {
                    Way::Statement if !$returning => write.way = Way::Commit,
                    Way::Statement | Way::Around | Way::ByHand(true) => write.tables.truncate(1),
                    _ => {}
                }
                write
            }

            async fn apply(&self, write: &Write) -> Result<Done, String> {
                let done = match write.way {
                    Way::Statement => self.statement(write).await.map(|done| (done, None)),
                    Way::Around => {
                        Self::around(self.db.inner(), write).await.map(|done| (done, None))
                    }
                    Way::Outside => self.outside(write).await.map(|done| (done, None)),
                    Way::ByHand(around) => {
                        self.by_hand(write, around).await.map(|done| (done, None))
                    }
                    _ => self.transaction(&self.db, write).await,
                };
                done.map_err(|error| error.to_string())
            }

            async fn note(&self, sql: String) {
                sqlx::query(Self::sql(sql)).execute(self.db.inner()).await.unwrap();
            }

            fn stats(&self) -> Stats {
                self.db.region().stats()
            }

            async fn verified(&self) -> VerifyCounts {
                self.db.verifications_ended().await;
                self.db.stats().verified
            }
        }
    };
}

/// The bytes of all cells as they came.
fn cells<R: Row>(rows: &[R]) -> Vec<Vec<Option<Vec<u8>>>>
where
    usize: sqlx::ColumnIndex<R>,
    for<'r> Option<Vec<u8>>: sqlx::Decode<'r, R::Database>,
    Option<Vec<u8>>: sqlx::Type<R::Database>,
{
    let row = |row: &R| (0..row.len()).map(|cell| row.try_get_unchecked(cell).unwrap()).collect();
    rows.iter().map(row).collect()
}

client! {
    PostgresClient, Postgres, sqlx::postgres::PgPoolOptions::new(),
    mark: |number| format!("${number}"), returning: true, atomic_ddl: true, empty: "TRUNCATE TABLE",
    first: [""; 0], columns: true
}

client! {
    MariaDbClient, MySql, sqlx::mysql::MySqlPoolOptions::new(),
    mark: |_| String::from("?"), returning: false, atomic_ddl: false, empty: "TRUNCATE TABLE",
    first: [""; 0], columns: true
}

client! {
    SqliteClient, Sqlite, sqlx::sqlite::SqlitePoolOptions::new(),
    mark: |number| format!("?{number}"), returning: true, atomic_ddl: true, empty: "DELETE FROM",
    // Where another connection takes a column away while a statement starts, the driver makes a row
    // with more columns than values, and panics when all are read.
    first: ["PRAGMA journal_mode = WAL"], columns: false
}
