## Plain selects
SELECT * FROM post
SELECT id, title FROM post WHERE id = 1
select ID, TITLE from POST where Visible = 1
SELECT DISTINCT author_id FROM post ORDER BY author_id DESC
SELECT ALL title FROM post LIMIT 3
SELECT p.* FROM post AS p
SELECT p.id FROM post p WHERE p.price > 1.5 AND p.title LIKE 'a%'
SELECT count(*) FROM post
SELECT 1 FROM post
SELECT 'constant' AS c FROM tag LIMIT 1
SELECT id FROM post WHERE author_id IN (1, 2, 3) ORDER BY 1 LIMIT 5 OFFSET 2
SELECT author_id, count(*), sum(price), avg(price), min(title), max(title) FROM post GROUP BY author_id HAVING count(*) > 0
SELECT upper(title) || '-' || lower(body) FROM post
SELECT -price, +price, price * 2 - 1, id % 2 FROM post
SELECT * FROM post WHERE NOT (visible = 1 OR price IS NULL) AND id <> 3
SELECT * FROM post WHERE (id, author_id) = (1, 2)
SELECT * FROM post WHERE (author_id, category_id) IN ((1, 2), (3, 4))
SELECT 1
SELECT 1 + 1 AS two, 'text', NULL
SELECT * FROM post WHERE 1 = 0
SELECT * FROM post WHERE id = 1 AND id = 2

## Joins
SELECT * FROM post JOIN author ON author.id = post.author_id
SELECT p.title, a.name FROM post p LEFT JOIN author a ON a.id = p.author_id
SELECT p.title, a.name FROM post p LEFT OUTER JOIN author a ON a.id = p.author_id WHERE a.id IS NULL
SELECT p.title, a.name FROM author a RIGHT JOIN post p ON a.id = p.author_id
SELECT p.title, a.name FROM author a FULL JOIN post p ON a.id = p.author_id
SELECT p.title, a.name FROM author a FULL OUTER JOIN post p ON a.id = p.author_id
SELECT 1 FROM post CROSS JOIN tag
SELECT 1 FROM post, tag
SELECT 1 FROM post, tag, author, category
SELECT p.title FROM post p INNER JOIN author USING (id)
SELECT * FROM tag NATURAL JOIN category
SELECT a.id, b.id FROM post a JOIN post b ON a.author_id = b.author_id AND a.id < b.id
SELECT t.name FROM tag t JOIN post_tag pt ON pt.tag_id = t.id JOIN post p ON p.id = pt.post_id
SELECT t.name, count(DISTINCT p.id) FROM tag t JOIN post_tag pt ON pt.tag_id = t.id JOIN post p ON p.id = pt.post_id GROUP BY t.name
SELECT p.id FROM post p LEFT JOIN (post_tag pt JOIN tag t ON t.id = pt.tag_id) ON pt.post_id = p.id
SELECT p.id FROM (post p JOIN author a ON a.id = p.author_id) LEFT JOIN category c ON c.id = p.category_id
SELECT p.id FROM ((post p JOIN author a ON a.id = p.author_id) JOIN category c ON c.id = p.category_id) JOIN comment k ON k.post_id = p.id
SELECT p.id FROM post p JOIN author a ON a.id = (SELECT min(id) FROM tag)
SELECT p.id FROM post p JOIN author a ON EXISTS (SELECT 1 FROM tag WHERE tag.id = a.id)
SELECT p.id FROM post p LEFT JOIN author a ON a.id IN (SELECT author_id FROM comment)
SELECT p.id FROM post p LEFT JOIN (SELECT author_id, max(score) AS top FROM comment GROUP BY author_id) c ON c.author_id = p.author_id
SELECT x.id FROM (SELECT id FROM post) x JOIN (SELECT id FROM tag) y ON x.id = y.id
SELECT author.name, boss.name FROM author LEFT JOIN author AS boss ON boss.id = author.boss
SELECT post.id FROM post JOIN author ON true JOIN category ON true
SELECT p.id FROM post p LEFT JOIN author a ON a.id = p.author_id AND a.rank > 3

