//! MySQL and MariaDB: a transaction of several statements.

use std::collections::BTreeMap;

use futures_core::future::BoxFuture;
use sqlx::{AssertSqlSafe, Error, Executor, FromRow, MySql, Pool, Transaction};

use super::{Inside, Quad, RelayDatabase, Relayed, raw, statements};
use crate::relay::sql::{BATCH, Texts};

impl RelayDatabase for MySql {}

impl Inside for MySql {
    statements!();

    fn feed<'p>(pool: &'p Pool<Self>, texts: &'p Relayed) -> BoxFuture<'p, Result<(), Error>> {
        Box::pin(async move {
            let mut transaction = pool.begin().await?;
            move_rows(&mut transaction, &texts.0).await?;
            transaction.commit().await
        })
    }
}

async fn move_rows(transaction: &mut Transaction<'_, MySql>, texts: &Texts) -> Result<(), Error> {
    let Texts { log, mark, .. } = texts;
    // First, and past the snapshot of the transaction, which begins with the next read.
    let head =
        format!("select seq, '', '', seq from {mark} where name = '' for update skip locked");
    let Some((head, ..)) = quads(transaction, head).await?.pop() else {
        return Ok(());
    };
    // Locks nothing: rows of transactions that are still open are not seen.
    let seen =
        format!("select id, schema_name, table_name, at from {log} order by id limit {BATCH}");
    let seen = quads(transaction, seen).await?;
    // One key at a time: a list of them may lock the whole of a small table, and wait for writers.
    let gone = seen.iter().map(|(id, ..)| format!("delete from {log} where id = {id};"));
    let gone: String = gone.collect();
    if gone.is_empty() {
        return Ok(());
    }
    transaction.execute(raw(gone)).await?;
    insert(transaction, texts, head, tables(seen)).await
}

async fn insert(
    transaction: &mut Transaction<'_, MySql>,
    texts: &Texts,
    head: i64,
    tables: BTreeMap<(String, String), i64>,
) -> Result<(), Error> {
    let Texts { feed, mark, now, .. } = texts;
    let mut seq = head;
    for ((schema, table), at) in tables {
        seq = seq.saturating_add(1);
        let sql = format!(
            "insert into {feed} (seq, schema_name, table_name, at, fed) values (?, ?, ?, ?, {now})"
        );
        let row = sqlx::query(AssertSqlSafe(sql)).bind(seq).bind(schema).bind(table).bind(at);
        row.execute(&mut **transaction).await?;
    }
    let advance = format!("update {mark} set seq = {seq} where name = ''");
    transaction.execute(raw(advance)).await.map(drop)
}

/// Each table once, with its oldest write.
fn tables(rows: Vec<Quad>) -> BTreeMap<(String, String), i64> {
    let mut tables = BTreeMap::new();
    for (_, schema, table, at) in rows {
        let oldest = tables.entry((schema, table)).or_insert(at);
        *oldest = at.min(*oldest);
    }
    tables
}

async fn quads(transaction: &mut Transaction<'_, MySql>, text: String) -> Result<Vec<Quad>, Error> {
    let rows = transaction.fetch_all(raw(text)).await?;
    rows.iter().map(Quad::from_row).collect()
}
