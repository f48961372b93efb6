//! What the rules of a pool say of its queries, and what queries may say against them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{hours, minutes, secs};
use dogpile_sqlx::{CachedPool, Policy, QueryCacheExt, Rule};
use sqlx::Sqlite;

use crate::support::{Fixture, READ, Result};

type Pool = CachedPool<Sqlite>;

const OTHER: &str = "SELECT id, value FROM other";
const NONE: &str = "SELECT id, value FROM item WHERE id < 0";

async fn with(policy: Policy) -> Result<(Fixture, Pool)> {
    let fixture = Fixture::with(2, |region| region.jitter(0.0)).await?;
    let db = fixture.db.with_policy(policy);
    Ok((fixture, db))
}

async fn read(db: &Pool, sql: &'static str) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(sql).cached().fetch_all(db).await?)
}

/// How long the entry of a query is fresh yet.
async fn fresh_for(db: &Pool, sql: &'static str) -> Result<Duration> {
    let explained = sqlx::query_as::<_, (i64, i64)>(sql).cached().explain(db).await;
    let held = explained.entry().and_then(|entry| entry.held.as_ref());
    Ok(held.ok_or(sqlx::Error::RowNotFound)?.fresh_for)
}

#[tokio::test]
async fn a_rule_wins_over_the_region_and_a_query_over_the_rule() -> Result {
    let rule = Rule::allow().ttl(hours(2)).none_ttl(hours(4));
    let (_fixture, db) = with(Policy::all().rule("it*", rule)).await?;
    for sql in [READ, OTHER, NONE] {
        read(&db, sql).await?;
    }
    let ruled = fresh_for(&db, READ).await?;
    assert!(ruled > hours(1) && ruled <= hours(2), "{ruled:?}");
    let of_region = fresh_for(&db, OTHER).await?;
    assert!(of_region <= minutes(5), "{of_region:?}");
    let empty = fresh_for(&db, NONE).await?;
    assert!(empty > hours(3), "{empty:?}");
    let own = "SELECT value, id FROM item";
    sqlx::query_as::<_, (i64, i64)>(own).cached().ttl(hours(9)).fetch_all(&db).await?;
    assert!(fresh_for(&db, own).await? > hours(8));
    Ok(())
}

#[tokio::test]
async fn an_old_result_is_served_as_long_as_a_rule_says() -> Result {
    let rule = Rule::allow().ttl(Duration::ZERO).stale_for(hours(1));
    let (fixture, db) = with(Policy::all().rule("item", rule)).await?;
    read(&db, READ).await?;
    let explained = sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&db).await;
    let entry = explained.entry().ok_or(sqlx::Error::RowNotFound)?;
    assert!(matches!(entry.state, dogpile::State::Stale(_)), "{entry:?}");
    drop(fixture);
    Ok(())
}

#[tokio::test]
async fn a_tag_of_a_rule_invalidates_what_reads_its_table() -> Result {
    let rules = Policy::all().rule("item", Rule::allow().tag("stock").tag("shop"));
    let (fixture, db) = with(rules).await?;
    for tag in ["stock", "shop"] {
        for sql in [READ, OTHER] {
            read(&db, sql).await?;
        }
        let before = fixture.reads_sent().await?;
        db.invalidate([tag]).await?;
        for sql in [READ, OTHER] {
            read(&db, sql).await?;
        }
        assert_eq!(fixture.reads_sent().await?, before + 1, "{tag}");
    }
    Ok(())
}

#[tokio::test]
async fn a_scope_of_a_rule_is_asked_for_at_each_read() -> Result {
    let tenant = Arc::new(AtomicU32::new(0));
    let now = Arc::clone(&tenant);
    let scope = move || Some(now.load(Ordering::SeqCst)).filter(|tenant| *tenant > 0);
    let rules = Policy::all().rule("item", Rule::allow().scope("tenant", scope));
    for shared in [false, true] {
        let fixture = match shared {
            true => Fixture::with(2, |region| region.backend(MemoryBackend::new())).await?,
            false => Fixture::new(2).await?,
        };
        let db = fixture.db.with_policy(rules.clone());
        tenant.store(0, Ordering::SeqCst);
        read(&db, READ).await?;
        let explained = sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&db).await;
        assert_eq!(explained.reason(), Some("no_scope"));
        assert_eq!(db.region().stats().bypasses, 1);
        for number in [1, 2, 1, 2] {
            tenant.store(number, Ordering::SeqCst);
            read(&db, READ).await?;
        }
        let stats = db.region().stats();
        assert_eq!((stats.misses, stats.lookups), (2, 5), "tenants share rows, or have none");
        let explained = sqlx::query_as::<_, (i64, i64)>(READ).cached().explain(&db).await;
        assert!(explained.to_string().contains("scope tenant 2"), "{explained}");
    }
    Ok(())
}

