//! What connections, rules and selects say of caching, on SQLite in memory.
#![expect(unreachable_pub, reason = "as entities are written")]
#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use dogpile::{Invalidation, Region, TagSpace, hours, minutes};
use dogpile_sea_orm::{CachedConnection, CachedEntity, Mode, Policy, Rule, SelectCacheExt};
use sea_orm::entity::prelude::*;
use sea_orm::{
    ConnectionTrait, DbBackend, LoaderTrait, QueryTrait, SqlxSqliteConnector, Statement,
};
use sqlx::sqlite::SqlitePoolOptions;

mod cake {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "cake")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(has_many = "super::fruit::Entity")]
        Fruit,
    }

    impl Related<super::fruit::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Fruit.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod fruit {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "fruit")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub cake_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::cake::Entity",
            from = "Column::CakeId",
            to = "super::cake::Column::Id"
        )]
        Cake,
    }

    impl Related<super::cake::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Cake.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

use cake::Entity as Cake;
use fruit::Entity as Fruit;

impl CachedEntity for Cake {
    fn rule() -> Rule {
        Rule::allow().ttl(hours(2)).tag("menu")
    }
}

impl CachedEntity for Fruit {}

/// A connection that is slow enough for plain reads to be kept.
async fn connect() -> CachedConnection {
    let pool = SqlitePoolOptions::new().max_connections(1).before_acquire(|_, _| {
        Box::pin(async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Ok(true)
        })
    });
    let pool = pool.connect("sqlite::memory:").await.unwrap();
    let region = Region::builder("rules").ttl(minutes(5)).jitter(0.0);
    let region = region.tag_space(TagSpace::new(1_000)).build().unwrap();
    let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
    let db = CachedConnection::new(db, region).unwrap();
    for sql in [
        "CREATE TABLE cake (id INTEGER PRIMARY KEY, name TEXT NOT NULL)",
        "CREATE TABLE fruit (id INTEGER PRIMARY KEY, cake_id INTEGER NOT NULL)",
        "INSERT INTO cake VALUES (1, 'nut'), (2, 'cheese')",
        "INSERT INTO fruit VALUES (1, 1), (2, 1), (3, 2)",
    ] {
        db.execute_unprepared(sql).await.unwrap();
    }
    db
}

/// Hits, misses, bypasses and lookups so far.
fn counts(db: &CachedConnection) -> [u64; 4] {
    let stats = db.region().stats();
    [stats.hits, stats.misses, stats.bypasses, stats.lookups]
}

/// How long the entry of a plain read is fresh yet.
fn fresh_for(
    db: &CachedConnection,
    query: &impl QueryTrait,
) -> impl Future<Output = Duration> + Send {
    let explaining = db.explain(query);
    async move {
        let explained = explaining.await;
        let held = explained.entry().and_then(|entry| entry.held.as_ref());
        held.map(|held| held.fresh_for).unwrap_or_else(|| panic!("{explained}"))
    }
}

#[tokio::test]
async fn plain_reads_are_cached_as_the_rules_say() {
    let db = connect().await;
    let rules = Policy::all().except(["fruit"]).rule("cake", Rule::allow().ttl(hours(2)));
    let db = db.with_policy(rules);
    for _ in 0..2 {
        Cake::find().all(&db).await.unwrap();
        Fruit::find().all(&db).await.unwrap();
    }
    assert_eq!(counts(&db), [1, 1, 2, 4]);
    assert!(fresh_for(&db, &Cake::find()).await > hours(1));
    let denied = db.explain(&Fruit::find()).await;
    assert_eq!(denied.reason(), Some("denied_table"));
    assert_eq!(denied.detail(), Some("denied table fruit by fruit"));
    // No read can allow what a rule denies.
    Fruit::find().cached().all(&db.cached()).await.unwrap();
    Fruit::find().all(&db.cached()).await.unwrap();
    assert_eq!(counts(&db), [1, 1, 4, 6]);
}

#[tokio::test]
async fn on_an_explicit_connection_only_marked_reads_are_cached() {
    let plain = connect().await;
    let ruled = plain.with_policy(Policy::explicit());
    for db in [plain.explicit(), ruled] {
        let [hits, misses, bypasses, _] = counts(&db);
        for _ in 0..2 {
            Cake::find().all(&db).await.unwrap();
        }
        assert_eq!(counts(&db)[..3], [hits, misses, bypasses], "a plain read was looked up");
        let explained = db.explain(&Cake::find()).await;
        assert_eq!(explained.reason(), Some("not_marked"), "{explained}");
        let mend = "say .cached() of the query, or of its connection";
        assert_eq!(explained.mend(), Some(mend));
        let hinted = "SELECT id, name FROM cake /* dogpile: on */";
        let hinted = || Statement::from_string(DbBackend::Sqlite, hinted);
        assert!(db.explain_raw(hinted()).await.is_cached());
        for _ in 0..2 {
            Cake::find().all(&db.cached()).await.unwrap();
            Fruit::find().cached().all(&db).await.unwrap();
            db.query_all_raw(hinted()).await.unwrap();
        }
        assert_eq!(counts(&db)[..3], [hits + 3, misses + 3, bypasses]);
        db.region().invalidate(["menu"]).await.unwrap();
        db.execute_unprepared("UPDATE cake SET id = id").await.unwrap();
        db.execute_unprepared("UPDATE fruit SET id = id").await.unwrap();
    }
}

