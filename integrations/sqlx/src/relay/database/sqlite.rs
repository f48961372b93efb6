//! SQLite: one writer at a time, so that all that it sees is all there is.

use futures_core::future::BoxFuture;
use sqlx::{Error, Executor, Pool, Sqlite};

use super::{Inside, RelayDatabase, Relayed, raw, statements};
use crate::relay::sql::Texts;

impl RelayDatabase for Sqlite {}

impl Inside for Sqlite {
    statements!();

    fn feed<'p>(pool: &'p Pool<Self>, texts: &'p Relayed) -> BoxFuture<'p, Result<(), Error>> {
        Box::pin(async move {
            let mut transaction = pool.begin_with("begin immediate").await?;
            transaction.execute(raw(feed(&texts.0))).await?;
            transaction.commit().await
        })
    }
}

fn feed(texts: &Texts) -> String {
    let Texts { log, feed, mark, now, .. } = texts;
    format!(
        "insert into {feed} (seq, schema_name, table_name, at, fed) \
         select (select seq from {mark} where name = '') + row_number() over (order by at), \
         schema_name, table_name, at, {now} from {log}; \
         update {mark} set seq = seq + (select count(*) from {log}) where name = ''; \
         delete from {log};"
    )
}
