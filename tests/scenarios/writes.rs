//! Writes that commit by themselves: whatever form they have, what they touch is read afresh.

use dogpile_sqlx::QueryCacheExt;
use futures_util::TryStreamExt;
use sqlx::QueryBuilder;

use crate::driver::Driver;
use crate::fixture::{Db, Row, assert_miss, by, rows_of};

async fn s079_one_row() {
    let db = Db::new().await;
    for write in [
        "INSERT INTO tag (id, name) VALUES (4, 'pink')",
        "UPDATE tag SET name = 'mauve' WHERE id = 4",
        "DELETE FROM tag WHERE id = 4",
    ] {
        db.invalidates(write, &["SELECT * FROM tag"]).await;
    }
}

async fn s079_in_other_clothes() {
    let db = Db::new().await;
    let from =
        "UPDATE tag SET name = s.name FROM (SELECT max(title) AS name FROM post) AS s WHERE id = 4";
    for write in [
        "/* a hint */ INSERT INTO tag (id, name) VALUES (4, 'a');",
        "-- why not\n  UPDATE tag SET name = 'b' WHERE id = 4 ; -- because",
        by(
            ";UPDATE tag SET name = 'c' WHERE id = 4;;",
            ";UPDATE tag SET name = 'c' WHERE id = 4;;",
            "UPDATE tag SET name = 'c' WHERE id = 4;",
        ),
        "uPdAtE\tmain . tag\nsEt name = 'SELECT * FROM post' wHeRe id = 4",
        by(
            from,
            from,
            "UPDATE tag, (SELECT max(title) AS name FROM post) AS s SET tag.name = s.name WHERE id = 4",
        ),
        by(
            "DELETE FROM tag WHERE id = 4 RETURNING (SELECT count(*) FROM post)",
            "DELETE FROM tag WHERE id = 4 RETURNING (SELECT count(*) FROM post)",
            "DELETE FROM tag WHERE id = 4 RETURNING name",
        ),
        "INSERT INTO tag (name) SELECT 'd' FROM tag LIMIT 1",
    ] {
        db.invalidates(write, &["SELECT * FROM tag"]).await;
    }
}

async fn s079_on_a_connection_of_the_pool() {
    let db = Db::new().await;
    let mut connection = db.pool.acquire().await.unwrap();
    let returning = "UPDATE tag SET name = 'mauve' WHERE id = 4 RETURNING *";
    let returning = by(returning, returning, "UPDATE tag SET name = 'mauve' WHERE id = 4");
    for write in [
        "INSERT INTO tag (id, name) VALUES (4, 'pink')",
        returning,
        "DELETE FROM main.tag WHERE id = 4",
    ] {
        db.warm("SELECT * FROM tag").await;
        sqlx::query(db.sql(write)).execute(&mut connection).await.unwrap();
        db.miss("SELECT * FROM tag").await;
    }
}

async fn s080_every_kind_of_reader() {
    let db = Db::new().await;
    let [grouped, having] = by(
        [
            "SELECT category_id, group_concat(title) FROM post GROUP BY category_id",
            "SELECT author_id, group_concat(title) FROM post GROUP BY author_id HAVING max(id) > 3",
        ],
        [
            "SELECT category_id, string_agg(title, ',') FROM post GROUP BY category_id",
            "SELECT author_id, string_agg(title, ',') FROM post GROUP BY author_id HAVING max(id) > 3",
        ],
        [
            "SELECT category_id, group_concat(title) FROM post GROUP BY category_id",
            "SELECT author_id, group_concat(title) FROM post GROUP BY author_id HAVING max(id) > 3",
        ],
    );
    let reads = [
        "SELECT sum(id * length(title)), max(title) FROM post",
        grouped,
        having,
        "SELECT title FROM post",
        "SELECT a.name, p.title FROM author a JOIN post p ON p.author_id = a.id",
        "SELECT name FROM author WHERE (SELECT title FROM post WHERE id = 4) = 'fourth'",
        "SELECT EXISTS (SELECT 1 FROM post WHERE title = 'fourth')",
    ];
    let insert = "INSERT INTO post (id, author_id, category_id, title) VALUES (4, 3, 2, 'fourth')";
    db.invalidates(insert, &reads).await;
    db.invalidates(insert_count(), &["SELECT count(*) FROM post"]).await;
    db.invalidates("UPDATE post SET title = 'changed' WHERE id = 4", &reads).await;
    db.invalidates("DELETE FROM post WHERE id = 4", &reads[..5]).await;
    db.invalidates("DELETE FROM post WHERE id = 5", &["SELECT count(*) FROM post"]).await;
}

const fn insert_count() -> &'static str {
    "INSERT INTO post (id, author_id, category_id, title) VALUES (5, 1, 1, 'a fifth')"
}