#[tokio::test]
async fn a_rule_that_allows_plain_reads_does_so_beside_an_explicit_policy() {
    let db = connect().await.with_policy(Policy::explicit().rule("cake", Rule::allow()));
    for _ in 0..2 {
        Cake::find().all(&db).await.unwrap();
        Fruit::find().all(&db).await.unwrap();
        Cake::find().find_also_related(Fruit).all(&db).await.unwrap();
    }
    assert_eq!(counts(&db), [1, 1, 0, 2]);
    Cake::find().all(&db.explicit()).await.unwrap();
    assert_eq!(counts(&db), [1, 1, 0, 2]);
}

/// Whichever was said first, and whatever the policy says of all the rest.
#[tokio::test]
async fn s203_the_longest_match_wins_among_what_is_left_out_and_let_in() {
    let db = connect().await;
    let [allow, deny] = [Rule::allow, Rule::deny];
    let exceptions = [
        Policy::all().except(["c*"]).rule("cake", allow()),
        Policy::all().rule("cake", allow()).except(["c*"]),
        Policy::explicit().rule("ca*", allow()).rule("c*", deny()).rule("fruit", deny()),
    ];
    for policy in exceptions {
        let db = db.with_policy(policy);
        db.region().invalidate_all(Invalidation::Hard).await.unwrap();
        let [hits, misses, ..] = counts(&db);
        for _ in 0..2 {
            Cake::find().all(&db).await.unwrap();
        }
        assert_eq!(counts(&db)[..2], [hits + 1, misses + 1], "{:?}", db.policy());
    }
    let left_out = [
        Policy::all().except(["cake"]).rule("c*", allow()),
        Policy::explicit().rule("c*", allow()).rule("cake", deny()),
        Policy::only(["fruit"]),
    ];
    for policy in left_out {
        let db = db.with_policy(policy);
        let [hits, misses, ..] = counts(&db);
        for _ in 0..2 {
            Cake::find().all(&db).await.unwrap();
            Cake::find().cached().all(&db).await.unwrap();
        }
        assert_eq!(counts(&db)[..2], [hits, misses], "{:?}", db.policy());
    }
}

#[tokio::test]
async fn on_an_uncached_connection_nothing_is() {
    let db = connect().await.uncached();
    for _ in 0..2 {
        Cake::find().all(&db).await.unwrap();
        Cake::find().cached().all(&db).await.unwrap();
    }
    assert_eq!(counts(&db), [0, 0, 2, 2]);
    assert_eq!(db.explain(&Cake::find()).await.reason(), Some("ignored"));
    assert_eq!(Cake::find().cached().explain(&db).await.reason(), Some("ignored"));
    Cake::find().all(&db.cached()).await.unwrap();
    assert_eq!(counts(&db), [0, 1, 2, 3]);
}

#[tokio::test]
async fn a_select_that_says_so_bypasses_the_cache() {
    let db = connect().await;
    let cakes = Cake::find().cached().all(&db).await.unwrap();
    db.inner().execute_unprepared("UPDATE cake SET name = 'seen'").await.unwrap();
    assert_eq!(Cake::find().cached().all(&db).await.unwrap(), cakes);
    assert_eq!(Cake::find().uncached().all(&db).await.unwrap()[0].name, "seen");
    let one = Cake::find_by_id(1).uncached().one(&db.cached()).await.unwrap();
    assert_eq!(one.unwrap().name, "seen");
    assert_eq!(counts(&db), [1, 1, 2, 4]);
}

