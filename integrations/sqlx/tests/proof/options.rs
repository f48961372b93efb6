//! What a query says of its caching, in a region of this process and in one with a backend.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use dogpile::backend::MemoryBackend;
use dogpile::{Freshness, Region, Tag, TagSpace, hours, minutes};
use dogpile_sqlx::{Mode, QueryCacheExt};
use sqlx::Row;

use crate::support::{Fixture, READ, Result, until};

const BY_VALUE: &str = "SELECT id, value FROM item WHERE value = ?";

/// A region in this process, and one with a backend.
async fn both() -> Result<[Fixture; 2]> {
    let here = Fixture::new(2).await?;
    let afar = Fixture::with(2, |region| region.backend(MemoryBackend::new())).await?;
    Ok([here, afar])
}

/// Changes rows where the cache does not see it.
async fn change_unseen(fixture: &Fixture) -> Result {
    sqlx::query("UPDATE item SET value = value + 1").execute(&fixture.raw).await?;
    Ok(())
}

#[tokio::test]
async fn s201_each_mode_uses_its_half_of_the_cache() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let read = |mode| sqlx::query_as::<_, (i64, i64)>(READ).cached().mode(mode).fetch_all(db);
        let old = read(Mode::ReadOnly).await?;
        assert_eq!(db.region().stats().stored, 0, "read-only has stored");
        read(Mode::Normal).await?;
        change_unseen(&fixture).await?;
        let new = fixture.truth().await?;
        assert_ne!(old, new);
        assert_eq!(read(Mode::ReadOnly).await?, old, "read-only has not read");
        assert_eq!(read(Mode::Ignore).await?, new, "ignore has read");
        assert_eq!(read(Mode::Normal).await?, old, "ignore has stored");
        assert_eq!(read(Mode::Refresh).await?, new, "refresh has read");
        assert_eq!(read(Mode::Normal).await?, new, "refresh has not stored");
    }
    Ok(())
}

#[tokio::test]
async fn streams_have_modes_too() -> Result {
    use futures_util::TryStreamExt;

    for fixture in both().await? {
        let db = &fixture.db;
        let read = |mode| {
            let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().mode(mode);
            query.fetch(db).try_collect::<Vec<_>>()
        };
        let old = read(Mode::ReadOnly).await?;
        assert_eq!(db.region().stats().stored, 0);
        read(Mode::Normal).await?;
        change_unseen(&fixture).await?;
        assert_eq!(read(Mode::ReadOnly).await?, old);
        assert_eq!(read(Mode::Refresh).await?, fixture.truth().await?);
        assert_eq!(read(Mode::Normal).await?, fixture.truth().await?);
    }
    Ok(())
}

#[tokio::test]
async fn s202_s205_a_name_of_ones_own_invalidates_what_carries_it() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let named = |value: i64| {
            let query = sqlx::query_as::<_, (i64, i64)>(BY_VALUE).bind(value).cached();
            query.key(("page", "front")).fetch_all(db)
        };
        assert_ne!(named(10).await?, named(20).await?, "two queries of one name share no rows");
        assert_eq!(db.region().stats().misses, 2);
        named(10).await?;
        assert_eq!(db.region().stats().hits, 1);
        db.region().entry(("page", "front")).delete().await?;
        named(10).await?;
        named(20).await?;
        assert_eq!(db.region().stats().misses, 4);
    }
    Ok(())
}

#[tokio::test]
async fn another_region_is_used_if_it_hears_the_writes() -> Result {
    let space = TagSpace::new(1_000);
    let fixture = Fixture::with(2, |region| region.tag_space(space.clone())).await?;
    let hears = Region::builder("hears").ttl(hours(1)).tag_space(space).build()?;
    let deaf = Region::builder("deaf").ttl(hours(1)).tag_space(TagSpace::new(1_000)).build()?;
    for region in [&hears, &deaf] {
        for _ in 0..2 {
            let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().region(region);
            assert_eq!(query.fetch_all(&fixture.db).await?, fixture.truth().await?);
        }
        fixture.write().await?;
        let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().region(region);
        assert_eq!(query.fetch_all(&fixture.db).await?, fixture.truth().await?);
    }
    assert_eq!((hears.stats().hits, hears.stats().misses), (1, 2));
    assert_eq!((deaf.stats().bypasses, deaf.stats().lookups), (3, 3));
    assert_eq!(fixture.db.region().stats().lookups, 0);
    Ok(())
}

