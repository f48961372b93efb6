//! Random statements on a small table: no read whose rows changed keeps its entry, and a read of a row
//! that is known to be left alone keeps it.

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::{Read, Seen, execute, read, with};
use crate::support::{Fixture, Result};

const SCHEMA: &str = "CREATE TABLE thing (id INTEGER PRIMARY KEY, grp INT, code INT UNIQUE);
    INSERT INTO thing VALUES (1, 1, 10), (2, 1, 20), (3, 2, 30)";

/// The rows that there may be.
const IDS: std::ops::Range<i64> = 1..6;

const BY_KEY: [&str; 3] = [
    "SELECT grp, code FROM thing WHERE id = ?",
    "SELECT count(*), coalesce(sum(code), 0) FROM thing WHERE grp < 9 AND id = ?",
    "SELECT id, coalesce(code, -1) FROM main.thing AS t WHERE (t.\"ID\" = ?1)",
];

const BY_OTHERS: [&str; 4] = [
    "SELECT count(*), coalesce(sum(code), 0) FROM thing WHERE grp = ?",
    "SELECT id, id FROM thing WHERE code = ?",
    "SELECT id, id FROM thing WHERE id = ? OR grp = 1 ORDER BY id",
    "SELECT a.id, b.id FROM thing a JOIN thing b USING (grp) WHERE a.id = ? ORDER BY b.id",
];

/// A statement, and the rows that it is known to touch, if it is.
#[derive(Debug, Clone)]
struct Write {
    sql: String,
    known: Option<Vec<i64>>,
}

fn write() -> impl Strategy<Value = Write> {
    let certain = |sql: String, id: i64| Write { sql, known: Some(vec![id]) };
    let any = |sql: String| Write { sql, known: None };
    (0..17_usize, IDS, IDS, 1..60_i64).prop_map(move |(kind, id, to, n)| match kind {
        0 => certain(format!("UPDATE thing SET code = {n} WHERE id = {id}"), id),
        1 => certain(format!("UPDATE thing SET grp = {} WHERE {id} = id AND grp = 1", n % 3), id),
        2 => certain(format!("UPDATE main.thing AS t SET grp = grp + 1 WHERE t.id = {id}"), id),
        3 => certain(format!("DELETE FROM thing WHERE id = {id} RETURNING code"), id),
        4 => certain(format!("INSERT INTO thing (code, id) VALUES ({n}, {id})"), id),
        5 => {
            let sql = format!("INSERT INTO thing (id, grp) VALUES ({id}, 1), ({to}, 2)");
            Write { sql, known: Some(vec![id, to]) }
        }
        6 => any(format!("INSERT INTO thing (grp, code) VALUES (1, {n})")),
        7 => any(format!("INSERT INTO thing VALUES ({id}, 2, {n})")),
        8 => any(format!("INSERT OR REPLACE INTO thing (id, code) VALUES ({id}, {n})")),
        9 => any(format!("UPDATE OR REPLACE thing SET code = {n} WHERE id = {id}")),
        10 => any(format!("UPDATE OR IGNORE thing SET id = {to} WHERE id = {id}")),
        11 => any(format!("UPDATE OR IGNORE thing SET _rowid_ = {to} WHERE id = {id}")),
        12 => any(format!("UPDATE thing SET grp = 2 WHERE code = {n} OR id = {id}")),
        13 => any(format!("DELETE FROM thing WHERE grp = {}", n % 3)),
        14 => any(format!("UPDATE thing SET grp = 1 WHERE id = '{id}'")),
        15 => any(format!(
            "INSERT INTO thing (id, code) VALUES ({id}, {n}) \
             ON CONFLICT (id) DO UPDATE SET id = {to}"
        )),
        _ => any(format!("REPLACE INTO thing (id, code) VALUES ({id}, {n})")),
    })
}

/// Some writes, alone or in a transaction that commits or not.
#[derive(Debug, Clone)]
struct Step {
    writes: Vec<Write>,
    commits: Option<bool>,
}

fn step() -> impl Strategy<Value = Step> {
    (prop::collection::vec(write(), 1..4), prop::option::of(any::<bool>()))
        .prop_map(|(writes, commits)| Step { writes, commits })
}

impl Step {
    async fn run(&self, fixture: &Fixture) -> Result {
        let Some(commits) = self.commits else {
            for write in &self.writes {
                // One that fails has to be told of as one that does not.
                drop(execute(fixture, &write.sql).await);
            }
            return Ok(());
        };
        let mut tx = fixture.db.begin().await?;
        for write in &self.writes {
            let query = sqlx::query(sqlx::AssertSqlSafe(write.sql.as_str()));
            drop(query.execute(&mut *tx).await);
        }
        if commits {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(())
    }

    /// Whether a read of this row must be a hit.
    fn keeps(&self, id: i64) -> bool {
        let left_alone =
            |write: &Write| write.known.as_ref().is_some_and(|known| !known.contains(&id));
        self.commits == Some(false) || self.writes.iter().all(left_alone)
    }
}

async fn check(steps: Vec<Step>) -> Result {
    let fixture = with(SCHEMA).await?;
    let all = |texts: &'static [&'static str]| {
        IDS.flat_map(move |id| texts.iter().map(move |sql| (id, read(sql, id))))
    };
    let reads: Vec<(i64, Read, bool)> = all(&BY_KEY)
        .map(|(id, read)| (id, read, true))
        .chain(all(&BY_OTHERS).map(|(id, read)| (id, read, false)))
        .collect();
    for (_, read, _) in &reads {
        read.see(&fixture).await?;
    }
    for step in &steps {
        step.run(&fixture).await?;
        for (id, read, by_key) in &reads {
            // `see` compares with the database.
            let seen = read.see(&fixture).await?;
            if *by_key && step.keeps(*id) {
                assert_eq!(seen, Seen::Hit, "{read:?} after {step:?}");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn no_read_whose_rows_changed_keeps_its_entry(
        steps in prop::collection::vec(step(), 1..12)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        let checked = runtime.block_on(check(steps));
        checked.map_err(|error| TestCaseError::fail(error.to_string()))?;
    }
}
