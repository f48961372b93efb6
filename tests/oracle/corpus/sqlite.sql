## Names of SQLite alone
SELECT * FROM [Odd]
SELECT b.mixedcase FROM ODD JOIN [odd] AS b USING (id)
SELECT * FROM `post`
SELECT `post`.`id` FROM `post` JOIN [tag] ON [tag].[id] = `post`.`id`
SELECT * FROM 'post'
SELECT * FROM 'post' AS 'p' WHERE id = 1
SELECT * FROM main.post
SELECT * FROM MAIN.Post, Arch.Post AS a
SELECT * FROM [main].[post] JOIN "main"."tag" USING (id)
SELECT * FROM attic
SELECT * FROM "odd schema"."odd table"
SELECT * FROM "odd table"
SELECT * FROM "back`tick"
SELECT * FROM `back``tick`
SELECT * FROM indexed WHERE indexed.id = 1
SELECT * FROM glob WHERE id GLOB '1*'
SELECT * FROM "É"
SELECT rowid, _rowid_, oid FROM post
SELECT main.post.id FROM main.post
SELECT "no such column" FROM post
SELECT title 'tag' FROM post
SELECT p.id FROM post AS [p], tag AS `t`
SELECT * FROM post AS tag
SELECT * FROM post tag, tag post
SELECT * FROM POST, Tag, cATEGORY

## FROM and joins of SQLite alone
SELECT * FROM post INDEXED BY post_author WHERE author_id = 1
SELECT * FROM post AS p INDEXED BY post_author, tag WHERE author_id = 1
SELECT * FROM post NOT INDEXED WHERE author_id = 1
SELECT * FROM post AS p NOT INDEXED JOIN tag NOT INDEXED ON tag.id = p.id
SELECT 1 FROM post JOIN tag
SELECT 1 FROM post, tag ON post.id = tag.id
SELECT 1 FROM post JOIN tag, author
SELECT 1 FROM (post, tag)
SELECT 1 FROM (post, tag) JOIN (author, category)
SELECT 1 FROM (post)
SELECT 1 FROM ((post))
SELECT * FROM (post) AS p
SELECT * FROM post NATURAL JOIN tag NATURAL JOIN category
SELECT * FROM post LEFT NATURAL JOIN tag
SELECT * FROM post NATURAL FULL OUTER JOIN tag
SELECT * FROM post INNER JOIN tag CROSS JOIN author
SELECT * FROM (SELECT id FROM post), (SELECT id FROM tag)
SELECT * FROM (VALUES (1, 2), (3, 4))
SELECT * FROM (SELECT id FROM post UNION SELECT id FROM tag) JOIN author USING (id)
SELECT 1 FROM tag WHERE (id, 2, name) IN category
SELECT 1 WHERE (1, 2) IN post_tag
SELECT 1 WHERE (1, 2) NOT IN main.post_tag
SELECT 1 WHERE 1 IN "group"
SELECT 1 WHERE 1 IN (SELECT id FROM "group") OR 2 IN glob OR 3 IN arch.attic
SELECT id IN `group`, id IN [group] FROM post
WITH g AS (SELECT id FROM tag) SELECT 1 WHERE 1 IN g
SELECT * FROM post WHERE id IN ()
SELECT CASE WHEN 1 IN "group" THEN (SELECT max(id) FROM tag) END
SELECT * FROM post LIMIT 2, 5
SELECT * FROM post LIMIT (SELECT count(*) FROM tag), 5
SELECT * FROM post ORDER BY title COLLATE NOCASE NULLS LAST
SELECT DISTINCT title FROM post GROUP BY author_id
SELECT title, max(price) FROM post
VALUES (1), (2), ((SELECT count(*) FROM audit))
SELECT 1 FROM post UNION ALL VALUES (2) UNION SELECT 3 FROM tag
SELECT id FROM post WHERE id == 1 AND title IS 'a' AND body IS NOT 'b'
SELECT * FROM post WHERE title IS NOT (SELECT max(name) FROM tag)
SELECT * FROM post WHERE title NOT NULL AND body ISNULL
SELECT * FROM post WHERE title GLOB (SELECT max(name) FROM tag)
SELECT * FROM post WHERE title LIKE 'a' ESCAPE (SELECT 'x' FROM tag)
SELECT * FROM post WHERE title LIKE 'b'
SELECT count(*) FROM post HAVING count(*) > (SELECT count(*) FROM tag)