#[tokio::test]
async fn that_there_is_no_row_has_a_life_of_its_own() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let one = |value: i64| {
            let query = sqlx::query_as::<_, (i64, i64)>(BY_VALUE).bind(value).cached();
            query.ttl(hours(1)).none_ttl(Duration::ZERO).fetch_one(db)
        };
        for _ in 0..2 {
            assert!(matches!(one(-1).await, Err(sqlx::Error::RowNotFound)));
            one(10).await?;
        }
        let stats = db.region().stats();
        assert_eq!((stats.misses, stats.hits), (3, 1), "{stats}");
    }
    Ok(())
}

#[tokio::test]
async fn that_a_stream_has_no_row_has_a_life_of_its_own() -> Result {
    use futures_util::TryStreamExt;

    for fixture in both().await? {
        let db = &fixture.db;
        let all = |value: i64| {
            let query = sqlx::query_as::<_, (i64, i64)>(BY_VALUE).bind(value).cached();
            let rows = query.ttl(hours(1)).none_ttl(Duration::ZERO).fetch(db);
            rows.try_collect::<Vec<_>>()
        };
        for _ in 0..2 {
            assert_eq!(all(-1).await?, []);
            assert_eq!(all(10).await?.len(), 1);
        }
        assert_eq!(db.region().stats().hits, 1, "{}", db.region().stats());
    }
    Ok(())
}

#[tokio::test]
async fn tags_of_the_rows_are_learned_and_then_heard() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let read = || {
            let query = sqlx::query_as::<_, (i64, i64)>(READ).cached();
            let query = query.tags_from(|rows| {
                rows.iter().map(|(id, _)| Tag::new(format!("item:{id}"))).collect::<Vec<_>>()
            });
            query.fetch_all(db)
        };
        let misses = || db.region().stats().misses;
        read().await?;
        assert_eq!(db.region().stats().stored, 0, "stored before its tags were known");
        read().await?;
        read().await?;
        assert_eq!((misses(), db.region().stats().hits), (2, 1));
        db.invalidate(["item:2"]).await?;
        read().await?;
        assert_eq!(misses(), 3, "a tag of a row was not heard");
        db.invalidate(["item:9"]).await?;
        read().await?;
        assert_eq!(misses(), 3, "a tag of no row was heard");
        sqlx::query("INSERT INTO item VALUES (9, 9)").execute(db).await?;
        read().await?;
        read().await?;
        db.invalidate(["item:9"]).await?;
        read().await?;
        assert_eq!(misses(), 6, "a tag that came with a later row was not heard");
    }
    Ok(())
}

#[tokio::test]
async fn a_query_in_a_task_of_its_own_outlives_its_caller() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let busy = fixture.occupy().await?;
        let caller = tokio::spawn({
            let db = db.clone();
            async move { sqlx::query_as::<_, (i64, i64)>(READ).cached().detached().fetch_all(&db).await }
        });
        until("the flight", || db.region().stats().flights == 1).await?;
        caller.abort();
        assert!(caller.await.is_err_and(|error| error.is_cancelled()));
        drop(busy);
        until("the store", || db.region().stats().stored == 1).await?;
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        assert_eq!(db.region().stats().hits, 1);
    }
    Ok(())
}

#[tokio::test]
async fn a_stale_result_is_refreshed_in_the_background() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let read = || {
            let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().ttl(Duration::ZERO);
            query.stale_for(hours(1)).detached().fetch_all(db)
        };
        let old = read().await?;
        change_unseen(&fixture).await?;
        let busy = fixture.occupy().await?;
        assert_eq!(read().await?, old, "a reader has waited for the refresh");
        drop(busy);
        until("the refresh", || db.region().stats().stored == 2).await?;
        assert_eq!(read().await?, fixture.truth().await?);
        fixture.settle().await?;
    }
    Ok(())
}

