//! I9: a value was made for exactly this query, and is of exactly this type.

use dogpile::{Digest, DigestHasher, KeyHasher};
use dogpile_sqlx::QueryCacheExt;
use futures_util::future::join_all;

use crate::support::{Fixture, READ, Result};

/// All keys are looked up in the same place.
#[derive(Debug)]
struct OnePlace;

impl KeyHasher for OnePlace {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::default()
    }

    fn finish(&self, hasher: DigestHasher) -> Digest {
        Digest { lookup: 0, ..hasher.finish() }
    }
}

/// All keys are the same.
#[derive(Debug)]
struct OneKey;

impl KeyHasher for OneKey {
    fn hasher(&self) -> DigestHasher {
        DigestHasher::default()
    }

    fn finish(&self, _: DigestHasher) -> Digest {
        Digest { lookup: 0, check: 0 }
    }
}

async fn value(fixture: &Fixture, id: i64) -> Result<i64> {
    let query = sqlx::query_scalar("SELECT value FROM item WHERE id = ?").bind(id);
    Ok(query.cached().fetch_one(&fixture.db).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_queries_that_collide_get_their_own_rows_one_after_the_other() -> Result {
    let fixture = Fixture::with(4, |region| region.hasher(OnePlace)).await?;
    for _ in 0..3 {
        for id in 1..=3 {
            assert_eq!(value(&fixture, id).await?, id * 10);
            assert_eq!(value(&fixture, id).await?, id * 10);
        }
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
    }
    let stats = fixture.db.region().stats();
    assert_eq!((stats.hits, stats.misses), (9, 12), "{stats:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_queries_that_collide_get_their_own_rows_at_once() -> Result {
    let fixture = Fixture::with(4, |region| region.hasher(OnePlace)).await?;
    let read = |i: i64| {
        let fixture = fixture.clone();
        tokio::spawn(async move { (i % 3 + 1, value(&fixture, i % 3 + 1).await) })
    };
    for read in join_all((0..300).map(read)).await {
        let (id, value) = read?;
        assert_eq!(value?, id * 10);
    }
    fixture.settle().await
}

/// The same query, read as values of five types: each time in turn, so that each finds the other's.
async fn five_types(fixture: &Fixture) -> Result {
    const ONE: &str = "SELECT value FROM item WHERE id = 1";
    let db = &fixture.db;
    for _ in 0..3 {
        assert_eq!(sqlx::query_scalar::<_, i64>(ONE).cached().fetch_one(db).await?, 10);
        assert_eq!(sqlx::query_scalar::<_, i32>(ONE).cached().fetch_one(db).await?, 10);
        let option = sqlx::query_scalar::<_, Option<i64>>(ONE).cached().fetch_one(db).await?;
        assert_eq!(option, Some(10));
        assert_eq!(sqlx::query_as::<_, (i64,)>(ONE).cached().fetch_one(db).await?, (10,));
        assert_eq!(sqlx::query_scalar::<_, i64>(ONE).cached().fetch_all(db).await?, [10]);
        let text = sqlx::query_scalar::<_, String>(ONE).cached().fetch_one(db).await;
        assert!(text.is_err_and(|error| error.to_string().contains("mismatched types")));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn i9_one_query_read_as_several_types() -> Result {
    five_types(&Fixture::new(2).await?).await
}

/// Even where nothing else tells the entries apart, the type does.
#[tokio::test(flavor = "multi_thread")]
async fn i9_one_key_of_several_types() -> Result {
    five_types(&Fixture::with(2, |region| region.hasher(OneKey)).await?).await
}

/// What decides a result beside the SQL: another scope is another entry.
#[tokio::test(flavor = "multi_thread")]
async fn i9_scopes_never_meet() -> Result {
    let fixture = Fixture::new(2).await?;
    for scope in [vec!["a", "bc"], vec!["ab", "c"], vec!["abc"], vec!["a", "b", "c"], vec![]] {
        let mut query = sqlx::query_as::<_, (i64, i64)>(READ).cached();
        for part in scope {
            query = query.scope(part);
        }
        query.fetch_all(&fixture.db).await?;
    }
    assert_eq!(fixture.reads_sent().await?, 5);
    Ok(())
}
