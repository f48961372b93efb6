//! Rows that a transaction writes.

use sqlx::AssertSqlSafe;

use super::{Seen, item};
use crate::support::{Fixture, Result, within};

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_invalidates_its_rows_when_it_commits() -> Result {
    let fixture = Fixture::new(2).await?;
    for commits in [false, true] {
        for id in [1, 2, 3] {
            item(id).see(&fixture).await?;
        }
        let mut tx = fixture.db.begin().await?;
        sqlx::query("UPDATE item SET value = 8 WHERE id = 1").execute(&mut *tx).await?;
        let mut savepoint = tx.begin().await?;
        sqlx::query("UPDATE item SET value = 9 WHERE id = 2").execute(&mut *savepoint).await?;
        savepoint.commit().await?;
        if commits {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        let seen = if commits { Seen::Miss } else { Seen::Hit };
        item(1).expect(&fixture, seen, "the end of the transaction").await?;
        item(2).expect(&fixture, seen, "the end of the transaction").await?;
        item(3).expect(&fixture, Seen::Hit, "the end of the transaction").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_savepoint_that_is_rolled_back_keeps_its_rows() -> Result {
    let fixture = Fixture::new(2).await?;
    item(1).see(&fixture).await?;
    item(2).see(&fixture).await?;
    let mut tx = fixture.db.begin().await?;
    sqlx::query("UPDATE item SET value = 8 WHERE id = 1").execute(&mut *tx).await?;
    let mut savepoint = tx.begin().await?;
    sqlx::query("UPDATE item SET value = 9 WHERE id = 2").execute(&mut *savepoint).await?;
    savepoint.rollback().await?;
    tx.commit().await?;
    item(1).expect(&fixture, Seen::Miss, "its commit").await?;
    item(2).expect(&fixture, Seen::Hit, "its rollback").await
}

/// What a transaction owes is bounded: after many rows it owes the table, and no row is forgotten.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_of_many_rows_owes_the_table() -> Result {
    let fixture = Fixture::new(2).await?;
    for id in [1, 2, 3] {
        item(id).see(&fixture).await?;
    }
    let mut tx = fixture.db.begin().await?;
    for id in (4..300).chain([1, 3]) {
        let sql = format!("UPDATE item SET value = 8 WHERE id = {id}");
        sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await?;
    }
    tx.commit().await?;
    for id in [1, 2, 3] {
        item(id).expect(&fixture, Seen::Miss, "many rows").await?;
    }
    Ok(())
}

/// The catalog is not asked for inside of a transaction, and nobody waits for a connection to ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_on_the_only_connection_does_not_wait_for_the_catalog() -> Result {
    let fixture = Fixture::new(1).await?;
    let write = async {
        let mut tx = fixture.db.begin().await?;
        sqlx::query("UPDATE item SET value = 8 WHERE id = 1").execute(&mut *tx).await?;
        tx.commit().await
    };
    within("a transaction", write).await??;
    item(1).see(&fixture).await?;
    item(1).expect(&fixture, Seen::Hit, "nothing").await
}

/// A process that only writes learns the key from its first write, for the next ones.
#[tokio::test(flavor = "multi_thread")]
async fn who_only_writes_learns_the_keys_too() -> Result {
    let fixture = Fixture::new(2).await?;
    let space = dogpile::TagSpace::new(1_000);
    let (mine, theirs) = (space.clone(), space);
    let reader = fixture.beside(move |region| region.tag_space(mine)).await?;
    let writer = fixture.beside(move |region| region.tag_space(theirs)).await?;
    item(1).see(&reader).await?;
    for seen in [Seen::Miss, Seen::Hit] {
        let mut tx = writer.db.begin().await?;
        sqlx::query("UPDATE item SET value = 8 WHERE id = 2").execute(&mut *tx).await?;
        tx.commit().await?;
        item(1).expect(&reader, seen, "the write").await?;
    }
    Ok(())
}