#[tokio::test]
async fn typed_values_are_shared_by_processes() -> Result {
    let backend = MemoryBackend::new();
    let one = Fixture::with(2, |region| region.backend(backend.clone())).await?;
    let other = one.beside(|region| region.backend(backend.clone())).await?;
    let read = |fixture: &Fixture| {
        let db = fixture.db.clone();
        async move { sqlx::query_as::<_, (i64, i64)>(READ).cached().typed().fetch_all(&db).await }
    };
    assert_eq!(read(&one).await?, read(&other).await?);
    assert_eq!((other.reads_sent().await?, other.db.region().stats().hits), (0, 1));
    assert_eq!(other.cached().await?, one.truth().await?, "raw cells are another entry");
    assert_eq!(other.db.region().stats().misses, 1);
    Ok(())
}

#[tokio::test]
async fn rows_themselves_are_cached() -> Result {
    for fixture in both().await? {
        for _ in 0..2 {
            let rows = sqlx::query(READ).cached().fetch_all_shared(&fixture.db).await?;
            let pairs: Vec<(i64, i64)> =
                rows.iter().map(|row| (row.get("id"), row.get("value"))).collect();
            assert_eq!(pairs, fixture.truth().await?);
        }
        assert_eq!(fixture.db.region().stats().hits, 1);
    }
    Ok(())
}

#[tokio::test]
async fn an_old_result_is_served_in_place_of_an_error() -> Result {
    let fixture = Fixture::new(2).await?;
    let read = || {
        let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().ttl(Duration::ZERO);
        query.serve_stale_on_error(hours(1)).fetch_all(&fixture.db)
    };
    let old = read().await?;
    sqlx::query("DROP TABLE item").execute(&fixture.raw).await?;
    assert_eq!(read().await?, old);
    assert_eq!(fixture.db.region().stats().fell_back, 1);
    Ok(())
}

#[tokio::test]
async fn s098_a_pool_says_how_strictly_its_writes_invalidate() -> Result {
    let fixture = Fixture::new(2).await?;
    let old = fixture.cached().await?;
    let loose = fixture.db.without_invalidation();
    sqlx::query("UPDATE item SET value = value + 1").execute(&loose).await?;
    let mut tx = loose.begin().await?;
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
    tx.commit().await?;
    assert_eq!(fixture.cached().await?, old);
    let mut tx = loose.begin().await?.with_freshness(Freshness::Fenced);
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
    tx.commit().await?;
    assert_eq!(fixture.cached().await?, fixture.truth().await?);
    Ok(())
}

#[tokio::test]
async fn s158_callbacks_run_after_the_invalidation_and_only_after_a_commit() -> Result {
    let fixture = Fixture::new(1).await?;
    let (runs, seen) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let region = fixture.db.region().clone();
    let callback = || {
        let (runs, seen, region) = (Arc::clone(&runs), Arc::clone(&seen), region.clone());
        move || {
            runs.fetch_add(1, Ordering::SeqCst);
            seen.store(usize::try_from(region.stats().invalidated_tags).unwrap(), Ordering::SeqCst);
        }
    };
    let mut tx = fixture.db.begin().await?;
    tx.on_commit(callback());
    tx.rollback().await?;
    let mut tx = fixture.db.begin().await?;
    sqlx::query("UPDATE item SET value = value + 1").execute(&mut *tx).await?;
    let mut inner = tx.begin().await?;
    inner.on_commit(callback());
    inner.rollback().await?;
    let mut inner = tx.begin().await?;
    inner.on_commit(callback());
    inner.commit().await?;
    assert_eq!(runs.load(Ordering::SeqCst), 0, "before the transaction has committed");
    tx.commit().await?;
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert!(seen.load(Ordering::SeqCst) > 0, "the callback came before the invalidation");
    Ok(())
}

