//! Eight kinds of write, by turns: inside and outside a transaction, kept and taken back.

use dogpile_sqlx::CachedTransaction;
use sqlx::Sqlite;

use crate::cache::Db;

/// Where the versions start: above any quantity that was loaded.
const FIRST_VERSION: i64 = 1_000;
/// What is rolled back is older than everything, should anybody ever see it.
const NEVER: i64 = -1;

const UPDATE_ORDER: &str = "update orders
    set o_totalprice = o_totalprice + 1, o_shippriority = ?2 where o_orderkey = ?1";
const UPDATE_LINES: &str = "update lineitem set l_quantity = ?2 where l_orderkey = ?1";
const INSERT_LINE: &str = "insert into lineitem
    select l_orderkey, l_partkey, l_suppkey, ?2, l_quantity, l_extendedprice, l_discount, l_tax,
        l_returnflag, l_linestatus, l_shipdate, l_commitdate, l_receiptdate, l_shipinstruct,
        l_shipmode, l_comment
    from lineitem where l_orderkey = ?1 order by l_linenumber limit 1";
const DELETE_LINES: &str = "delete from lineitem
    where l_orderkey = ?1 and l_linenumber between 1000 and ?2";
const INSERT_ORDER: &str = "insert into orders
    select -?2, o_custkey, o_orderstatus, o_totalprice, o_orderdate, o_orderpriority, o_clerk,
        o_shippriority, o_comment
    from orders where o_orderkey = ?1";
const DELETE_ORDER: &str = "delete from orders where o_orderkey = ?1 and ?2 < 0";

/// A transaction that has written and has not ended.
#[derive(Debug)]
pub(super) struct Open {
    tx: CachedTransaction<'static, Sqlite>,
    keep: bool,
}

impl Open {
    pub(super) async fn end(self) -> sqlx::Result<()> {
        if self.keep { self.tx.commit().await } else { self.tx.rollback().await }
    }
}

/// Writes to one order and its lines.
#[derive(Debug)]
pub(super) struct Writer<'a> {
    pub(super) db: &'a Db,
    pub(super) order: i64,
}

impl Writer<'_> {
    /// One write; what is inside a transaction is left open.
    pub(super) async fn write(&self, turn: i64) -> sqlx::Result<Option<Open>> {
        let version = FIRST_VERSION + turn;
        match turn % 8 {
            0 => self.alone(UPDATE_ORDER, version).await,
            1 => self.within(&[UPDATE_ORDER, UPDATE_LINES], version, true).await,
            2 => self.alone(UPDATE_LINES, version).await,
            3 => self.within(&[UPDATE_ORDER, UPDATE_LINES], NEVER, false).await,
            4 => self.alone(INSERT_LINE, version).await,
            5 => self.within(&[INSERT_ORDER, INSERT_LINE], version, true).await,
            6 => self.alone(DELETE_LINES, version).await,
            _ => self.within(&[UPDATE_LINES, DELETE_ORDER], NEVER, false).await,
        }
    }

    async fn alone(&self, sql: &'static str, version: i64) -> sqlx::Result<Option<Open>> {
        sqlx::query(sql).bind(self.order).bind(version).execute(self.db).await?;
        Ok(None)
    }

    async fn within(
        &self,
        statements: &[&'static str],
        version: i64,
        keep: bool,
    ) -> sqlx::Result<Option<Open>> {
        let mut tx = self.db.begin().await?;
        for &sql in statements {
            sqlx::query(sql).bind(self.order).bind(version).execute(&mut *tx).await?;
        }
        Ok(Some(Open { tx, keep }))
    }
}
