//! What is not cached says why, and what would mend it.

use dogpile_sqlx::QueryCacheExt;

use crate::cache::Db;
use crate::failure::Failure;

const CLOCK: &str =
    "select o_orderkey from orders where o_orderdate > date('now', '-40 years') limit 5";
const DIE: &str = "select o_orderkey from orders order by random() limit 5";
/// A function that the application would have added to SQLite.
const OWN: &str = "select o_orderkey from orders where price_class(o_totalprice) = 3";

/// Why one query is not cached.
#[derive(Clone, Debug)]
pub(crate) struct Bypass {
    pub(crate) sql: &'static str,
    pub(crate) reason: String,
    /// The whole of what the cache says about it.
    pub(crate) explanation: String,
}

/// Runs those that SQLite alone can run, and asks about each.
pub(crate) async fn run(db: &Db) -> Result<Vec<Bypass>, Failure> {
    for sql in [CLOCK, DIE] {
        sqlx::query_scalar::<_, i64>(sql).cached().fetch_all(db).await?;
    }
    let mut answers = Vec::new();
    for sql in [CLOCK, DIE, OWN] {
        let why = sqlx::query_scalar::<_, i64>(sql).cached().explain(db).await;
        let Some(reason) = why.detail().map(ToOwned::to_owned) else {
            return Err(Failure::Promise(format!("this is cached: {sql}")));
        };
        answers.push(Bypass { sql, reason, explanation: why.to_string() });
    }
    Ok(answers)
}