## Subqueries in every place
SELECT * FROM post WHERE author_id IN (SELECT id FROM author WHERE rank > 3)
SELECT * FROM post WHERE author_id NOT IN (SELECT id FROM author)
SELECT * FROM post WHERE EXISTS (SELECT 1 FROM author WHERE author.id = post.author_id)
SELECT * FROM author WHERE NOT EXISTS (SELECT * FROM post WHERE author.id = post.author_id)
SELECT id, (SELECT name FROM author WHERE author.id = post.author_id) FROM post
SELECT (SELECT count(*) FROM post), (SELECT count(*) FROM author)
SELECT (SELECT (SELECT max(id) FROM tag) FROM author LIMIT 1) FROM post
SELECT author_id FROM post GROUP BY author_id HAVING count(*) > (SELECT count(*) FROM tag)
SELECT title FROM post ORDER BY (SELECT max(name) FROM tag WHERE tag.id = post.id)
SELECT count(*) FROM post GROUP BY (SELECT max(id) FROM tag)
SELECT id FROM post LIMIT (SELECT count(*) FROM tag)
SELECT id FROM post LIMIT 3 OFFSET (SELECT count(*) FROM tag)
SELECT CASE WHEN EXISTS (SELECT 1 FROM tag) THEN 1 ELSE 0 END FROM post
SELECT CASE id WHEN 1 THEN (SELECT max(id) FROM tag) ELSE (SELECT max(id) FROM author) END FROM post
SELECT CASE (SELECT min(id) FROM category) WHEN 1 THEN 2 END FROM post
SELECT coalesce((SELECT max(id) FROM tag), 0) FROM post
SELECT abs(id - (SELECT max(id) FROM tag)) FROM post
SELECT nullif((SELECT max(id) FROM tag), (SELECT min(id) FROM category))
SELECT sum((SELECT max(id) FROM tag)) FROM post
SELECT count(*) FILTER (WHERE id IN (SELECT id FROM tag)) FROM post
SELECT CAST((SELECT max(id) FROM tag) AS integer) FROM post
SELECT * FROM post WHERE price BETWEEN (SELECT min(id) FROM tag) AND (SELECT max(id) FROM category)
SELECT * FROM post WHERE title LIKE (SELECT max(name) FROM tag)
SELECT * FROM post WHERE (SELECT max(id) FROM tag) IS NULL
SELECT * FROM post WHERE NOT EXISTS (SELECT 1 FROM tag WHERE EXISTS (SELECT 1 FROM category))
SELECT * FROM post WHERE id = 1 OR id IN (SELECT post_id FROM comment WHERE author_id IN (SELECT id FROM author))
SELECT * FROM post WHERE (id, author_id) IN (SELECT post_id, author_id FROM comment)
SELECT * FROM post WHERE id IN (1, (SELECT max(id) FROM tag), 3)
SELECT sum(id) OVER (PARTITION BY author_id ORDER BY (SELECT max(id) FROM tag)) FROM post
SELECT sum(id) OVER w FROM post WINDOW w AS (PARTITION BY (SELECT max(id) FROM tag))
SELECT * FROM (SELECT * FROM post WHERE visible = 1) AS p
SELECT * FROM (SELECT * FROM (SELECT * FROM (SELECT id FROM post) a) b) c
SELECT * FROM (SELECT author_id, count(*) AS n FROM post GROUP BY author_id) AS c JOIN author ON author.id = c.author_id
SELECT x.id FROM (SELECT id FROM post WHERE id IN (SELECT id FROM tag)) x WHERE x.id > (SELECT max(id) FROM category)
SELECT (SELECT name FROM author a WHERE a.id = (SELECT author_id FROM comment c WHERE c.post_id = p.id LIMIT 1)) FROM post p
SELECT * FROM (VALUES (1, (SELECT max(id) FROM tag))) AS v
VALUES (1, 'a'), (2, 'b')
VALUES ((SELECT max(id) FROM tag), (SELECT min(id) FROM post))
SELECT (SELECT 1 WHERE EXISTS (SELECT 1 FROM audit))
SELECT * FROM post WHERE price > (SELECT avg(price) FROM post AS inner_post WHERE inner_post.author_id = post.author_id)
SELECT 'x' IN (SELECT name FROM tag)
SELECT (1, 2) IN (SELECT post_id, tag_id FROM post_tag)

