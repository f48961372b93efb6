//! Five queries over the two tables, and a connection that knows nothing of the cache.

use dogpile_sqlx::QueryCacheExt;
use sqlx::pool::PoolConnection;
use sqlx::{FromRow, Sqlite};

use super::Invalidation;
use crate::cache::Db;
use crate::failure::Failure;
use crate::queries::Row;

#[derive(Clone, Debug, PartialEq, FromRow)]
struct Order {
    o_orderkey: i64,
    o_totalprice: f64,
    o_shippriority: i64,
}

#[derive(Clone, Debug, PartialEq, FromRow)]
struct Line {
    l_linenumber: i64,
    l_quantity: f64,
}

#[derive(Clone, Debug, PartialEq, FromRow)]
struct Sum {
    number: i64,
    total: Option<f64>,
}

/// A version that the writer counts up.
#[derive(Clone, Copy, Debug, PartialEq, FromRow)]
pub(super) struct Version {
    pub(super) version: i64,
}

pub(super) const ORDER_VERSION: &str =
    "select o_shippriority as version from orders where o_orderkey = ?1";
pub(super) const LINES_VERSION: &str =
    "select cast(min(l_quantity) as integer) as version from lineitem where l_orderkey = ?1";

const ORDER: &str =
    "select o_orderkey, o_totalprice, o_shippriority from orders where o_orderkey = ?1";
const LINES: &str =
    "select l_linenumber, l_quantity from lineitem where l_orderkey = ?1 order by l_linenumber";
const ORDERS: &str = "select count(*) as number, sum(o_totalprice) as total from orders
    where o_orderkey between ?1 and ?1 + 1000 or o_orderkey < 0";
const LINES_OF_ORDERS: &str = "select count(*) as number, sum(l_quantity) as total
    from orders join lineitem on l_orderkey = o_orderkey
    where o_orderkey between ?1 and ?1 + 100 or o_orderkey < 0";
const BIG_ORDERS: &str = "select count(*) as number, sum(o_totalprice) as total from orders
    where o_orderkey in (
        select l_orderkey from lineitem where l_orderkey between ?1 and ?1 + 100
        group by l_orderkey having sum(l_quantity) > 100
    )";

/// A connection that knows nothing of the cache.
#[derive(Debug)]
pub(super) struct Truth(PoolConnection<Sqlite>);

impl Truth {
    pub(super) async fn connect(db: &Db) -> sqlx::Result<Self> {
        db.inner().acquire().await.map(Self)
    }

    pub(super) async fn first_order(&mut self) -> sqlx::Result<i64> {
        sqlx::query_scalar("select min(o_orderkey) from orders").fetch_one(&mut *self.0).await
    }

    /// The versions of the order and of its lines.
    pub(super) async fn versions(&mut self, order: i64) -> sqlx::Result<[i64; 2]> {
        let mut versions = [0; 2];
        for (version, sql) in versions.iter_mut().zip([ORDER_VERSION, LINES_VERSION]) {
            *version = sqlx::query_scalar(sql).bind(order).fetch_one(&mut *self.0).await?;
        }
        Ok(versions)
    }

    /// Five reads through the cache, each against this connection.
    pub(super) async fn check(
        &mut self,
        db: &Db,
        order: i64,
        tally: &mut Invalidation,
    ) -> Result<(), Failure> {
        tally.check(self.agrees::<Order>(db, ORDER, order).await?);
        tally.check(self.agrees::<Line>(db, LINES, order).await?);
        tally.check(self.agrees::<Sum>(db, ORDERS, order).await?);
        tally.check(self.agrees::<Sum>(db, LINES_OF_ORDERS, order).await?);
        tally.check(self.agrees::<Sum>(db, BIG_ORDERS, order).await?);
        Ok(())
    }

    async fn agrees<T: Row>(
        &mut self,
        db: &Db,
        sql: &'static str,
        order: i64,
    ) -> sqlx::Result<bool> {
        let cached = sqlx::query_as::<_, T>(sql).bind(order).cached().fetch_all_shared(db).await?;
        let truth: Vec<T> = sqlx::query_as(sql).bind(order).fetch_all(&mut *self.0).await?;
        Ok(truth == cached[..])
    }
}
