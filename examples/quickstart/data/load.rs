//! Generates TPC-H and loads it into a new SQLite file.

use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressFinish, ProgressStyle};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection};

use super::tables::{Table, estimate, tables};

/// Rows in one INSERT: at 16 columns, half of what SQLite takes as parameters.
const BATCH: usize = 1_000;

pub(super) async fn load(file: &Path, scale: f64, quiet: bool) -> sqlx::Result<()> {
    let bar = progress(estimate(scale), quiet);
    let mut db = create(file).await?;
    sqlx::raw_sql("begin").execute(&mut db).await?;
    sqlx::raw_sql(include_str!("schema.sql")).execute(&mut db).await?;
    for table in tables(scale) {
        bar.set_message(table.name);
        load_table(&mut db, table, &bar).await?;
    }
    bar.set_message("indexes");
    sqlx::raw_sql(include_str!("indexes.sql")).execute(&mut db).await?;
    sqlx::raw_sql("commit").execute(&mut db).await?;
    db.close().await
}

/// No journal: a file that is not finished is thrown away whole.
async fn create(file: &Path) -> sqlx::Result<SqliteConnection> {
    SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Off)
        .synchronous(SqliteSynchronous::Off)
        .connect()
        .await
}

async fn load_table(
    db: &mut SqliteConnection,
    mut table: Table,
    bar: &ProgressBar,
) -> sqlx::Result<()> {
    let mut loaded = 0;
    loop {
        let batch: Vec<String> = table.rows.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        insert(table.name, table.columns, &batch).build().execute(&mut *db).await?;
        loaded += i64::try_from(batch.len()).unwrap_or_default();
        bar.inc(u64::try_from(batch.len()).unwrap_or_default());
    }
    sqlx::query("insert into loaded (table_name, row_count) values (?, ?)")
        .bind(table.name)
        .bind(loaded)
        .execute(db)
        .await?;
    Ok(())
}

/// The columns' declared types turn the text of the fields into numbers.
fn insert(table: &str, columns: usize, rows: &[String]) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(format!("insert into {table} "));
    query.push_values(rows, |mut values, row| {
        for field in row.split('|').take(columns) {
            values.push_bind(field);
        }
    });
    query
}

/// Gone when loading ends, however it ends.
fn progress(rows: u64, quiet: bool) -> ProgressBar {
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar =
        ProgressBar::with_draw_target(Some(rows), target).with_finish(ProgressFinish::AndClear);
    let look = "  loading {msg:9} {bar:30} {human_pos} of about {human_len} rows";
    match ProgressStyle::with_template(look) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
