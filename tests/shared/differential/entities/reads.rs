//! Reads of entities: as models or as cells, marked or plain.

use dogpile::{millis, secs};
use dogpile_sea_orm::{CachedConnection, CachedSelect, Mode, SelectCacheExt};
use futures_util::TryStreamExt;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbBackend, DbErr, FromQueryResult, JsonValue,
    QueryFilter, QueryOrder, QueryResult, QuerySelect, SelectGetableTuple, Selector, Statement,
    TransactionTrait,
};

use super::tables::Table;
use crate::differential::client::Triple;
use crate::differential::plan::{Form, Read, Select};

/// A row of any query, by the places of its columns.
#[derive(Debug, Clone)]
struct Placed(Triple);

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
pub(super) fn dressed<Q>(select: CachedSelect<Q>, options: u32) -> CachedSelect<Q> {
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

/// A row that has to be there.
pub(super) fn there<T>(row: Result<Option<T>, DbErr>) -> Result<T, DbErr> {
    row?.ok_or_else(|| DbErr::RecordNotFound(String::from("no row")))
}

/// The SQL of a read, for this database.
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

pub(super) fn rows<M: Into<Triple>>(models: impl IntoIterator<Item = M>) -> Vec<Triple> {
    models.into_iter().map(Into::into).collect()
}

/// The rows of a read that bypasses the cache.
pub(super) async fn direct<E: Table>(
    db: &DatabaseConnection,
    read: &Read,
) -> Result<Vec<Triple>, DbErr> {
    select_of!(E, db.get_database_backend(), read, select => match read.form {
        Form::First => select.one(db).await.map(rows),
        Form::One => there(select.one(db).await).map(|row| rows([row])),
        _ => select.all(db).await.map(rows),
    })
}

/// The same, cached: as models or as cells, marked or plain, in a transaction of its own.
pub(super) async fn cached<E: Table>(
    db: &CachedConnection,
    read: &Read,
    options: u32,
) -> Result<Vec<Triple>, DbErr> {
    select_of!(E, db.get_database_backend(), read, select => match read.form {
        Form::First => dressed(select.cached(), options).one(db).await.map(rows),
        Form::One => {
            let one = dressed(select.cached(), options).one_shared(db).await?;
            there(Ok(one.into_owned())).map(|row| rows([row]))
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
pub(super) fn version<E: Table>() -> Selector<SelectGetableTuple<i64>> {
    E::find_by_id(0).select_only().column(E::VERSION).into_tuple()
}

/// Rows as they are, of whatever columns there are.
pub(super) async fn cells(db: &impl ConnectionTrait, read: &Read) -> Result<String, DbErr> {
    let rows = db.query_all_raw(statement(db.get_database_backend(), read)).await?;
    let rows = rows.iter().map(|row| JsonValue::from_query_result(row, ""));
    Ok(format!("{:?}", rows.collect::<Result<Vec<_>, _>>()?))
}