async fn s081_many_rows_at_once() {
    let db = Db::new().await;
    let reads = ["SELECT * FROM tag", "SELECT count(*) FROM tag"];
    db.invalidates("INSERT INTO tag (name) VALUES ('a'), ('b'), ('c')", &reads).await;
    db.invalidates("INSERT INTO tag (name) SELECT title FROM post", &reads).await;
    let with = "WITH t AS (SELECT name FROM author) INSERT INTO tag (name) SELECT * FROM t";
    let within = "INSERT INTO tag (name) WITH t AS (SELECT name FROM author) SELECT * FROM t";
    db.invalidates(by(with, with, within), &reads).await;
    // What is only read stays.
    db.keeps("INSERT INTO tag (name) SELECT title || '!' FROM post", &["SELECT * FROM post"]).await;
}

/// Longer than what is analysed: 64 KiB. Where it begins is enough to tell what it writes.
async fn s081_an_insert_that_is_too_long() {
    let db = Db::new().await;
    let rows = (10..8_000).map(|id| format!("({id}, 'tag {id}')")).collect::<Vec<_>>().join(", ");
    let insert: &str = format!("INSERT INTO tag (id, name) VALUES {rows}").leak();
    db.invalidates(insert, &["SELECT count(*) FROM tag"]).await;
    let list = (10..20_000).map(|id| id.to_string()).collect::<Vec<_>>().join(", ");
    let delete: &str = format!("DELETE FROM tag WHERE id IN ({list})").leak();
    db.invalidates(delete, &["SELECT count(*) FROM tag"]).await;
}

async fn s082_bulk_update_and_delete() {
    let db = Db::new().await;
    let reads = ["SELECT * FROM post", "SELECT count(*) FROM post WHERE visible"];
    db.invalidates("UPDATE post SET visible = NOT visible WHERE id < 3 AND id <> 1", &reads).await;
    db.invalidates("DELETE FROM post WHERE category_id IN (2)", &reads).await;

    let read = reads[0];
    db.warm(read).await;
    let mut update = QueryBuilder::<Driver>::new("UPDATE post SET title = ");
    update.push_bind("built").push(" WHERE id IN (");
    update.separated(", ").push_bind(1).push_bind(3);
    update.push(")").build().execute(&db.pool).await.unwrap();
    db.miss(read).await;
    db.warm(read).await;
    let mut delete = QueryBuilder::<Driver>::new("DELETE FROM post WHERE id > ");
    delete.push_bind(1).build().execute(&db.pool).await.unwrap();
    assert_eq!(db.miss(read).await.len(), 1);
}

async fn s083_upserts() {
    let db = Db::new().await;
    let sqlite: &[&str] = &[
        "INSERT INTO tag VALUES (1, 'rose') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        "INSERT INTO tag AS t VALUES (2, 'lime') ON CONFLICT DO UPDATE SET name = 'lime'",
        "REPLACE INTO tag VALUES (3, 'sky')",
        "INSERT OR REPLACE INTO tag VALUES (4, 'sky')",
        "INSERT OR IGNORE INTO tag VALUES (1, 'rose'), (9, 'ochre')",
        "UPDATE OR REPLACE tag SET name = 'ochre' WHERE id = 1",
    ];
    let postgres: &[&str] = &[
        "INSERT INTO tag VALUES (1, 'rose') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
        "INSERT INTO tag AS t VALUES (2, 'lime') ON CONFLICT ON CONSTRAINT tag_pkey
             DO UPDATE SET name = excluded.name",
        "INSERT INTO tag VALUES (1, 'rose'), (9, 'ochre') ON CONFLICT DO NOTHING",
        "MERGE INTO tag t USING event e ON t.id = e.id
             WHEN MATCHED THEN UPDATE SET name = e.kind
             WHEN NOT MATCHED THEN INSERT (id, name) VALUES (e.id, e.kind)",
    ];
    let mariadb: &[&str] = &[
        "INSERT INTO tag VALUES (1, 'rose') ON DUPLICATE KEY UPDATE name = VALUES(name)",
        "INSERT INTO tag VALUES (2, 'lime') ON DUPLICATE KEY UPDATE name = 'lime'",
        "REPLACE INTO tag VALUES (3, 'sky')",
        "INSERT IGNORE INTO tag VALUES (1, 'rose'), (9, 'ochre')",
        "UPDATE IGNORE tag SET name = 'mauve' WHERE id = 1",
    ];
    for write in by(sqlite, postgres, mariadb) {
        db.invalidates(write, &["SELECT * FROM tag"]).await;
        db.keeps("UPDATE event SET kind = 'other'", &["SELECT * FROM tag"]).await;
    }
}

/// Writes a name that nobody has, and says which.
const SIGN_UP: &str = by(
    "INSERT INTO tag (name) VALUES (hex(randomblob(8))) RETURNING id, name",
    "INSERT INTO tag (name) VALUES (gen_random_uuid()) RETURNING id, name",
    "INSERT INTO tag (name) VALUES (uuid()) RETURNING id, name",
);