## Set operations
SELECT id FROM post UNION SELECT id FROM author
SELECT id FROM post UNION ALL SELECT id FROM author UNION ALL SELECT id FROM category ORDER BY 1
SELECT id FROM post INTERSECT SELECT id FROM author
SELECT id FROM post EXCEPT SELECT id FROM author
SELECT id FROM post UNION SELECT id FROM author EXCEPT SELECT id FROM tag
SELECT id FROM post UNION VALUES (7)
SELECT id FROM post UNION SELECT 1
SELECT * FROM (SELECT id FROM post UNION ALL SELECT id FROM comment) AS u WHERE id > 2
SELECT id FROM post WHERE id IN (SELECT id FROM tag UNION SELECT id FROM category)
SELECT id FROM post UNION SELECT id FROM author ORDER BY id LIMIT 3
SELECT 1 UNION SELECT 2 UNION SELECT id FROM audit
SELECT id FROM post UNION ALL SELECT (SELECT max(id) FROM tag)

## Common table expressions
WITH p AS (SELECT * FROM post WHERE visible = 1) SELECT * FROM p
WITH post AS (SELECT 1 AS id) SELECT * FROM post
WITH tag AS (SELECT id, title FROM post) SELECT * FROM tag JOIN category ON tag.id = category.id
WITH p AS (SELECT * FROM post), q AS (SELECT p.id FROM p JOIN author ON author.id = p.author_id) SELECT * FROM q
WITH p (a, b) AS (SELECT id, title FROM post) SELECT a, b FROM p
WITH p AS (SELECT * FROM post) SELECT * FROM tag WHERE id IN (SELECT id FROM p)
WITH a AS (SELECT id FROM author) SELECT 1 FROM (WITH b AS (SELECT id FROM post) SELECT b.id FROM b, a) AS x
WITH a AS (WITH tag AS (SELECT id FROM post) SELECT * FROM tag) SELECT a.id FROM a, tag
WITH a AS (SELECT id FROM post) SELECT id FROM (WITH a AS (SELECT id FROM tag) SELECT id FROM a) x UNION SELECT id FROM a
WITH RECURSIVE tree AS (SELECT id, 0 AS depth FROM category WHERE id = 1 UNION ALL SELECT c.id, t.depth + 1 FROM category c JOIN tree t ON c.parent = t.id) SELECT * FROM tree
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT count(*) FROM tag)) SELECT i FROM n
WITH RECURSIVE boss AS (SELECT id, boss FROM author WHERE id = 1 UNION SELECT a.id, a.boss FROM author a, boss b WHERE a.id = b.boss) SELECT count(*) FROM boss
WITH RECURSIVE tag (id) AS (SELECT 1 UNION ALL SELECT tag.id + 1 FROM tag WHERE tag.id < 3) SELECT * FROM tag, category
WITH p AS (SELECT 1 AS one) SELECT * FROM post
WITH p AS (SELECT * FROM post) SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM tag)
WITH a AS (SELECT id FROM post), b AS (SELECT id FROM a), c AS (SELECT id FROM b) SELECT * FROM c
WITH a AS (SELECT id FROM post UNION SELECT id FROM tag) SELECT * FROM a WHERE id NOT IN (SELECT id FROM a WHERE id > 2)
WITH a AS (VALUES (1), (2)) SELECT * FROM a
WITH a AS MATERIALIZED (SELECT * FROM post) SELECT * FROM a
WITH a AS NOT MATERIALIZED (SELECT * FROM post) SELECT * FROM a
WITH "Post" AS (SELECT id FROM author) SELECT * FROM "Post"
WITH p AS (SELECT * FROM post) SELECT * FROM author WHERE EXISTS (WITH q AS (SELECT * FROM p) SELECT 1 FROM q WHERE q.author_id = author.id)
SELECT * FROM (WITH p AS (SELECT * FROM post) SELECT * FROM p) AS s
SELECT (WITH t AS (SELECT max(id) AS m FROM tag) SELECT m FROM t) FROM post
SELECT id FROM post WHERE id IN (WITH t AS (SELECT id FROM tag) SELECT id FROM t)
SELECT id FROM post WHERE id IN (WITH post AS (SELECT id FROM tag) SELECT id FROM post)

