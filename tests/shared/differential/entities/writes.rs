//! Writes of entities, in transactions of the adapter.

use dogpile_sea_orm::{CachedConnection, CachedTransaction, SelectCacheExt};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, Schema,
    TransactionTrait,
};

use super::reads::{rows, there, version};
use super::tables::{Table, of_table};
use crate::differential::client::Done;
use crate::differential::plan::{Change, LEAP, TABLES, Way, Write};

/// Changes rows of a table; returns its version.
async fn change<E: Table>(tx: &CachedTransaction, write: &Write, name: &str) -> Result<i64, DbErr> {
    let count = Expr::col(E::VERSION).add(1);
    E::update_many().col_expr(E::VERSION, count).filter(E::ID.eq(0)).exec(tx).await?;
    let mut now = there(version::<E>().cached().one(tx).await)?;
    match write.change {
        Change::Update => put::<E>(tx, write, now).await?,
        Change::Delete => {
            E::delete_by_id(write.row).exec(tx).await?;
        }
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
pub(super) async fn statement<E: Table>(
    db: &CachedConnection,
    write: &Write,
) -> Result<i64, DbErr> {
    let update = E::update_many()
        .col_expr(E::VERSION, Expr::col(E::VERSION).add(1))
        .col_expr(E::NAME, Expr::value(write.name.clone()))
        .filter(E::ID.is_in([0, write.row]));
    let rows = rows(update.exec_with_returning(db).await?);
    there(Ok(rows.iter().find(|row| row.0 == 0).map(|row| row.1)))
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

pub(super) async fn transaction(db: &CachedConnection, write: &Write) -> Result<Done, DbErr> {
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
