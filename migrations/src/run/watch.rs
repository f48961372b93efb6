//! Watching tables.

use sqlx::Pool;

use super::database::{Database, Engine};
use super::look;
use crate::script::Plan;
use crate::{Dialect, Error, Migrations, Result, Watched};

impl Migrations {
    /// Has every write to a table of the application noted, whoever makes it: `table` or
    /// `schema.table`, as the catalog spells it. Does nothing where it is watched already, and must be
    /// called again after a table was created anew, renamed, or has got a partition.
    ///
    /// Triggers write to the log of these tables, inside of the writer's transaction; the relay of an
    /// adapter reads it. What they do not see: `TRUNCATE` and cascading foreign keys in MySQL and
    /// MariaDB, changes of the table itself, and what a server applies that is a replica.
    ///
    /// ```
    /// use dogpile_migrations::Migrations;
    /// use sqlx::SqlitePool;
    ///
    /// # tokio::runtime::Runtime::new()?.block_on(async {
    /// # let options = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1);
    /// let pool = SqlitePool::connect("sqlite::memory:").await?;
    /// # let pool = options.connect("sqlite::memory:").await?;
    /// sqlx::raw_sql("CREATE TABLE cake (id INTEGER PRIMARY KEY)").execute(&pool).await?;
    /// let migrations = Migrations::new();
    /// migrations.up(&pool).await?;
    /// migrations.watch(&pool, "cake").await?;
    /// assert_eq!(migrations.watched(&pool).await?[0].to_string(), "cake");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Setting`] for a name that cannot be used; [`Error::NotReady`] where the tables of dogpile
    /// are missing; [`Error::Database`], also where there is no such table.
    ///
    /// # Cancel safety
    ///
    /// The table is then watched or not; on MySQL a part of the triggers may be there. Call it again.
    pub async fn watch<D: Database>(&self, pool: &Pool<D>, table: &str) -> Result<()> {
        let (plan, table) = (self.plan(D::DIALECT)?, self.on(D::DIALECT, table)?);
        look(pool, plan).await?.check(plan)?;
        let mut connection = pool.acquire().await.map_err(Error::database("connect"))?;
        super::run::<D>(&mut connection, "watch the table", plan.watch(&table)).await
    }

    /// Takes the triggers of [`watch`](Self::watch) away. Does nothing where there are none.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]; [`Error::Database`].
    ///
    /// # Cancel safety
    ///
    /// As of [`watch`](Self::watch).
    pub async fn unwatch<D: Database>(&self, pool: &Pool<D>, table: &str) -> Result<()> {
        let (plan, table) = (self.plan(D::DIALECT)?, self.on(D::DIALECT, table)?);
        let mut connection = pool.acquire().await.map_err(Error::database("connect"))?;
        unwatch::<D>(&mut connection, plan, &table).await
    }

    /// The tables that are watched, in the order of their names. Only reads.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`]; [`Error::Database`].
    pub async fn watched<D: Database>(&self, pool: &Pool<D>) -> Result<Vec<Watched>> {
        let plan = self.plan(D::DIALECT)?;
        let mut connection = pool.acquire().await.map_err(Error::database("connect"))?;
        watched::<D>(&mut connection, plan).await
    }

    /// The quoted name of one of these tables, for adapters.
    ///
    /// # Errors
    ///
    /// [`Error::Setting`].
    #[doc(hidden)]
    pub fn table_name(&self, dialect: Dialect, name: &str) -> Result<String> {
        Ok(self.plan(dialect)?.names().table(dialect, name))
    }

    /// A table of the application. In SQLite triggers write to tables of their own file only, in MySQL
    /// names without a database are of the trigger's.
    fn on(&self, dialect: Dialect, text: &str) -> Result<Watched> {
        let table = Watched::parse(text)?;
        let main = Some(self.names.schema.as_deref().unwrap_or("main"));
        if dialect == Dialect::Sqlite && table.schema.is_some() && table.schema.as_deref() != main {
            let mend = "in SQLite a watched table is in the file of dogpile's tables";
            return Err(Error::Setting { setting: "table", mend });
        }
        if dialect == Dialect::MySql && table.schema.is_some() && self.names.schema.is_none() {
            let mend =
                "in MySQL it is of another database only where `schema` says that of the log";
            return Err(Error::Setting { setting: "table", mend });
        }
        Ok(table)
    }
}

/// Takes the triggers of a table away, on this connection.
pub(super) async fn unwatch<D: Engine>(
    connection: &mut D::Connection,
    plan: Plan<'_>,
    table: &Watched,
) -> Result<()> {
    let failed = Error::database("look for the triggers of the table");
    let triggers = match plan.triggers(table) {
        Some(text) => D::names(connection, text).await.map_err(failed)?,
        None => Vec::new(),
    };
    let text = plan.unwatch(table, &triggers);
    if text.is_empty() {
        return Ok(());
    }
    super::run::<D>(connection, "unwatch the table", text).await
}

/// What is watched, on this connection.
pub(super) async fn watched<D: Engine>(
    connection: &mut D::Connection,
    plan: Plan<'_>,
) -> Result<Vec<Watched>> {
    let failed = Error::database("look for the watched tables");
    let rows = D::names(connection, plan.watched()).await.map_err(failed)?;
    let table = |(schema, table): (String, String)| Watched {
        schema: Some(schema).filter(|schema| !schema.is_empty()),
        table,
    };
    Ok(rows.into_iter().map(table).collect())
}
