//! Which rows a statement is limited to.

use dogpile_query::{Analyzer, Dialect, RowValue};

/// The pins as `column=value`, or `None` if any row may be touched.
fn pins(dialect: Dialect, sql: &str) -> Option<String> {
    let analysis = Analyzer::new(dialect).analyze(sql);
    let filter = analysis.row()?;
    let shown = filter.pins().iter().map(|pin| match pin.value() {
        RowValue::Placeholder(index) => format!("{}=#{index}", pin.column()),
        RowValue::Integer(number) => format!("{}={number}", pin.column()),
        RowValue::Text(text) => format!("{}='{text}'", pin.column()),
        other => panic!("{other:?}"),
    });
    Some(format!("{}: {}", filter.table(), shown.collect::<Vec<_>>().join(" ")))
}

#[track_caller]
fn pinned(dialect: Dialect, sql: &str, expected: &str) {
    assert_eq!(pins(dialect, sql).as_deref(), Some(expected), "{sql}");
}

#[track_caller]
fn not_pinned(sql: &str) {
    for dialect in [Dialect::Sqlite, Dialect::Postgres, Dialect::MySql] {
        assert_eq!(pins(dialect, sql), None, "{dialect:?}: {sql}");
    }
}

#[test]
fn equality_alone_or_anded_pins_a_column() {
    pinned(Dialect::Postgres, "SELECT * FROM post WHERE id = $1", "post: id=#0");
    pinned(Dialect::Sqlite, "SELECT * FROM post p WHERE p.\"ID\" = 7", "post: id=7");
    pinned(Dialect::MySql, "UPDATE post SET title = ? WHERE id = ?", "post: id=#1");
    pinned(Dialect::MySql, "DELETE FROM app.post WHERE `Id` = -3", "app.post: id=-3");
    pinned(Dialect::Postgres, "SELECT * FROM post WHERE 'x' = \"Key\"", "post: Key='x'");
    pinned(
        Dialect::Sqlite,
        "SELECT * FROM post WHERE a > 1 AND ((b = ?) AND (c = ? OR d = 1)) AND e = ? LIMIT ?",
        "post: b=#0 e=#2",
    );
}

#[test]
fn placeholders_are_counted_in_the_order_of_the_text() {
    let sql = "SELECT a + ?, (?) FROM post WHERE b > ? AND c = ? ORDER BY ?";
    pinned(Dialect::Sqlite, sql, "post: c=#3");
    pinned(Dialect::Sqlite, "SELECT '?', ? FROM post WHERE c = ? -- ?", "post: c=#1");
    pinned(Dialect::Sqlite, "SELECT ?2 FROM post WHERE c = ?1", "post: c=#0");
    pinned(Dialect::Sqlite, "SELECT * FROM post WHERE c = $3", "post: c=#2");
    pinned(Dialect::MySql, "SELECT 'é', ?\n FROM post\n WHERE c = ?", "post: c=#1");
}

#[test]
fn placeholders_without_a_certain_index_do_not_pin() {
    for sql in [
        "SELECT * FROM post WHERE c = :name",
        "SELECT ?2 FROM post WHERE c = ?",
        "SELECT :a FROM post WHERE c = ?",
        "SELECT * FROM post WHERE c = ?0",
    ] {
        assert_eq!(pins(Dialect::Sqlite, sql), None, "{sql}");
    }
}

#[test]
fn what_may_touch_other_rows_is_not_pinned() {
    not_pinned("SELECT * FROM post");
    not_pinned("SELECT * FROM post WHERE id = 1 OR id = 2");
    not_pinned("SELECT * FROM post WHERE NOT (id = 1)");
    not_pinned("SELECT * FROM post WHERE id > 1");
    not_pinned("SELECT * FROM post WHERE id = other");
    not_pinned("SELECT * FROM post WHERE id = 1.5");
    not_pinned("SELECT * FROM post WHERE id = 99999999999999999999");
    not_pinned("SELECT * FROM post, author WHERE id = 1");
    not_pinned("SELECT * FROM post JOIN author ON author.id = 2 WHERE post.id = 1");
    not_pinned("SELECT (SELECT COUNT(*) FROM post) FROM post WHERE id = 1");
    not_pinned("SELECT * FROM post WHERE id = 1 UNION SELECT * FROM post WHERE id = 2");
    not_pinned("SELECT * FROM (SELECT * FROM post) AS p WHERE id = 1");
    not_pinned("WITH p AS (SELECT * FROM post) SELECT * FROM p WHERE id = 1");
    not_pinned("UPDATE post SET title = (SELECT MAX(title) FROM post) WHERE id = 1");
    not_pinned("INSERT INTO post (id) VALUES (1)");
    not_pinned("SELECT * FROM post WHERE id = 1; SELECT * FROM post");
}

#[test]
fn a_moved_row_is_not_pinned_to_its_old_value() {
    not_pinned("UPDATE post SET id = 5 WHERE id = 4");
    pinned(Dialect::Sqlite, "UPDATE post SET \"ID\" = 5 WHERE id = 4 AND a = 1", "post: a=1");
    pinned(
        Dialect::Postgres,
        "UPDATE post SET (b, id) = ($1, $2) WHERE id = 4 AND a = 1",
        "post: a=1",
    );
}

#[test]
fn conflict_clauses_reach_beyond_the_pinned_row() {
    assert_eq!(pins(Dialect::Sqlite, "UPDATE OR REPLACE post SET a = 1 WHERE id = 1"), None);
    assert_eq!(pins(Dialect::Postgres, "UPDATE post SET a = 1 FROM tag WHERE post.id = 1"), None);
    assert_eq!(pins(Dialect::Postgres, "DELETE FROM post USING tag WHERE post.id = 1"), None);
    assert_eq!(pins(Dialect::MySql, "DELETE post FROM post JOIN tag WHERE post.id = 1"), None);
}