## Functions of SQLite alone
SELECT group_concat(title, (SELECT max(name) FROM tag)) FROM post
SELECT group_concat(DISTINCT title) FROM post
SELECT iif(visible, (SELECT 1 FROM tag), 2), ifnull(title, 'x'), typeof(price), printf('%d', id), instr(title, 'a') FROM post
SELECT max(id, (SELECT max(id) FROM tag)), min(1, 2) FROM post
SELECT date(created_at), strftime('%Y', created_at), julianday('2024-01-01') FROM post
SELECT datetime('2024-01-01', '+1 day'), unixepoch(created_at) FROM post
SELECT data ->> '$.a', data -> 'b', json_extract(data, '$.a', '$.b') FROM post
SELECT p.id, e.key, e.value FROM post p, json_each(p.data) e
SELECT t.fullkey FROM post, json_tree(post.data, '$.a') AS t
SELECT * FROM json_each((SELECT json_group_array(id) FROM tag))
SELECT * FROM json_each('[1]') WHERE value IN (SELECT id FROM tag)
SELECT * FROM json_each('[1]') AS post
SELECT hex(zeroblob(2)), quote(title), unicode(title), char(65), x'ff' FROM post
SELECT CAST((SELECT max(id) FROM tag) AS BLOB), likely(visible) FROM post
SELECT total(price), count(*) FILTER (WHERE visible) FROM post
SELECT string_agg(title, ',' ORDER BY (SELECT max(id) FROM tag)) FROM post
SELECT row_number() OVER win, lag(id) OVER win FROM post WINDOW win AS (PARTITION BY author_id ORDER BY id)
SELECT highlight(notes, 0, '<', '>'), bm25(notes) FROM notes WHERE notes MATCH 'a' ORDER BY rank
SELECT * FROM notes WHERE notes = 'a'
SELECT * FROM notes JOIN post ON post.id = notes.rowid WHERE notes.title MATCH 'a'
SELECT count(*) FROM notes, tag

## Parameters
SELECT * FROM post WHERE id = ?
SELECT * FROM post WHERE id = ?1 AND title = ?2 AND body = ?1
SELECT * FROM post WHERE id = :id AND title = @title AND body = $body
SELECT * FROM post WHERE id = ? AND author_id IN (SELECT id FROM author WHERE rank = ?) LIMIT ?
SELECT ? FROM tag
SELECT * FROM post WHERE id=?AND visible=?
SELECT $a::b(c) FROM post
INSERT INTO audit (id, what) VALUES (?, ?)
INSERT INTO audit (id, what) SELECT ?, name FROM tag WHERE id = :id
UPDATE post SET title = ? WHERE id = ?
DELETE FROM post WHERE id = ?

## Common table expressions of SQLite alone
WITH post AS (SELECT id FROM tag) SELECT * FROM POST
WITH [Post] AS (SELECT id FROM tag) SELECT * FROM `pOST`
WITH x AS (SELECT id FROM y), y AS (SELECT id FROM tag) SELECT * FROM x
WITH RECURSIVE x AS (SELECT id FROM y), y AS (SELECT id FROM tag) SELECT * FROM x
WITH tag AS (SELECT id FROM category), x AS (SELECT id FROM tag) SELECT * FROM x
WITH x AS (SELECT id FROM tag), tag AS (SELECT id FROM category) SELECT * FROM x, tag
WITH x AS (SELECT id FROM tag), tag AS (SELECT id FROM category) SELECT * FROM x
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT * FROM n
WITH RECURSIVE t (id) AS (SELECT 1 UNION SELECT c.id FROM category c, t WHERE c.parent = t.id ORDER BY 1 LIMIT 5) SELECT * FROM t
WITH tag AS (SELECT 1 AS id) SELECT * FROM (SELECT * FROM tag), category
WITH tag AS (SELECT 1 AS id) SELECT * FROM live_post, tag
WITH tag AS (SELECT 1 AS id) SELECT (SELECT id FROM tag), (SELECT id FROM main.tag)
WITH post AS (SELECT 1 AS id) SELECT * FROM live_post
WITH a AS (SELECT 1), a2 AS (SELECT * FROM a) SELECT * FROM a2 WHERE 1 IN a
WITH x AS (SELECT id FROM post), y AS (WITH x AS (SELECT id FROM tag) SELECT id FROM x) SELECT * FROM x, y