## Windows and aggregates
SELECT id, row_number() OVER (PARTITION BY author_id ORDER BY id) FROM post
SELECT id, lag(price, 1) OVER w, lead(price) OVER w, first_value(price) OVER w FROM post WINDOW w AS (ORDER BY id)
SELECT sum(price) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM post
SELECT sum(price) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM post
SELECT sum(id) OVER (ORDER BY id GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM post
SELECT sum(id) OVER (ORDER BY id ROWS CURRENT ROW EXCLUDE TIES) FROM post
SELECT rank() OVER (ORDER BY price DESC), dense_rank() OVER (ORDER BY price), ntile(4) OVER (ORDER BY price) FROM post
SELECT * FROM (SELECT id, rank() OVER (PARTITION BY author_id ORDER BY price) AS r FROM post) x WHERE r = 1
SELECT sum(price) OVER (w ROWS UNBOUNDED PRECEDING) FROM post WINDOW w AS (PARTITION BY author_id ORDER BY id)
SELECT count(*) OVER (), max(id) FILTER (WHERE visible = 1) OVER (PARTITION BY author_id) FROM post
SELECT percent_rank() OVER (ORDER BY id), cume_dist() OVER (ORDER BY id), nth_value(title, 2) OVER (ORDER BY id) FROM post
SELECT count(DISTINCT author_id), sum(DISTINCT price) FROM post

## Functions and literals
SELECT coalesce(title, 'none'), nullif(title, ''), round(price), abs(price) FROM post
SELECT length(title), trim(title), replace(title, 'a', 'b'), substr(title, 2, 3) FROM post
SELECT CAST(price AS integer), CAST(id AS text) FROM post
SELECT * FROM post WHERE title = 'it''s; DROP TABLE author; --'
SELECT 'FROM author', 'JOIN tag' FROM post
SELECT title AS "update", 'DELETE FROM author' FROM post WHERE body = 'INSERT INTO tag'
SELECT 1.5e3, 0.1, 'ä€🍰', '' FROM post
SELECT * FROM post WHERE created_at > '2024-01-01'
SELECT * FROM post WHERE title IN ('now', 'today') AND body <> 'CURRENT_TIMESTAMP'
SELECT * FROM post WHERE title IS NOT DISTINCT FROM body

## Views
SELECT * FROM live_post
SELECT l.title FROM live_post l JOIN author a ON a.id = l.author_id
SELECT * FROM live_author
SELECT * FROM live_author WHERE id IN (SELECT author_id FROM live_post)
SELECT count(*) FROM live_post, tag
WITH live_post AS (SELECT id FROM tag) SELECT * FROM live_post
WITH v AS (SELECT * FROM live_post) SELECT * FROM v
SELECT * FROM (SELECT * FROM live_author) a LEFT JOIN category c ON c.id = a.id

## Names: quoted, mixed-case, with a schema, words
SELECT * FROM "Order"
SELECT "Total", "select" FROM "Order" WHERE "from" = 1
SELECT "Order"."Total" FROM "Order" JOIN "two words" ON "two words".id = "Order".id
SELECT "a b" FROM "two words"
SELECT o."Total" FROM "Order" AS o, "two words" AS "from"
SELECT * FROM "🍰"
SELECT "größe" FROM "🍰" WHERE id = 1
SELECT * FROM "select"
SELECT "select"."where" FROM "select" WHERE "select"."where" = 1
SELECT s.id FROM "select" s JOIN "group" g ON g.id = s.id
SELECT * FROM "dotted.name"
SELECT * FROM arch.post
SELECT p.id, a.id FROM post p JOIN arch.post a ON a.id = p.id
SELECT arch.post.id FROM arch.post
SELECT * FROM "arch"."post" WHERE id = 1
SELECT * FROM arch."post" JOIN tag ON tag.id = post.id
WITH post AS (SELECT id FROM tag) SELECT post.id FROM post JOIN arch.post AS old ON old.id = post.id
SELECT * FROM "quo""ted"
SELECT id AS "post", title AS "author" FROM tag t, (SELECT title FROM post) x
SELECT author.id FROM post AS author
SELECT post.id FROM author AS post, post AS author
SELECT author.title FROM (SELECT * FROM post) AS author
SELECT "tag".id FROM category "tag"
SELECT post.post FROM (SELECT id AS post FROM tag) AS post
SELECT key.id FROM key
SELECT value, type FROM key ORDER BY value
SELECT first.id FROM post first JOIN post last ON first.id = last.id
SELECT x."id" FROM post "x" WHERE "x"."id" = 1
SELECT "id" "title" FROM "post" "order"

## Comments and white space
SELECT /* FROM author */ * FROM post
SELECT * FROM/* c */post/* d */WHERE/**/id=1
/* first */ SELECT * FROM post -- JOIN author
SELECT * -- FROM author
  FROM post -- , tag
  , category
-- DELETE FROM author
  SELECT * FROM post
SELECT'a'FROM post
SELECT*FROM"post"WHERE"id"=1
SELECT	id	FROM	post
SELECT * FROM post;
SELECT * FROM post ; -- the end
SELECT * FROM post /* '; DELETE FROM tag; */ WHERE title = '/* '
SELECT * FROM post WHERE title = '--' AND id IN (SELECT id FROM tag) -- '
SELECT '''', '/*' FROM post, tag WHERE '*/' <> ''

## Not deterministic
SELECT * FROM post WHERE created_at < CURRENT_TIMESTAMP
SELECT CURRENT_DATE, id FROM post
SELECT id FROM post ORDER BY random()
SELECT id FROM post WHERE id IN (SELECT id FROM tag ORDER BY random() LIMIT 1)

## Inserts
INSERT INTO post (id, title) VALUES (100, 'x')
INSERT INTO post (id, title) VALUES (101, 'a'), (102, 'b'), (103, 'c')
INSERT INTO audit (id, what) SELECT id, name FROM tag
INSERT INTO audit (id, what) SELECT p.id, a.name FROM post p JOIN author a ON a.id = p.author_id WHERE p.id IN (SELECT post_id FROM comment)
INSERT INTO audit (id, what) VALUES (7, (SELECT max(name) FROM tag))
INSERT INTO audit (id, what) SELECT id, title FROM live_post
INSERT INTO audit (id, what) WITH t AS (SELECT * FROM tag) SELECT id, name FROM t
WITH t AS (SELECT * FROM tag) INSERT INTO audit (id, what) SELECT id, name FROM t
INSERT INTO tag (id, name) SELECT id + 1000, name FROM tag
INSERT INTO arch.post (id, title) SELECT id, title FROM post
INSERT INTO "Order" ("Total", "select", "from") VALUES (1, 2, 3)
INSERT INTO "🍰" (id, "größe") VALUES (9, 9)
INSERT INTO audit DEFAULT VALUES
INSERT INTO audit (id, what) VALUES (8, 'r') RETURNING id
INSERT INTO audit (id, what) VALUES (8, 'r') RETURNING id, (SELECT count(*) FROM tag)
INSERT INTO audit (id, what) SELECT id, name FROM tag UNION SELECT id, name FROM category
INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT (id) DO NOTHING
INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT DO NOTHING
INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = excluded.name
INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = (SELECT max(name) FROM category) WHERE excluded.id > 0
INSERT INTO tag AS t (id, name) VALUES (1, 'x') ON CONFLICT (id) DO UPDATE SET name = t.name || excluded.name WHERE t.id IN (SELECT post_id FROM comment)
INSERT INTO post_tag SELECT p.id, t.id FROM post p, tag t WHERE NOT EXISTS (SELECT 1 FROM post_tag x WHERE x.post_id = p.id AND x.tag_id = t.id)

## Updates
UPDATE post SET title = 'x' WHERE id = 1
UPDATE post SET title = 'x', body = 'y'
UPDATE post SET title = (SELECT max(name) FROM tag)
UPDATE post SET title = (SELECT name FROM author WHERE author.id = post.author_id) WHERE EXISTS (SELECT 1 FROM comment WHERE comment.post_id = post.id)
UPDATE post SET title = 'x' WHERE author_id IN (SELECT id FROM author)
UPDATE post SET title = a.name FROM author AS a WHERE a.id = post.author_id
UPDATE post SET title = a.name FROM author AS a JOIN tag ON tag.id = a.id WHERE a.id = post.author_id
UPDATE post SET title = s.name FROM (SELECT id, name FROM tag) AS s WHERE s.id = post.id
UPDATE post AS p SET title = 'x' WHERE p.id = 1
UPDATE post SET (title, body) = ('a', 'b') WHERE id = 1
UPDATE post SET (title, body) = (SELECT name, email FROM author LIMIT 1)
UPDATE arch.post SET title = 'x'
UPDATE "Order" SET "Total" = "Total" + 1
UPDATE post SET title = 'x' RETURNING id
UPDATE post SET title = 'x' RETURNING (SELECT max(name) FROM tag)
WITH t AS (SELECT id FROM tag) UPDATE post SET title = 'x' WHERE id IN (SELECT id FROM t)
WITH post AS (SELECT id FROM tag) UPDATE post SET title = 'x' WHERE id IN (SELECT id FROM author)
UPDATE author SET rank = (SELECT count(*) FROM post WHERE post.author_id = author.id)
UPDATE post SET title = 'x' FROM author, category WHERE author.id = post.author_id AND category.id = post.category_id

## Deletes
DELETE FROM post WHERE id = 1
DELETE FROM post
DELETE FROM comment WHERE author_id NOT IN (SELECT id FROM author)
DELETE FROM comment WHERE EXISTS (SELECT 1 FROM post p JOIN tag t ON t.id = p.id WHERE p.id = comment.post_id)
DELETE FROM arch.post WHERE id IN (SELECT id FROM post)
DELETE FROM comment AS c WHERE c.id = 1
DELETE FROM comment WHERE id = 1 RETURNING id, body
DELETE FROM comment RETURNING (SELECT count(*) FROM author)
WITH old AS (SELECT id FROM post) DELETE FROM comment WHERE post_id IN (SELECT id FROM old)
DELETE FROM "two words" WHERE "a b" = 1
DELETE FROM "select"
DELETE FROM post_tag WHERE (post_id, tag_id) IN (SELECT p.id, t.id FROM post p, tag t)
DELETE FROM author WHERE id = (SELECT author_id FROM live_post LIMIT 1)

## Schema
CREATE TABLE fresh (id INTEGER PRIMARY KEY, title TEXT)
CREATE TABLE IF NOT EXISTS post (id INTEGER)
CREATE TABLE "Fresh Table" (id INTEGER, "select" TEXT)
CREATE TABLE fresh AS SELECT * FROM post
CREATE TABLE fresh AS SELECT p.id, a.name FROM post p JOIN author a ON a.id = p.author_id
CREATE TABLE fresh AS WITH t AS (SELECT * FROM tag) SELECT * FROM t
CREATE VIEW fresh AS SELECT * FROM post
CREATE INDEX post_title ON post (title)
CREATE UNIQUE INDEX post_title ON post (title, author_id) WHERE visible = 1
CREATE INDEX post_lower ON post (lower(title))
DROP TABLE audit
DROP TABLE IF EXISTS audit
DROP TABLE IF EXISTS nowhere
DROP VIEW live_author
ALTER TABLE post ADD COLUMN subtitle TEXT
ALTER TABLE audit RENAME TO journal
ALTER TABLE audit RENAME COLUMN what TO which
ALTER TABLE audit DROP COLUMN what
CREATE TEMPORARY TABLE post (id INTEGER)

## Explained only
EXPLAIN SELECT * FROM post
EXPLAIN DELETE FROM post WHERE id = 1
EXPLAIN INSERT INTO audit (id, what) SELECT id, name FROM tag