/// What a statement does is told by its SQL, not by the method that runs it.
async fn s084_insert_returning() {
    let db = Db::new().await;
    let read = "SELECT count(*) FROM tag";
    let write = SIGN_UP;
    db.warm(read).await;
    rows_of(write).fetch_one(&db.pool).await.unwrap();
    db.miss(read).await;
    rows_of(write).fetch_optional(&db.pool).await.unwrap();
    db.miss(read).await;
    rows_of(write).fetch_all(&db.pool).await.unwrap();
    db.miss(read).await;
    rows_of(write).fetch(&db.pool).try_collect::<Vec<_>>().await.unwrap();
    db.miss(read).await;
    db.hit(read).await;
}

async fn s084_insert_returning_that_asks_to_be_cached() {
    let db = Db::new().await;
    let read = "SELECT count(*) FROM tag";
    let write = SIGN_UP;
    db.warm(read).await;
    let one = || rows_of(write).cached().fetch_one(&db.pool);
    let first = assert_miss!(db, one()).unwrap();
    db.miss(read).await;
    assert_ne!(assert_miss!(db, one()).unwrap(), first);
    db.miss(read).await;
    assert_eq!(assert_miss!(db, rows_of(write).cached().fetch_all(&db.pool)).unwrap().len(), 1);
    db.miss(read).await;
    let stream = rows_of(write).cached().fetch(&db.pool).try_collect::<Vec<Row>>();
    assert_miss!(db, stream).unwrap();
    db.miss(read).await;
    assert_eq!(rows_of(write).cached().explain(&db.pool).await.reason(), Some("not_a_read"));
}

/// That the CTE itself writes is for PostgreSQL alone.
async fn s085_cte_before_a_write() {
    let db = Db::new().await;
    let write = "WITH doomed AS (SELECT max(id) AS id FROM post)
                 DELETE FROM post WHERE id IN (SELECT id FROM doomed) RETURNING id, title";
    let read = "SELECT * FROM post";
    db.warm(read).await;
    for left in [2, 1] {
        let gone = rows_of(write).cached().fetch_all(&db.pool).await.unwrap();
        assert_eq!(gone.len(), 1);
        assert_eq!(db.miss(read).await.len(), left);
    }
}

async fn s086_sources_of_a_write_are_only_read() {
    let db = Db::new().await;
    db.warm("SELECT * FROM author").await;
    let from = "UPDATE post SET title = a.name FROM author AS a WHERE a.id = post.author_id";
    let join = "UPDATE post JOIN author a ON a.id = post.author_id SET post.title = a.name";
    db.invalidates(by(from, from, join), &["SELECT * FROM post"]).await;
    db.hit("SELECT * FROM author").await;
    let delete = "DELETE FROM post WHERE author_id IN (SELECT id FROM author WHERE rank IS NULL)";
    db.invalidates(delete, &["SELECT * FROM post"]).await;
    db.hit("SELECT * FROM author").await;
    let using = "DELETE FROM post USING author a WHERE a.id = post.author_id AND a.name = 'Ada'";
    let join = "DELETE p FROM post p JOIN author a ON a.id = p.author_id WHERE a.name = 'Ada'";
    let plain = "DELETE FROM post WHERE author_id = (SELECT id FROM author WHERE name = 'Ada')";
    db.invalidates(by(plain, using, join), &["SELECT * FROM post"]).await;
    db.hit("SELECT * FROM author").await;
}

/// Carried out is only what PostgreSQL is asked to analyse.
async fn s087_explained_writes() {
    let db = Db::new().await;
    db.keeps("EXPLAIN DELETE FROM tag", &["SELECT * FROM tag"]).await;
}

async fn s100_get_or_create() {
    let db = Db::new().await;
    let find = || {
        let query = sqlx::query_scalar::<_, i64>("SELECT id FROM tag WHERE name = 'new'");
        query.cached().fetch_optional(&db.pool)
    };
    let get_or_create = async || {
        if let Some(id) = find().await? {
            return Ok(id);
        }
        sqlx::query("INSERT INTO tag (name) VALUES ('new')").execute(&db.pool).await?;
        find().await?.ok_or(sqlx::Error::RowNotFound)
    };
    for new_reads in [2, 0] {
        db.statements.reset();
        assert_eq!(get_or_create().await.unwrap(), 4);
        db.settle().await;
        assert_eq!(db.statements.matching("select id").len(), new_reads);
    }
}

scenarios! {
    s079_one_row,
    s079_in_other_clothes,
    s079_on_a_connection_of_the_pool,
    s080_every_kind_of_reader,
    s081_many_rows_at_once,
    s081_an_insert_that_is_too_long,
    s082_bulk_update_and_delete,
    s083_upserts,
    s084_insert_returning,
    s084_insert_returning_that_asks_to_be_cached,
    s085_cte_before_a_write: not_on_mariadb,
    s086_sources_of_a_write_are_only_read,
    s087_explained_writes,
    s100_get_or_create,
}
