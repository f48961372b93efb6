//! The same through entities of sea-orm and its adapter.
#![expect(clippy::future_not_send, reason = "all tasks of a process take turns on one thread")]

mod reads;
mod tables;
mod writes;

use dogpile::{Region, Stats, secs};
use dogpile_sea_orm::{CachedConnection, SelectCacheExt};
use dogpile_sqlx::VerifyCounts;
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::client::{Client, Done, Known, Outcome};
use super::plan::{Form, Read, TABLES, Way, Write};
use super::worker::Assignment;
use reads::{cached, cells, direct, dressed, there, version};
use tables::of_table;
use writes::{statement, transaction};

/// One process's way to the database through entities. What only the test sees, and what goes past the
/// adapter, is another client's.
#[derive(Debug)]
pub(super) struct Entities<C> {
    plain: C,
    db: CachedConnection,
    /// The same database, and no cache.
    truth: DatabaseConnection,
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
                Outcome::of_version(there(version))
            }
            Form::Cells => Outcome::of(cells(&self.truth, read).await, None),
            _ => Outcome::new(read, direct::<E>(&self.truth, read).await),
        })
    }

    async fn cached(&self, read: &Read, options: u32) -> Outcome {
        of_table!(read.tables[0], E => match read.form {
            Form::Scalar => {
                let version = dressed(version::<E>().cached(), options).one(&self.db).await;
                Outcome::of_version(there(version))
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
                let version = of_table!(table, E => statement::<E>(&self.db, write).await);
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
