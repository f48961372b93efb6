//! What is invalidated by hand, or by something that nobody understands, reaches rows too.

use dogpile::Tag;

use super::{Seen, execute, item};
use crate::support::{Fixture, Result};

#[tokio::test(flavor = "multi_thread")]
async fn who_invalidates_a_table_means_its_rows() -> Result {
    let fixture = Fixture::new(2).await?;
    let db = &fixture.db;
    for how in 0..7 {
        item(1).see(&fixture).await?;
        item(1).expect(&fixture, Seen::Hit, "nothing").await?;
        match how {
            0 => db.invalidate_tables(["item"]).await?,
            1 => db.invalidate([Tag::table("item")]).await?,
            2 => db.invalidate([Tag::all_tables()]).await?,
            3 => db.invalidate([Tag::row("item", 1)]).await?,
            4 => db.invalidate([Tag::rows("item")]).await?,
            5 => {
                let mut tx = db.begin().await?;
                tx.invalidate([Tag::table("item")]);
                tx.commit().await?;
            }
            _ => db.invalidate_tables(["main.item"]).await?,
        }
        item(1).expect(&fixture, Seen::Miss, &format!("invalidation {how}")).await?;
    }
    db.invalidate([Tag::row("item", 2)]).await?;
    item(1).expect(&fixture, Seen::Hit, "the invalidation of another row").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_not_understood_reaches_rows() -> Result {
    let fixture = Fixture::new(2).await?;
    let deep = format!("{}1{}", "(".repeat(200), ")".repeat(200));
    for write in [
        format!("UPDATE item SET value = value + 1 WHERE id = {deep}"),
        "UPDATE item SET value = 1 WHERE id = 1; UPDATE other SET value = 1".to_owned(),
    ] {
        item(1).see(&fixture).await?;
        item(1).expect(&fixture, Seen::Hit, "nothing").await?;
        execute(&fixture, &write).await?;
        item(1).expect(&fixture, Seen::Miss, &write).await?;
    }
    Ok(())
}
