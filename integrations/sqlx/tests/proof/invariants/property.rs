//! I13 for any small table and any projection of it.

use proptest::prelude::*;
use sqlx::FromRow;

use super::equality::{Answer, same};
use crate::support::{Fixture, Result};

type Cells = (Option<i64>, Option<String>, Option<f64>, Option<Vec<u8>>);

/// What to read, and as what.
#[derive(Debug, Clone)]
struct Question {
    columns: Vec<&'static str>,
    up_to: i64,
    answer: usize,
}

#[derive(Debug, Clone, PartialEq, FromRow)]
struct Wide {
    i: Option<i64>,
    t: Option<String>,
    r: Option<f64>,
    b: Option<Vec<u8>>,
}

#[derive(Debug, Clone, PartialEq, FromRow)]
struct Narrow {
    id: i32,
    #[sqlx(default)]
    t: String,
}

fn rows() -> impl Strategy<Value = Vec<Cells>> {
    let integer = prop_oneof![Just(0), Just(i64::MAX), Just(i64::MIN), -200..200_i64];
    let real = prop::sample::select(vec![0.0, -0.0, 0.1, 1e300, -1.5, f64::INFINITY]);
    let cells = (
        prop::option::of(integer),
        prop::option::of("[a-z0-9\\PC]{0,6}"),
        prop::option::of(real),
        prop::option::of(prop::collection::vec(any::<u8>(), 0..5)),
    );
    prop::collection::vec(cells, 0..5)
}

fn question() -> impl Strategy<Value = Question> {
    let column = prop::sample::select(vec![
        "id",
        "i",
        "t",
        "r",
        "b",
        "i AS t",
        "t AS id",
        "NULL AS i",
        "r AS r",
        "b AS b",
        "id AS id",
    ]);
    (prop::collection::vec(column, 1..5), 0..6_i64, 0..7_usize)
        .prop_map(|(columns, up_to, answer)| Question { columns, up_to, answer })
}

impl Question {
    fn sql(&self) -> String {
        let Self { columns, up_to, .. } = self;
        format!("SELECT {} FROM cell WHERE cell.id <= {up_to} ORDER BY cell.id", columns.join(", "))
    }

    async fn ask(&self, fixture: &Fixture) {
        match self.answer {
            0 => self.ask_as::<Wide>(fixture).await,
            1 => self.ask_as::<Narrow>(fixture).await,
            2 => self.ask_as::<(Option<i64>,)>(fixture).await,
            3 => self.ask_as::<(i64, Option<String>)>(fixture).await,
            4 => self.ask_as::<(String,)>(fixture).await,
            5 => self.ask_as::<(Option<f64>, Option<Vec<u8>>)>(fixture).await,
            _ => self.ask_as::<(i16, bool, String)>(fixture).await,
        }
    }

    async fn ask_as<T: Answer>(&self, fixture: &Fixture) {
        // Whether it is a value or an error: `same` compares.
        drop(same::<T>(fixture, &self.sql()).await);
    }
}

async fn fill(fixture: &Fixture, rows: Vec<Cells>) -> Result {
    sqlx::query("DELETE FROM cell").execute(&fixture.db).await?;
    for (i, t, r, b) in rows {
        let insert = sqlx::query("INSERT INTO cell (i, t, r, b) VALUES (?, ?, ?, ?)");
        insert.bind(i).bind(t).bind(r).bind(b).execute(&fixture.db).await?;
    }
    Ok(())
}

#[test]
fn i13_any_projection_of_any_table() -> Result {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let fixture = runtime.block_on(Fixture::new(1))?;
    let create = "CREATE TABLE cell (id INTEGER PRIMARY KEY, i INTEGER, t TEXT, r REAL, b BLOB)";
    runtime.block_on(sqlx::query(create).execute(&fixture.db))?;
    proptest!(ProptestConfig::with_cases(200), |(
        rows in rows(),
        questions in prop::collection::vec(question(), 1..6),
    )| {
        runtime.block_on(async {
            assert!(fill(&fixture, rows).await.is_ok());
            for question in questions {
                question.ask(&fixture).await;
            }
        });
    });
    let stats = fixture.db.region().stats();
    assert!(stats.hits > 200, "hardly anything was a hit: {stats:?}");
    Ok(())
}
