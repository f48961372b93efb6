//! The raw cells of a query serve every process and every way of mapping them.

use dogpile::backend::MemoryBackend;
use dogpile_sqlx::QueryCacheExt;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::support::{Fixture, READ, Result};

/// Two processes on one database and one backend.
async fn processes() -> Result<(Fixture, Fixture)> {
    let backend = MemoryBackend::new();
    let one = Fixture::with(2, |region| region.backend(backend.clone())).await?;
    let other = one.beside(|region| region.backend(backend.clone())).await?;
    Ok((one, other))
}

#[tokio::test]
async fn what_one_process_has_read_another_need_not() -> Result {
    let (one, other) = processes().await?;
    assert_eq!(one.cached().await?, one.truth().await?);
    assert_eq!(other.cached().await?, one.truth().await?);
    assert_eq!((other.reads_sent().await?, other.db.region().stats().hits), (0, 1));
    Ok(())
}

#[tokio::test]
async fn one_entry_serves_every_way_of_mapping_its_rows() -> Result {
    let (one, other) = processes().await?;
    let pairs = one.cached().await?;
    let offset = 7;
    let closure = move |row: SqliteRow| Ok(row.try_get::<i64, _>("value")? + offset);
    for db in [&one.db, &other.db] {
        let ids: Vec<i64> = sqlx::query_scalar(READ).cached().fetch_all(db).await?;
        let moved: Vec<i64> = sqlx::query(READ).try_map(closure).cached().fetch_all(db).await?;
        assert_eq!(ids, pairs.iter().map(|(id, _)| *id).collect::<Vec<_>>());
        assert_eq!(moved, pairs.iter().map(|(_, value)| value + 7).collect::<Vec<_>>());
    }
    assert_eq!((one.db.region().stats().misses, other.db.region().stats().misses), (1, 0));
    Ok(())
}

#[tokio::test]
async fn what_one_process_writes_another_reads() -> Result {
    let (one, other) = processes().await?;
    assert_eq!(one.cached().await?, other.cached().await?);
    one.write().await?;
    assert_eq!(other.cached().await?, one.truth().await?);
    Ok(())
}