## Not deterministic
SELECT * FROM post WHERE created_at > datetime('now')
SELECT * FROM post WHERE created_at > date('now', '-1 day')
SELECT strftime('%s') FROM tag
SELECT hex(randomblob(4)) FROM tag
SELECT last_insert_rowid()
SELECT changes(), total_changes() FROM tag
SELECT datetime(created_at, 'localtime') FROM post
SELECT * FROM sqlite_master
SELECT tag.name FROM sqlite_schema, tag
SELECT * FROM pragma_table_info('post')
SELECT m.name, p.name FROM sqlite_master m, pragma_table_info(m.name) p
SELECT sqlite_version() FROM tag
SELECT datetime(?) FROM post

## Writes of SQLite alone
INSERT OR REPLACE INTO tag (id, name) VALUES (1, 'x')
INSERT OR IGNORE INTO tag (id, name) SELECT id, name FROM category
REPLACE INTO tag (id, name) VALUES (1, 'x')
REPLACE INTO arch.post (id, title) SELECT id, title FROM main.post
INSERT INTO main.audit VALUES (1, 'x')
INSERT INTO [Odd] VALUES (1, 2)
INSERT INTO 'audit' VALUES (1, 'x')
INSERT INTO attic SELECT id FROM tag
INSERT INTO notes (title, body) SELECT title, body FROM post
INSERT INTO notes (notes) VALUES ('rebuild')
INSERT INTO audit SELECT id, name FROM tag WHERE true ON CONFLICT DO NOTHING
INSERT INTO tag SELECT id, name FROM category WHERE true ON CONFLICT (id) DO UPDATE SET name = (SELECT max(body) FROM comment)
INSERT INTO audit VALUES (1, 'x') RETURNING *, (SELECT max(id) FROM tag) AS m
INSERT INTO audit SELECT 1, 2 WHERE 1 IN "group"
UPDATE OR IGNORE post SET id = 2 WHERE id = 1
UPDATE OR REPLACE main.post SET id = 2 WHERE id = 1
UPDATE post INDEXED BY post_author SET title = 'x' WHERE author_id = 1
UPDATE post NOT INDEXED SET title = 'x'
UPDATE post SET title = t.name FROM tag AS t, (SELECT id FROM category) c WHERE t.id = post.id
UPDATE post SET title = 'x' WHERE 1 IN "group"
UPDATE `post` SET `title` = 'x'
DELETE FROM post INDEXED BY post_author WHERE author_id = 1
DELETE FROM main.comment WHERE 3 IN glob
DELETE FROM [Odd]
DELETE FROM notes WHERE rowid = 1
DELETE FROM attic
WITH t AS (SELECT id FROM tag) REPLACE INTO audit SELECT id, id FROM t
WITH RECURSIVE t (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t WHERE i < 3) DELETE FROM audit WHERE id IN t
WITH audit AS (SELECT 1 AS id) DELETE FROM audit WHERE id IN (SELECT id FROM tag)
WITH audit AS (SELECT 1 AS id) INSERT INTO audit SELECT id, id FROM audit

## Schema of SQLite alone
CREATE TABLE fresh (id INTEGER PRIMARY KEY AUTOINCREMENT) STRICT
CREATE TABLE fresh (id INT PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE, CHECK (id > 0)) WITHOUT ROWID
CREATE TABLE arch.fresh AS SELECT * FROM main.post
CREATE TEMP TABLE fresh AS SELECT * FROM tag
CREATE TEMP VIEW fresh AS SELECT * FROM tag
CREATE VIRTUAL TABLE fresh USING fts5(title)
CREATE TRIGGER bump AFTER INSERT ON post BEGIN UPDATE tag SET name = 'x'; DELETE FROM audit; END
DROP INDEX post_author
DROP TABLE notes
DROP TABLE main.audit
DROP TABLE arch.post
DROP VIEW IF EXISTS live_author
ALTER TABLE post RENAME COLUMN title TO headline
ALTER TABLE "Order" RENAME TO "New Order"
REINDEX post
ANALYZE
PRAGMA user_version = 3
PRAGMA table_info(post)
ATTACH ':memory:' AS third
EXPLAIN QUERY PLAN SELECT * FROM post JOIN tag
SAVEPOINT s

## CTEs that SQLite never looks at
WITH post AS (SELECT id FROM tag) SELECT * FROM main.post
WITH unused AS (SELECT * FROM audit) SELECT * FROM post