#[tokio::test]
async fn a_scope_of_a_rule_is_not_taken_for_one_of_a_query() -> Result {
    let fixture = Fixture::new(2).await?;
    let ruled = |name: &'static str| {
        let rule = Rule::allow().scope(name, || Some("7"));
        fixture.db.with_policy(Policy::all().rule("item", rule))
    };
    read(&ruled("tenant"), READ).await?;
    read(&ruled("role"), READ).await?;
    let query = sqlx::query_as::<_, (i64, i64)>(READ).cached();
    query.scope("tenant").scope("7").fetch_all(&fixture.db).await?;
    let query = sqlx::query_as::<_, (i64, i64)>(READ).cached();
    query.scope("tenant").fetch_all(&ruled("7")).await?;
    read(&fixture.db, READ).await?;
    assert_eq!(fixture.db.region().stats().misses, 5);
    read(&ruled("tenant"), READ).await?;
    assert_eq!(fixture.db.region().stats().hits, 1);
    Ok(())
}

#[tokio::test]
async fn a_read_whose_scope_was_forgotten_goes_to_the_database() -> Result {
    let (fixture, db) = with(Policy::all().rule("item", Rule::allow().needs_scope())).await?;
    let query = || sqlx::query_as::<_, (i64, i64)>(READ).cached();
    let explained = query().explain(&db).await;
    assert_eq!(explained.reason(), Some("no_scope"));
    assert_eq!(explained.mend(), Some("give the query, or its connection, a scope"));
    assert!(query().scope("tenant 7").explain(&db).await.is_cached());
    assert!(query().explain(&db.with_scope("tenant 7")).await.is_cached());
    assert!(sqlx::query_as::<_, (i64, i64)>(OTHER).cached().explain(&db).await.is_cached());
    for _ in 0..2 {
        query().fetch_all(&db).await?;
    }
    assert_eq!((fixture.reads_sent().await?, db.region().stats().bypasses), (2, 2));
    Ok(())
}

#[tokio::test]
async fn marked_queries_are_cached_where_plain_ones_are_not_and_nothing_is_where_it_is_denied()
-> Result {
    let rules = Policy::explicit().rule("item", Rule::deny());
    let (fixture, db) = with(rules).await?;
    for sql in [READ, OTHER, READ, OTHER] {
        // A query cannot allow what a rule denies.
        sqlx::query_as::<_, (i64, i64)>(sql).cached().ttl(hours(1)).fetch_all(&db).await?;
    }
    let stats = db.region().stats();
    assert_eq!((stats.bypasses, stats.misses, stats.hits), (2, 1, 1));
    assert_eq!(fixture.reads_sent().await?, 3);
    Ok(())
}

#[tokio::test]
async fn streams_and_connections_obey_the_rules_too() -> Result {
    use futures_util::TryStreamExt;

    let rule = Rule::allow().ttl(hours(2)).tag("stock");
    let (_fixture, db) = with(Policy::all().rule("item", rule).except(["other"])).await?;
    let stream = sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch(&db);
    stream.try_collect::<Vec<_>>().await?;
    assert!(fresh_for(&db, READ).await? > hours(1));
    db.invalidate(["stock"]).await?;
    let mut connection = db.acquire().await?;
    sqlx::query_as::<_, (i64, i64)>(READ).cached().fetch_all(&mut connection).await?;
    sqlx::query_as::<_, (i64, i64)>(OTHER).cached().fetch_all(&mut connection).await?;
    drop(connection);
    assert!(fresh_for(&db, READ).await? > hours(1), "a tag does not count, or a life");
    assert_eq!(db.region().stats().bypasses, 1);
    Ok(())
}

#[tokio::test]
async fn explain_says_which_rule_decided() -> Result {
    let rules =
        Policy::only(["item"]).rule("ot*", Rule::explicit().ttl(secs(9))).except(["secret"]);
    let (fixture, db) = with(rules).await?;
    sqlx::query("CREATE TABLE secret (id INTEGER, value INTEGER)").execute(&db).await?;
    let said = async |sql| {
        let query = sqlx::query_as::<_, (i64, i64)>(sql).cached();
        let explained = query.explain(&db).await;
        (explained.detail().map(str::to_owned), explained.rules().collect::<Vec<_>>().join(", "))
    };
    let both = "SELECT item.id, other.value FROM item, other";
    assert_eq!(said(both).await, (None, "item by item, other by ot*".into()));
    let denied = said("SELECT id, value FROM secret").await;
    assert_eq!(denied.0.as_deref(), Some("denied table secret by secret"));
    let unlisted = said("SELECT 1, 2 FROM nothing").await;
    assert_eq!(unlisted, (Some("denied table nothing by no rule".into()), String::new()));
    let printed = sqlx::query_as::<_, (i64, i64)>(both).cached().explain(&db).await.to_string();
    assert_eq!(printed.lines().last(), Some("  rules      item by item, other by ot*"));
    drop(fixture);
    Ok(())
}
