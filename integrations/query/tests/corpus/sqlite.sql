# SQLite.

--> read cake
SELECT "cake"."id", "cake"."name" FROM "cake" WHERE "cake"."id" = ? LIMIT ?

--> read cake fruit
SELECT "cake"."id" AS "A_id", "fruit"."id" AS "B_id" FROM "cake" LEFT JOIN "fruit" ON "cake"."id" = "fruit"."cake_id" WHERE "cake"."name" LIKE ?

--> read cake
SELECT COUNT(*) AS num_items FROM (SELECT "cake"."id" FROM "cake" LIMIT 5) AS "sub_query"

--> read users
SELECT `users`.`id`, `users`.`name` FROM `users` WHERE (`users`.`id` = ?) LIMIT ?

--> read post
SELECT * FROM Main.Post JOIN "POST" p2 ON p2.id = post.id

--> read weird.name
SELECT * FROM [Weird].[Name]

--> read a.b
SELECT * FROM "a.b"

--> read name with space
SELECT * FROM [name with space]

--> read post
SELECT * FROM post INDEXED BY post_title WHERE title = ?1

--> read post
SELECT * FROM post AS p NOT INDEXED WHERE title = :title

--> read post
SELECT * FROM post WHERE NOT indexed AND id = @id

--> read post
SELECT * FROM post WHERE id = $id

--> read post
SELECT rowid, _rowid_, oid FROM post

--> read post
SELECT json_extract(body, '$.a'), body ->> '$.b', body -> 'c', json_array_length(body) FROM post

--> read post
SELECT p.id, e.key, e.value FROM post p, json_each(p.body) e

--> read post
SELECT p.id, t.fullkey FROM post p JOIN json_tree(p.body, '$.a') AS t

--> read
SELECT value FROM generate_series(1, 10)

--> read post
SELECT group_concat(title, ', '), total(price), count(DISTINCT author_id) FROM post

--> read post
SELECT group_concat(title ORDER BY id) FILTER (WHERE visible) FROM post

--> read post
SELECT iif(visible, 'a', 'b'), ifnull(title, ''), instr(title, 'x'), substr(title, 2), hex(blob), typeof(price), printf('%d', id), quote(title), unicode(title), char(65) FROM post

--> read post
SELECT strftime('%Y', created_at), date(created_at), julianday(created_at) - julianday(updated_at) FROM post

--> read post
SELECT * FROM post WHERE created_at > date('2024-01-01', '-90 days')

--> read post
SELECT * FROM post WHERE created_at > datetime('2024-01-01', '+1 month', 'start of month')

--> read post
SELECT date(created_at, '-' || ? || ' days') FROM post

--> read post
SELECT unixepoch(created_at), time(created_at, '+1 hour'), strftime('%s', created_at, 'unixepoch') FROM post

--> read post
SELECT * FROM post WHERE title GLOB 'a*' AND body REGEXP 'x' AND id IS NOT NULL AND title IS ? AND body IS NOT ?

--> read notes
SELECT highlight(notes, 0, '<b>', '</b>'), bm25(notes) FROM notes WHERE notes MATCH ? ORDER BY rank

--> read post
SELECT sqrt(price), pow(price, 2), ln(price), sin(price), pi(), mod(id, 2), trunc(price), sign(price), log(10, price) FROM post

--> read post
SELECT max(id, 3), min(id, 3), abs(-1), round(2.5), likely(visible), zeroblob(4), soundex(title) FROM post

--> read post
SELECT CAST(price AS REAL), CAST(id AS TEXT) || 'x', title COLLATE NOCASE FROM post ORDER BY title COLLATE NOCASE

--> read post
SELECT * FROM post WHERE title NOTNULL AND body ISNULL

--> read post
SELECT * FROM post LIMIT 5, 10

--> read
VALUES (1, 2), (3, 4)

--> read
SELECT * FROM (VALUES (1, 2))

--> read category
WITH RECURSIVE t(id) AS (SELECT id FROM category WHERE id = ? UNION SELECT c.id FROM category c, t WHERE c.parent = t.id) SELECT * FROM t

--> read post
SELECT X'53514C', 0x1F, 1e3, 'a' || 'b' FROM post

--> read post
SELECT * FROM post WHERE id IN ()

--> read post tag
SELECT * FROM post WHERE id IN tag OR id NOT IN main.tag

--> read post
SELECT "post"."id" FROM "post" WHERE "post"."id" IN (1, 2, 3) ORDER BY "post"."id" DESC LIMIT 10 OFFSET 0

--> read a b c
SELECT * FROM a LEFT JOIN (b JOIN c ON b.id = c.id) ON a.id = b.id

--> read a b
SELECT * FROM a FULL OUTER JOIN b USING (id)

