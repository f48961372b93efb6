use dogpile_query::{Analyzer, Dialect};
#[test]
fn probe() {
    let a = Analyzer::new(Dialect::Sqlite);
    for sql in ["SELECT id FROM post WHERE title NOT NULL", "SELECT * FROM post NATURAL LEFT OUTER JOIN author",
"SELECT group_concat(title ORDER BY id) FROM post", "SELECT count(*) FILTER (WHERE visible) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES) FROM post",
"SELECT title COLLATE NOCASE FROM post","SELECT id FROM post WHERE (id, title) > (1, 'a')","SELECT 1_000","WITH a AS NOT MATERIALIZED (SELECT 1) SELECT * FROM a",
"SELECT sum(id) OVER (w ROWS 1 PRECEDING) FROM post WINDOW w AS (ORDER BY id)","SELECT id FROM post WHERE title ISNULL","SELECT CAST(id AS FANCY TYPE) FROM post", "SELECT id FROM post WHERE id == 1", "SELECT id FROM post WHERE title LIKE 'a' ESCAPE 'b'", "SELECT id FROM post ORDER BY id NULLS LAST", "SELECT id FROM post WHERE id IN ()",
"SELECT id FROM post WHERE title NOT GLOB 'x*'", "SELECT body ->> '$.a' FROM post", "SELECT :name", "SELECT @name", "SELECT $name", "SELECT ?1", "SELECT id FROM post WHERE title REGEXP 'a'", "SELECT * FROM (post JOIN author ON 1)", "SELECT * FROM post, author ON post.author_id = author.id", "SELECT ALL id FROM post", "SELECT 'a' 'b'", "SELECT 1 x'00'", "SELECT \"a\"\"b\"", "SELECT id FROM post LIMIT 2, 1",
"WITH t(x) AS (VALUES(1) UNION ALL SELECT x+1 FROM t WHERE x < 3 ORDER BY x DESC LIMIT 5) SELECT x FROM t",
"INSERT INTO tag(id,name) VALUES (1,'a') ON CONFLICT (id) DO NOTHING ON CONFLICT (name) DO UPDATE SET name = 'b'",
"UPDATE tag SET name='x' WHERE id=1 ORDER BY id LIMIT 1","DELETE FROM post INDEXED BY foo","UPDATE OR REPLACE tag SET (name) = ('x')","REPLACE INTO tag DEFAULT VALUES","INSERT INTO tag AS t VALUES (1,'a')","UPDATE tag SET name = 'x' RETURNING 1, *", "INSERT OR FAIL INTO tag VALUES (9,'x'),(1,'dup')", "INSERT INTO tag SELECT 1, 'a' WHERE true ON CONFLICT DO NOTHING", "WITH x AS (SELECT 1 AS id) UPDATE tag SET name = 'x' FROM x WHERE x.id = tag.id", "UPDATE tag AS t NOT INDEXED SET name = 'x'", "REINDEX", "VACUUM", "ANALYZE", "ALTER TABLE tag RENAME COLUMN name TO label", "ALTER TABLE tag DROP COLUMN name", "CREATE INDEX i ON tag(name) WHERE name NOT NULL", "DELETE FROM tag WHERE name NOT NULL", "UPDATE tag SET name = 'q' WHERE name NOT NULL", "UPDATE tag SET (name, id) = (SELECT 'x', 9)", "SELECT id FROM post FOR UPDATE", "CREATE TRIGGER t AFTER INSERT ON tag BEGIN DELETE FROM event; END"] {
        let x = a.analyze(sql);
        println!("{sql}\n    {:?} r={:?} w={:?} flush={} {:?}", x.kind(), x.reads().iter().map(ToString::to_string).collect::<Vec<_>>(), x.writes().iter().map(ToString::to_string).collect::<Vec<_>>(), x.flushes(), x.bypass().map(|b| (b.reason(), b.detail().to_string())));
    }
}
