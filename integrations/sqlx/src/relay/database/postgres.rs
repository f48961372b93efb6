//! PostgreSQL: one statement, so that a process that is frozen in its middle holds nothing.

use futures_core::future::BoxFuture;
use sqlx::{Error, Pool, Postgres};

use super::{Inside, RelayDatabase, Relayed, statements};
use crate::relay::sql::Texts;

impl RelayDatabase for Postgres {}

impl Inside for Postgres {
    statements!();

    fn feed<'p>(pool: &'p Pool<Self>, texts: &'p Relayed) -> BoxFuture<'p, Result<(), Error>> {
        Box::pin(async move { Self::touch(pool, feed(&texts.0)).await.map(drop) })
    }
}

/// Rows are deleted that the statement sees, and no others. The lock on the head of the feed lasts
/// until the numbers are committed; where another holds it, nothing is deleted. What others may read
/// is on the disk, whatever the default is: no number is ever given twice.
fn feed(texts: &Texts) -> String {
    /// More than are read at once: rows are one for each statement here, and one for each table there.
    const MOST: usize = 10_000;
    let Texts { log, feed, mark, now, .. } = texts;
    format!(
        "set local synchronous_commit = on; \
         with head as (select seq from {mark} where name = '' for update skip locked), \
         gone as ( \
             delete from {log} where ctid = any (array(select ctid from {log} limit {MOST})) \
             and exists (select from head) returning schema_name, table_name, at \
         ), \
         tables as ( \
             select schema_name, table_name, min(at) as at, row_number() over (order by min(at)) as n \
             from gone group by schema_name, table_name \
         ), \
         fed as ( \
             insert into {feed} (seq, schema_name, table_name, at, fed) \
             select head.seq + n, schema_name, table_name, at, {now} from head, tables \
         ) \
         update {mark} m set seq = head.seq + (select count(*) from tables) from head \
         where m.name = '' and exists (select from tables)"
    )
}
