//! The proofs: it gives sessions away between transactions, and nothing of it is left afterwards.

use sqlx::{Connection, PgConnection, Row as _};

use super::*;
use crate::services::leftovers::Proof;

async fn pid(connection: &mut PgConnection) -> Result<i32> {
    Ok(sqlx::raw_sql("SELECT pg_backend_pid()").fetch_one(connection).await?.try_get(0)?)
}

#[tokio::test]
async fn a_session_is_only_lent_for_a_transaction() -> Proof {
    let server = Postgres::start().await?;
    let pooler = PgBouncer::start(&server, 5).await?;
    let mut one = PgConnection::connect(&pooler.url("postgres")).await?;
    let mut other = PgConnection::connect(&pooler.url("postgres")).await?;
    let first = pid(&mut one).await?;
    sqlx::raw_sql("BEGIN").execute(&mut other).await?;
    assert_eq!(pid(&mut other).await?, first, "the session was not given to the next one");
    assert_ne!(pid(&mut one).await?, first, "two have one session at once");
    let folder = pooler.folder().to_path_buf();
    drop(pooler);
    assert!(!folder.exists());
    Ok(())
}
