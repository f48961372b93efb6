//! A bakery on sea-orm: reads of entities that come from the cache, and writes that are seen at once.
//!
//! ```text
//! cargo run --example sea_orm
//! ```
//!
//! Nothing has to run beside it: the database is SQLite, in memory.

use std::io::{self, Write};

use dogpile::{Region, Tag, minutes};
use dogpile_sea_orm::{CachedConnection, SelectCacheExt, hooks};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, Database, DbErr, EntityTrait, QueryFilter,
    QueryOrder, Set, TransactionTrait,
};

mod cake {
    use super::{ConnectionTrait, DbErr, Tag, hooks};
    use dogpile_sea_orm::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "cake")]
    #[cached_entity(ttl = "30m", stale_for = "2h")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        pub(super) name: String,
        pub(super) price: i32,
        #[sea_orm(has_many)]
        pub(super) fruits: HasMany<super::fruit::Entity>,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        /// The menu is no query: nobody but us knows that it is made of cakes.
        async fn after_save<C: ConnectionTrait>(
            cake: Model,
            db: &C,
            _insert: bool,
        ) -> Result<Model, DbErr> {
            hooks::invalidate(db, [Tag::new("menu")]).await?;
            Ok(cake)
        }
    }
}

mod fruit {
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "fruit")]
    pub(super) struct Model {
        #[sea_orm(primary_key)]
        pub(super) id: i32,
        pub(super) name: String,
        pub(super) cake_id: i32,
        #[sea_orm(belongs_to, from = "cake_id", to = "id")]
        pub(super) cake: BelongsTo<super::cake::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T = (), E = Failure> = std::result::Result<T, E>;

#[tokio::main]
async fn main() -> Result {
    let region = Region::builder("bakery").ttl(minutes(5)).build()?;
    let db = CachedConnection::new(Database::connect("sqlite::memory:").await?, region)?;
    let db = db.with_entity::<cake::Entity>();
    bake(&db).await?;

    let mut table = Table::begin(&db)?;
    reads(&db, &mut table).await?;
    transactions(&db, &mut table).await?;
    by_hand(&db, &mut table).await?;

    let mut out = io::stdout();
    writeln!(out, "\nWhat becomes of a read, and why:\n")?;
    writeln!(out, "{}", cake::Entity::find().cached().explain(&db).await)?;
    writeln!(out, "\n{}", db.region().stats())?;
    Ok(())
}

/// The tables, and what is in them.
async fn bake(db: &CachedConnection) -> Result<(), DbErr> {
    let schema = sea_orm::Schema::new(db.get_database_backend()).builder();
    schema.register(cake::Entity).register(fruit::Entity).apply(db).await?;
    for (name, price) in [("cheese cake", 4), ("fruit cake", 5), ("nut cake", 6)] {
        let cake =
            cake::ActiveModel { name: Set(name.into()), price: Set(price), ..Default::default() };
        cake.insert(db).await?;
    }
    for (name, cake) in [("apple", 2), ("cherry", 2), ("lemon", 1)] {
        let fruit =
            fruit::ActiveModel { name: Set(name.into()), cake_id: Set(cake), ..Default::default() };
        fruit.insert(db).await?;
    }
    Ok(())
}

async fn names(db: &CachedConnection) -> Result<String, DbErr> {
    let cakes = cake::Entity::find().order_by_asc(cake::Column::Id).cached().all(db).await?;
    Ok(cakes.into_iter().map(|cake| cake.name).collect::<Vec<_>>().join(", "))
}

/// How many fruits are in the second cake.
async fn fruits(db: &CachedConnection) -> Result<String, DbErr> {
    let cakes = cake::Entity::find().find_with_related(fruit::Entity);
    let cakes = cakes.order_by_asc(cake::Column::Id).cached().all(db).await?;
    Ok(format!("{} fruits", cakes[1].1.len()))
}

async fn one(db: &CachedConnection, id: i32) -> Result<String, DbErr> {
    let cake = cake::Entity::find_by_id(id).cached().one(db).await?;
    Ok(cake.map_or_else(|| "none".into(), |cake| format!("{} for {}", cake.name, cake.price)))
}

async fn reads(db: &CachedConnection, table: &mut Table<'_>) -> Result {
    table.row("all cakes", &names(db).await?)?;
    table.row("all cakes again", &names(db).await?)?;
    table.row("cakes with their fruits", &fruits(db).await?)?;
    table.row("the same", &fruits(db).await?)?;
    let pear =
        fruit::ActiveModel { name: Set("pear".into()), cake_id: Set(2), ..Default::default() };
    pear.insert(db).await?;
    table.row("... after a pear was inserted", &fruits(db).await?)?;
    table.row("all cakes: no fruit is in them", &names(db).await?)?;

    table.row("cake 1", &one(db, 1).await?)?;
    let dearer = cake::ActiveModel { id: Set(3), price: Set(7), ..Default::default() };
    dearer.update(db).await?;
    table.row("... after cake 3 became dearer", &one(db, 1).await?)?;
    Ok(())
}

async fn transactions(db: &CachedConnection, table: &mut Table<'_>) -> Result {
    names(db).await?;
    table.begin_row();
    let tx = db.begin().await?;
    let rename = cake::Entity::update_many().col_expr(cake::Column::Name, Expr::value("brownie"));
    rename.clone().filter(cake::Column::Id.eq(3)).exec(&tx).await?;
    table.row("beside a transaction that writes", &names(db).await?)?;
    tx.rollback().await?;
    table.row("... that was rolled back", &names(db).await?)?;

    let tx = db.begin().await?;
    rename.filter(cake::Column::Id.eq(3)).exec(&tx).await?;
    tx.commit().await?;
    table.row("... that has committed", &names(db).await?)?;
    Ok(())
}

/// A value that no query returns, kept in the same region under a tag of ours.
async fn menu(db: &CachedConnection) -> Result<String> {
    let menu = db.region().entry("menu").tag("menu").get_or_create(async || {
        let cakes = cake::Entity::find().all(db).await?;
        Ok::<_, Failure>(format!("a menu of {} cakes", cakes.len()))
    });
    Ok(menu.await?.to_string())
}

async fn by_hand(db: &CachedConnection, table: &mut Table<'_>) -> Result {
    menu(db).await?;
    table.begin_row();
    table.row("the menu, which is no query", &menu(db).await?)?;
    let scone =
        cake::ActiveModel { name: Set("scone".into()), price: Set(2), ..Default::default() };
    scone.insert(db).await?;
    table.row("... after the hook of a new cake", &menu(db).await?)?;
    names(db).await?;
    table.begin_row();
    db.outside(async |inner| inner.execute_unprepared("DELETE FROM cake WHERE id = 4").await)
        .await?;
    table.row("all cakes, after work outside", &names(db).await?)?;
    Ok(())
}

/// What was read, and how often the cache and the database were asked for it.
struct Table<'d> {
    db: &'d CachedConnection,
    hits: u64,
    misses: u64,
}

impl<'d> Table<'d> {
    fn begin(db: &'d CachedConnection) -> io::Result<Self> {
        writeln!(io::stdout(), "{:34} {:>6} {:>7}  answer", "read", "cache", "loaded")?;
        let mut table = Self { db, hits: 0, misses: 0 };
        table.begin_row();
        Ok(table)
    }

    fn begin_row(&mut self) {
        let stats = self.db.region().stats();
        (self.hits, self.misses) = (stats.hits, stats.misses);
    }

    fn row(&mut self, what: &str, answer: &str) -> io::Result<()> {
        let (hits, misses) = (self.hits, self.misses);
        self.begin_row();
        let (hits, misses) = (self.hits - hits, self.misses - misses);
        writeln!(io::stdout(), "{what:34} {hits:>6} {misses:>7}  {answer}")
    }
}