#[tokio::test]
async fn the_options_of_a_connection_go_for_all_that_reads_through_it() {
    let db = connect().await;
    let view = db.cached().ttl(hours(3)).tag("front").scope("tenant 7");
    let cakes = Cake::find().all(&view).await.unwrap();
    let fruits = cakes.load_many(Fruit, &view).await.unwrap();
    assert_eq!(fruits.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    Cake::find().cursor_by(cake::Column::Id).first(1).all(&view).await.unwrap();
    Cake::find().paginate(&view, 1).fetch_page(0).await.unwrap();
    Cake::find_by_id(1).cached().one(&view).await.unwrap();
    let [_, misses, ..] = counts(&db);
    assert!(fresh_for(&view, &Cake::find()).await > hours(2));
    let again = async || {
        Cake::find().all(&view).await.unwrap();
        cakes.load_many(Fruit, &view).await.unwrap();
        Cake::find().cursor_by(cake::Column::Id).first(1).all(&view).await.unwrap();
        Cake::find().paginate(&view, 1).fetch_page(0).await.unwrap();
        Cake::find_by_id(1).cached().one(&view).await.unwrap();
    };
    again().await;
    assert_eq!(counts(&db)[1], misses, "not all of it was kept");
    db.region().invalidate(["front"]).await.unwrap();
    again().await;
    assert_eq!(counts(&db)[1], 2 * misses, "not all of it had the tag");
    // What is in no scope, or another, is another entry.
    Cake::find().all(&db).await.unwrap();
    Cake::find().all(&db.cached().scope("tenant 8")).await.unwrap();
    assert_eq!(counts(&db)[1], 2 * misses + 2);
}

#[tokio::test]
async fn a_select_says_more_than_its_connection_and_that_more_than_a_rule() {
    let ruled = Rule::allow().ttl(hours(2)).tag("of the rule");
    let db = connect().await.with_policy(Policy::all().rule("cake", ruled));
    let view = db.cached().ttl(hours(4)).tag("of the view").scope("outer").mode(Mode::Refresh);
    let select = || Cake::find().cached().tag("of the select").scope("inner");
    let explained = select().explain(&view).await.to_string();
    assert!(explained.contains("scope outer, inner"), "{explained}");
    let tags = ["of the rule", "of the view", "of the select", "table:cake"];
    assert!(tags.iter().all(|tag| explained.contains(tag)), "{explained}");
    assert!(explained.ends_with("rules      cake by cake"), "{explained}");

    let fresh = async |select: dogpile_sea_orm::CachedSelect<sea_orm::Select<Cake>>| {
        select.explain(&view).await.entry().unwrap().held.unwrap().fresh_for
    };
    select().all(&view).await.unwrap();
    let of_view = fresh(select()).await;
    assert!(of_view > hours(3) && of_view <= hours(4), "{of_view:?}");
    select().ttl(hours(6)).all(&view).await.unwrap();
    assert!(fresh(select()).await > hours(5));
    assert_eq!(counts(&db)[0], 0, "the view's mode was not heard");
    select().mode(Mode::Normal).all(&view).await.unwrap();
    assert_eq!(counts(&db)[0], 1);
}

#[tokio::test]
async fn an_entity_brings_its_own_rule() {
    let db = connect().await.with_policy(Policy::only(["sugar"]));
    assert_eq!(db.explain(&Cake::find()).await.reason(), Some("denied_table"));
    let db = db.with_entity::<Cake>().with_entity::<Fruit>();
    Cake::find().all(&db).await.unwrap();
    Cake::find().cached().all(&db).await.unwrap();
    assert!(fresh_for(&db, &Cake::find()).await > hours(1));
    let explained = Cake::find().cached().explain(&db).await;
    assert_eq!(explained.rules().collect::<Vec<_>>(), ["cake by cake"]);
    Fruit::find().all(&db).await.unwrap();
    assert!(fresh_for(&db, &Fruit::find()).await <= minutes(5));
    db.region().invalidate(["menu"]).await.unwrap();
    for _ in 0..2 {
        Cake::find().cached().all(&db).await.unwrap();
    }
    assert_eq!(counts(&db)[..2], [1, 4]);
}

#[tokio::test]
async fn a_plain_read_explains_itself_without_being_run() {
    let db = connect().await;
    let before = counts(&db);
    let explained = db.explain(&Cake::find().filter(cake::Column::Name.eq("nut"))).await;
    let said = explained.to_string();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("SELECT") && lines[0].contains("\"cake\""), "{said}");
    assert_eq!(lines[1], "  cached     yes, region rules, raw cells");
    assert!(lines[2].contains("1 parameter"), "{said}");
    assert!(lines[4].starts_with("  entry      none"), "{said}");
    assert_eq!(counts(&db), before);
    let typed = Cake::find().cached().explain(&db).await.to_string();
    assert!(typed.contains("typed Vec<"), "{typed}");
    let volatile = "SELECT * FROM cake WHERE id > random()";
    let volatile = Statement::from_string(DbBackend::Sqlite, volatile);
    let said = db.explain_raw(volatile).await.to_string();
    assert!(said.contains("  cached     no: volatile function random()"), "{said}");
}

#[tokio::test]
async fn a_transaction_obeys_the_rules_of_its_connection() {
    use sea_orm::TransactionTrait;

    let db = connect().await.with_policy(Policy::all().except(["fruit"]));
    let transaction = db.begin().await.unwrap();
    for _ in 0..2 {
        Fruit::find().cached().all(&transaction).await.unwrap();
    }
    transaction.commit().await.unwrap();
    assert_eq!(counts(&db)[..2], [0, 0]);
}