#[tokio::test]
async fn s206_tables_named_in_a_transaction_are_invalidated_when_it_commits() -> Result {
    let fixture = Fixture::with(2, |region| region.ttl(minutes(9))).await?;
    let old = fixture.cached().await?;
    change_unseen(&fixture).await?;
    for commits in [false, true] {
        let mut tx = fixture.db.begin().await?;
        tx.invalidate_tables(["item"]);
        assert_eq!(fixture.cached().await?, old);
        if commits { tx.commit().await? } else { tx.rollback().await? }
    }
    assert_eq!(fixture.cached().await?, fixture.truth().await?);
    Ok(())
}

#[tokio::test]
async fn s099_writes_invalidate_even_while_reads_are_switched_off() -> Result {
    for fixture in both().await? {
        fixture.cached().await?;
        fixture.db.region().set_reads(false);
        fixture.write().await?;
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        fixture.db.region().set_reads(true);
        assert_eq!(fixture.cached().await?, fixture.truth().await?);
        let stats = fixture.db.region().stats();
        assert_eq!((stats.misses, stats.bypasses, stats.hits), (2, 1, 0), "{stats}");
    }
    Ok(())
}

#[tokio::test]
async fn s205_each_kind_of_invalidation_reaches_what_it_names() -> Result {
    for fixture in both().await? {
        let db = &fixture.db;
        let tagged = || {
            let query = sqlx::query_as::<_, (i64, i64)>(READ).cached().tag("front").key("page");
            query.fetch_all(db)
        };
        let other = || {
            sqlx::query_as::<_, (i64, i64)>("SELECT id, value FROM other").cached().fetch_all(db)
        };
        let read_both = async || {
            let before = db.region().stats().misses;
            tagged().await?;
            let one = db.region().stats().misses - before;
            other().await?;
            Ok::<_, sqlx::Error>((one, db.region().stats().misses - before - one))
        };
        assert_eq!(read_both().await?, (1, 1));
        db.invalidate(["front"]).await?;
        assert_eq!(read_both().await?, (1, 0), "by tag");
        db.invalidate_tables(["item"]).await?;
        assert_eq!(read_both().await?, (1, 0), "by table");
        db.invalidate_tables(["other"]).await?;
        assert_eq!(read_both().await?, (0, 1), "by the other table");
        db.region().entry("page").delete().await?;
        assert_eq!(read_both().await?, (1, 0), "by name");
        db.region().invalidate_all(dogpile::Invalidation::Hard).await?;
        assert_eq!(read_both().await?, (1, 1), "the region");
        assert_eq!(read_both().await?, (0, 0));
    }
    Ok(())
}

#[tokio::test]
async fn s209_a_query_explains_itself_without_being_run() -> Result {
    let [here, afar] = both().await?;
    for (fixture, kept) in [(&here, "typed Vec<(i64, i64)>"), (&afar, "raw cells")] {
        let explained = sqlx::query_as::<_, (i64, i64)>(BY_VALUE).bind(10_i64).cached();
        let explained = explained.scope("tenant 7").tag("front").explain(&fixture.db).await;
        let said = explained.to_string();
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines[0], BY_VALUE);
        assert_eq!(lines[1], format!("  cached     yes, region proof, {kept}"));
        assert!(lines[2].contains("1 parameter") && lines[2].contains("scope tenant 7"), "{said}");
        assert!(lines[3].contains("table:item") && lines[3].contains("front"), "{said}");
        assert!(explained.is_cached());

        let volatile = "SELECT id, value FROM item WHERE value > random()";
        let explained =
            sqlx::query_as::<_, (i64, i64)>(volatile).cached().explain(&fixture.db).await;
        let said = explained.to_string();
        assert_eq!(said.lines().nth(1), Some("  cached     no: volatile function random()"));
        assert_eq!(explained.reason(), Some("volatile"));
        assert_eq!((fixture.reads_sent().await?, fixture.db.region().stats().lookups), (0, 0));
    }
    Ok(())
}
