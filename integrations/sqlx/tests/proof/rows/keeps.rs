//! Which writes leave other rows alone.

use dogpile::TagSpace;

use super::{Seen, execute, item, read, with};
use crate::support::{Fixture, Result};

#[tokio::test(flavor = "multi_thread")]
async fn a_write_of_one_row_invalidates_it_and_keeps_the_others() -> Result {
    let fixture = Fixture::new(2).await?;
    let all = super::Read { sql: crate::support::READ, bound: None };
    for write in [
        "UPDATE item SET value = value + 1 WHERE id = 1",
        "UPDATE item SET value = 7 WHERE id = 1 AND value > 0 RETURNING id",
        "DELETE FROM item WHERE 1 = id",
        "INSERT INTO item (id, value) VALUES (1, 5)",
    ] {
        for warm in [item(1), item(2), all] {
            warm.see(&fixture).await?;
        }
        execute(&fixture, write).await?;
        item(1).expect(&fixture, Seen::Miss, write).await?;
        item(2).expect(&fixture, Seen::Hit, write).await?;
        all.expect(&fixture, Seen::Miss, write).await?;
    }
    Ok(())
}

/// However wide the integers are that the two are bound with.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_the_same_in_every_width() -> Result {
    let fixture = Fixture::new(2).await?;
    let literal = super::Read { sql: "SELECT id, value FROM item WHERE id = 1", bound: None };
    const WRITE: &str = "UPDATE item SET value = value + 1 WHERE id = ?";
    for width in 0..4 {
        for warm in [item(1), item(2), literal] {
            warm.see(&fixture).await?;
        }
        let write = match width {
            0 => sqlx::query(WRITE).bind(1_i16),
            1 => sqlx::query(WRITE).bind(1_i32),
            2 => sqlx::query(WRITE).bind(true),
            _ => sqlx::query(WRITE).bind(1_i64),
        };
        write.execute(&fixture.db).await?;
        item(1).expect(&fixture, Seen::Miss, "the write").await?;
        literal.expect(&fixture, Seen::Miss, "the write").await?;
        item(2).expect(&fixture, Seen::Hit, "the write").await?;
    }
    Ok(())
}

/// SQLite finds the row that is meant, whatever it is bound with.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_by_a_key_of_another_type_invalidates_every_row() -> Result {
    let fixture = Fixture::new(2).await?;
    const WRITE: &str = "UPDATE item SET value = value + 1 WHERE id = ?";
    for kind in 0..2 {
        item(1).see(&fixture).await?;
        let write = sqlx::query(WRITE);
        let write = if kind == 0 { write.bind("1") } else { write.bind(1.0_f64) };
        write.execute(&fixture.db).await?;
        item(1).expect(&fixture, Seen::Miss, "a write by another type").await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_that_there_is_no_row_ends_when_there_is_one() -> Result {
    let fixture = Fixture::new(2).await?;
    for (id, insert) in [
        (40, "INSERT INTO item (id, value) VALUES (40, 1)"),
        (41, "INSERT INTO item (value) VALUES (1)"),
        (50, "INSERT INTO item VALUES (50, 1)"),
        (60, "INSERT INTO item (id, value) SELECT 60, 1"),
        (70, "INSERT INTO item (rowid, value) VALUES (70, 1)"),
        (80, "UPDATE item SET id = 80 WHERE id = 70"),
        (90, "UPDATE item SET rowid = 90 WHERE id = 80"),
        (99, "UPDATE item SET id = id + 9 WHERE id = 90"),
        (100, "INSERT INTO item (id, value) VALUES (99, 1) ON CONFLICT DO UPDATE SET id = 100"),
    ] {
        item(id).see(&fixture).await?;
        item(id).expect(&fixture, Seen::Hit, "nothing").await?;
        execute(&fixture, insert).await?;
        item(id).expect(&fixture, Seen::Miss, insert).await?;
    }
    Ok(())
}

/// All columns of the key, or any row.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_of_two_columns_is_known_by_both() -> Result {
    let schema = "CREATE TABLE pair (a INT, b INT, v INT, PRIMARY KEY (a, b)) WITHOUT ROWID;
        INSERT INTO pair VALUES (1, 1, 10), (1, 2, 20), (2, 1, 30)";
    let fixture = with(schema).await?;
    let other = read("SELECT b, v FROM pair WHERE b = ? AND a = 1", 2);
    other.see(&fixture).await?;
    for (write, seen) in [
        ("UPDATE pair SET v = 11 WHERE a = 1 AND b = 1", Seen::Hit),
        ("UPDATE pair SET v = 31 WHERE b = 1 AND a = 2", Seen::Hit),
        ("UPDATE pair SET v = 21 WHERE a = 1 AND b = 2", Seen::Miss),
        ("UPDATE pair SET v = 12 WHERE a = 1", Seen::Miss),
        ("UPDATE pair SET b = 3 WHERE a = 1 AND b = 1", Seen::Miss),
    ] {
        execute(&fixture, write).await?;
        other.expect(&fixture, seen, write).await?;
    }
    Ok(())
}

/// A name is exact, and nobody learns it from the tag.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_may_be_text() -> Result {
    let schema = "CREATE TABLE word (name TEXT PRIMARY KEY, v INT, w INT);
        INSERT INTO word VALUES ('a', 1, 1), ('A', 2, 2)";
    let fixture = with(schema).await?;
    let upper = super::Read { sql: "SELECT v, w FROM word WHERE name = 'A'", bound: None };
    upper.see(&fixture).await?;
    let write = || sqlx::query("UPDATE word SET v = v + 1 WHERE name = ?");
    write().bind("a").execute(&fixture.db).await?;
    upper.expect(&fixture, Seen::Hit, "a write of another name").await?;
    write().bind(String::from("A")).execute(&fixture.db).await?;
    upper.expect(&fixture, Seen::Miss, "a write of the name").await
}

/// A region whose entries may have one tag keeps that of the table.
#[tokio::test(flavor = "multi_thread")]
async fn where_tags_are_few_a_row_counts_as_its_table() -> Result {
    let settings =
        |region: dogpile::RegionBuilder| region.max_tags(1).tag_space(TagSpace::new(1_000));
    let fixture = Fixture::with(2, settings).await?;
    item(1).see(&fixture).await?;
    item(1).expect(&fixture, Seen::Hit, "nothing").await?;
    execute(&fixture, "UPDATE item SET value = 1 WHERE id = 2").await?;
    item(1).expect(&fixture, Seen::Miss, "a write of another row").await
}