--> read a
SELECT percent_rank() OVER win, cume_dist() OVER win FROM a WINDOW win AS (PARTITION BY x ORDER BY y)

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > datetime('now')

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > date('NOW', '-1 day')

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > date()

--> read | bypass volatile
SELECT unixepoch()

--> read | bypass volatile
SELECT strftime('%s')

--> read post | bypass volatile
SELECT strftime('%s', 'now') - created_at FROM post

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > datetime(?)

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > datetime(coalesce(updated_at, 'now'))

--> read post | bypass session
SELECT datetime(created_at, 'localtime') FROM post

--> read post | bypass volatile
SELECT * FROM post ORDER BY RANDOM() LIMIT 1

--> read | bypass volatile
SELECT hex(randomblob(16))

--> read | bypass session
SELECT last_insert_rowid()

--> read | bypass session
SELECT changes(), total_changes()

--> read | bypass session
SELECT sqlite_version()

--> read post | bypass unknown_function
SELECT my_fn(title) FROM post

--> read notes | bypass table_function
SELECT * FROM notes('word')

--> read | bypass system_catalog
SELECT * FROM pragma_table_info('post')

--> read pragma_database_list | bypass system_catalog
SELECT * FROM pragma_database_list

--> read sqlite_master | bypass system_catalog
SELECT * FROM sqlite_master

--> read sqlite_schema | bypass system_catalog
SELECT name FROM main.sqlite_schema

--> read temp.post | bypass temporary_table
SELECT * FROM temp.post

--> write post
INSERT INTO "post" ("title") VALUES (?) RETURNING "id"

--> write post
INSERT OR REPLACE INTO post (id, title) VALUES (?, ?)

--> write post
REPLACE INTO post (id, title) VALUES (?, ?)

--> write post
INSERT OR IGNORE INTO post (id) VALUES (1)

--> write post | reads tag
INSERT INTO post (id, title) VALUES (1, 'a') ON CONFLICT (id) DO UPDATE SET title = (SELECT name FROM tag) WHERE excluded.id > 0

--> write post | reads author
UPDATE post SET title = a.name FROM author AS a WHERE a.id = post.author_id

--> write post
UPDATE OR REPLACE post SET id = 2 WHERE id = 1

--> write post | reads src
WITH s AS (SELECT * FROM src) DELETE FROM post WHERE id IN (SELECT id FROM s)

--> write post
INSERT INTO post DEFAULT VALUES

--> write post | schema
CREATE VIRTUAL TABLE post USING fts5(title, body)

--> write post | schema
CREATE TABLE post (id INTEGER PRIMARY KEY) WITHOUT ROWID

--> write post | schema | flush | bypass temporary_table
CREATE TEMP TABLE post (id)

--> write b | schema | flush
CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM b; END

--> write temp.x
DELETE FROM temp.x

--> write sqlite_master | flush
DELETE FROM sqlite_master

--> control
PRAGMA foreign_keys = ON

--> control
PRAGMA table_info(post)

--> control
BEGIN IMMEDIATE

--> control | flush
END TRANSACTION

--> control | flush
RELEASE a

--> control | flush
VACUUM

--> control
ANALYZE

--> control
REINDEX post

--> unknown | flush | schema
ATTACH DATABASE 'x.db' AS x

--> unknown | flush | schema
DETACH DATABASE x

--> control | reads post
EXPLAIN QUERY PLAN SELECT * FROM post

--> read | bypass unparsed
SELECT 'unterminated

--> read post
SELECT strftime(?, created_at), strftime(format, created_at, '+' || ? || ' days', 'subsec') FROM post

--> read | bypass volatile
SELECT unixepoch('subsec')

--> read | bypass volatile
SELECT date(1, ?)

--> read post
SELECT * FROM 'post' WHERE id = 1

--> read post
SELECT * FROM post WHERE x IS 5 AND y IS NOT 'a' AND z ISNULL

--> read post tag
SELECT * FROM post WHERE id IN tag

--> read order
SELECT * FROM "order" NOT INDEXED WHERE id = 1

--> read post
WITH t AS MATERIALIZED (SELECT * FROM post) SELECT * FROM t WHERE id = ?

--> read post
WITH t AS NOT MATERIALIZED (SELECT * FROM post) SELECT * FROM t WHERE title NOT GLOB 'a*'

--> read post tag
WITH post AS (SELECT name FROM tag) SELECT p.title, post.name FROM main.post p, post

--> read
WITH post AS (SELECT * FROM post) SELECT * FROM post

--> read tag
WITH x AS (SELECT id FROM post), post AS (SELECT id FROM tag) SELECT * FROM x

--> read post tag
WITH x AS (SELECT id FROM main.post), post AS (SELECT id FROM tag) SELECT * FROM x
