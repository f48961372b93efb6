//! Every read after every write, against the database itself.

use crate::fixture::Db;

/// Reads of all tables that no view, trigger or cascade stands behind.
const READS: [&str; 26] = [
    "SELECT * FROM post NATURAL LEFT JOIN post_tag",
    "SELECT name FROM tag WHERE id IN (SELECT tag_id FROM post_tag) ORDER BY (SELECT count(*) FROM event)",
    "SELECT (author_id, category_id) = (1, 2), title FROM post",
    "SELECT value, name FROM json_each('[1, 2]') JOIN tag ON tag.id = value",
    "SELECT * FROM ((post p JOIN author a ON a.id = p.author_id) JOIN category c ON c.id = category_id)",
    "SELECT CASE WHEN EXISTS (SELECT 1 FROM event WHERE kind = 'x') THEN title END FROM post",
    "SELECT title FROM post UNION SELECT name FROM tag ORDER BY 1 LIMIT 3",
    "SELECT title FROM post EXCEPT SELECT name FROM author INTERSECT SELECT title FROM category",
    "WITH t (n) AS (SELECT count(*) FROM tag) SELECT n, kind FROM t LEFT JOIN event ON n > 2",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT count(*) FROM tag))
     SELECT * FROM n",
    "SELECT count(*) FILTER (WHERE id IN (SELECT post_id FROM post_tag)) FROM post",
    "SELECT group_concat(name, (SELECT kind FROM event)) FROM tag GROUP BY id % 2",
    "SELECT DISTINCT category_id, (SELECT name FROM author a WHERE a.id = p.author_id) FROM post p",
    "SELECT title, first_value(id) OVER (PARTITION BY (SELECT max(id) FROM event) ORDER BY id) FROM post",
    "SELECT * FROM tag WHERE name BETWEEN (SELECT min(title) FROM post) AND (SELECT max(kind) FROM event)",
    "SELECT iif((SELECT count(*) FROM event) > 1, 'many', 'few')",
    "SELECT id FROM author WHERE name LIKE (SELECT substr(name, 1, 1) FROM tag WHERE id = 1) || '%'",
    "SELECT x.n FROM (SELECT count(*) AS n FROM (SELECT DISTINCT title FROM post)) AS x",
    "SELECT main.post.title FROM main.post WHERE main.post.id IN (SELECT main.tag.id FROM main.tag)",
    "SELECT t.* FROM tag t CROSS JOIN event e WHERE t.id = e.id",
    "SELECT a.name FROM author a WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.author_id = a.id
         AND EXISTS (SELECT 1 FROM post_tag pt WHERE pt.post_id = p.id))",
    "VALUES ((SELECT max(name) FROM tag)), ((SELECT max(kind) FROM event))",
    "SELECT cast((SELECT count(*) FROM category) AS TEXT) || title FROM post",
    "SELECT * FROM (VALUES (1), (2)) AS v JOIN category ON category.id = v.column1",
    "SELECT title COLLATE NOCASE FROM post WHERE id IS NOT (SELECT max(id) FROM tag)",
    "SELECT sum(id) FROM post GROUP BY category_id HAVING sum(id) > (SELECT count(*) FROM author)",
];

/// At least one write to each table, in many forms.
const WRITES: [&str; 20] = [
    "INSERT INTO event (kind) VALUES ('x')",
    "UPDATE event SET kind = 'y' || kind",
    "INSERT INTO tag (name) SELECT kind || id FROM event",
    "UPDATE tag SET name = 'z' || name WHERE id < 3",
    "REPLACE INTO tag VALUES (1, 'Ad')",
    "INSERT INTO tag VALUES (2, 'upsert') ON CONFLICT (id) DO UPDATE SET name = excluded.name",
    "INSERT INTO category (title) VALUES ('third')",
    "UPDATE category SET title = title || '!'",
    "INSERT INTO author (tenant_id, name) VALUES (1, 'Dora'), (2, 'Emil')",
    "UPDATE author SET name = 'Anna' WHERE id = (SELECT min(author_id) FROM post)",
    "UPDATE post SET title = c.title FROM category c WHERE c.id = post.category_id AND post.id = 1",
    "INSERT INTO post (author_id, category_id, title) VALUES (3, 2, 'new')",
    "INSERT INTO post_tag VALUES (2, 3)",
    "WITH d AS (SELECT max(post_id) AS id FROM post_tag) DELETE FROM post_tag WHERE post_id IN d",
    "DELETE FROM tag WHERE id NOT IN (SELECT tag_id FROM post_tag)",
    "UPDATE post AS p SET category_id = 2 WHERE p.id = 1 RETURNING title",
    "DELETE FROM event WHERE id = (SELECT min(id) FROM event)",
    "UPDATE OR IGNORE tag SET name = 'one'",
    "ALTER TABLE event RENAME COLUMN kind TO sort",
    "ALTER TABLE event RENAME COLUMN sort TO kind",
];

#[tokio::test]
async fn s080_every_read_after_every_write() {
    let db = Db::new().await;
    // One connection: another one would not know of the column that was renamed.
    let writer = db.client_with(1).await;
    for write in WRITES {
        for read in READS {
            // Between the two renamings there is no `kind`.
            if !write.ends_with("TO kind") {
                db.warm(read).await;
            }
        }
        writer.execute(write).await;
        for read in READS {
            if !write.ends_with("TO sort") {
                db.read(read).await;
            }
        }
    }
}
