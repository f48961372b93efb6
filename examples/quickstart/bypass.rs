//! What is not cached says why, and what would mend it.

use dogpile_sqlx::QueryCacheExt;

use crate::cache::Db;
use crate::failure::Failure;

/// A clock, a die, and SQLite's own books.
const NOT_CACHED: [&str; 3] = [
    "select o_orderkey from orders where o_orderdate > date('now', '-40 years') limit 5",
    "select o_orderkey from orders order by random() limit 5",
    "select rootpage from sqlite_master where name = 'orders'",
];

/// Why one query is not cached.
#[derive(Clone, Debug)]
pub(crate) struct Bypass {
    pub(crate) sql: &'static str,
    pub(crate) reason: String,
    /// The whole of what the cache says about it.
    pub(crate) explanation: String,
}

/// Runs them all the same, and asks about each.
pub(crate) async fn run(db: &Db) -> Result<Vec<Bypass>, Failure> {
    let mut answers = Vec::new();
    for sql in NOT_CACHED {
        sqlx::query_scalar::<_, i64>(sql).cached().fetch_all(db).await?;
        let why = sqlx::query_scalar::<_, i64>(sql).cached().explain(db).await;
        let Some(reason) = why.detail().map(ToOwned::to_owned) else {
            return Err(Failure::Promise(format!("this was cached: {sql}")));
        };
        answers.push(Bypass { sql, reason, explanation: why.to_string() });
    }
    Ok(answers)
}
