# What all three databases take. `?` is spelt `$n` for PostgreSQL.

--> read post
SELECT * FROM post

--> read post
SELECT id, title FROM post WHERE id = ?

--> read post
select ID from POST where Visible = 1

--> read post
SELECT * FROM post;

--> read post
SELECT DISTINCT author_id FROM post ORDER BY author_id DESC

--> read post
SELECT COUNT(*) FROM post WHERE visible = 1 AND price BETWEEN ? AND ?

--> read post
SELECT * FROM post WHERE id IN (?, ?, ?, ?)

--> read post
SELECT * FROM post WHERE title LIKE ? AND body IS NOT NULL

--> read post
SELECT * FROM post LIMIT 10

--> read post
SELECT * FROM post ORDER BY id LIMIT 10 OFFSET 20

--> read post
SELECT author_id, COUNT(*), SUM(price), AVG(price), MIN(price), MAX(price) FROM post GROUP BY author_id HAVING COUNT(*) > ?

--> read author post
SELECT * FROM post JOIN author ON author.id = post.author_id

--> read author post
SELECT p.*, a.name FROM post p LEFT JOIN author a ON a.id = p.author_id WHERE a.rank > ?

--> read author post
SELECT * FROM post, author WHERE post.author_id = author.id

--> read author category post
SELECT * FROM post INNER JOIN author ON author.id = post.author_id LEFT JOIN category ON category.id = post.category_id

--> read post
SELECT a.id, b.id FROM post a JOIN post b ON a.author_id = b.author_id AND a.id < b.id

--> read author post
SELECT * FROM post NATURAL JOIN author

--> read author post
SELECT * FROM post CROSS JOIN author

--> read author post
SELECT * FROM post JOIN author USING (id)

--> read author post
SELECT * FROM post WHERE author_id IN (SELECT id FROM author WHERE rank > 3)

--> read author post
SELECT * FROM post WHERE EXISTS (SELECT 1 FROM author WHERE author.id = post.author_id)

--> read author post
SELECT * FROM author WHERE NOT EXISTS (SELECT 1 FROM post WHERE author.id = post.author_id)

--> read author post
SELECT id, (SELECT name FROM author WHERE author.id = post.author_id) FROM post

--> read author post tag
SELECT * FROM post JOIN author ON author.id = (SELECT MIN(id) FROM tag)

--> read post tag
SELECT author_id FROM post GROUP BY author_id HAVING COUNT(*) > (SELECT COUNT(*) FROM tag)

--> read post tag
SELECT * FROM post ORDER BY (SELECT MAX(id) FROM tag WHERE tag.id = post.id)

--> read post tag
SELECT * FROM post GROUP BY (SELECT MAX(id) FROM tag)

--> read post tag
SELECT CASE WHEN EXISTS (SELECT 1 FROM tag) THEN 1 ELSE 0 END FROM post

--> read author post tag
SELECT CASE id WHEN 1 THEN (SELECT MAX(id) FROM tag) ELSE (SELECT MAX(id) FROM author) END FROM post

--> read post tag
SELECT COALESCE((SELECT MAX(id) FROM tag), 0) FROM post

--> read post tag
SELECT ABS(id - (SELECT MAX(id) FROM tag)) FROM post

--> read post tag
SELECT * FROM post WHERE price BETWEEN (SELECT MIN(id) FROM tag) AND 10

--> read post tag
SELECT SUM(id) OVER (PARTITION BY author_id ORDER BY (SELECT MAX(id) FROM tag)) FROM post

--> read post
SELECT * FROM (SELECT * FROM post WHERE visible = 1) AS p

--> read author post
SELECT * FROM (SELECT author_id, COUNT(*) AS n FROM post GROUP BY author_id) AS c JOIN author ON author.id = c.author_id

--> read author category post tag
SELECT * FROM (SELECT * FROM (SELECT * FROM post WHERE id IN (SELECT id FROM tag)) AS x JOIN author ON 1 = 1) AS y WHERE id > (SELECT MAX(id) FROM category)

--> read author post
SELECT id FROM post UNION SELECT id FROM author

--> read author category post
SELECT id FROM post UNION ALL SELECT id FROM author UNION ALL SELECT id FROM category ORDER BY 1

--> read author post
SELECT id FROM post INTERSECT SELECT id FROM author

--> read author post
SELECT id FROM post EXCEPT SELECT id FROM author

--> read post
WITH p AS (SELECT * FROM post WHERE visible = 1) SELECT * FROM p

--> read author post
WITH p AS (SELECT * FROM post), q AS (SELECT * FROM p JOIN author ON author.id = p.author_id) SELECT * FROM q

--> read post tag
WITH p AS (SELECT * FROM post) SELECT * FROM tag WHERE id IN (SELECT id FROM p)

--> read author post
WITH a AS (SELECT * FROM author) SELECT * FROM (WITH b AS (SELECT * FROM post) SELECT * FROM b, a) AS x

--> read b post
WITH a AS (WITH b AS (SELECT * FROM post) SELECT * FROM b) SELECT * FROM a, b

--> read category
WITH RECURSIVE tree AS (SELECT id, 0 AS depth FROM category WHERE id = ? UNION ALL SELECT c.id, t.depth + 1 FROM category c JOIN tree t ON c.parent = t.id) SELECT * FROM tree

--> read
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 10) SELECT i FROM n

--> read post
SELECT id, ROW_NUMBER() OVER (PARTITION BY author_id ORDER BY id) AS n FROM post

--> read post
SELECT id, LAG(price, 1) OVER w, LEAD(price) OVER w, FIRST_VALUE(price) OVER w FROM post WINDOW w AS (ORDER BY id)

--> read post
SELECT SUM(price) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) FROM post

--> read post
SELECT RANK() OVER (ORDER BY price DESC), DENSE_RANK() OVER (ORDER BY price), NTILE(4) OVER (ORDER BY price) FROM post

--> read post
SELECT CAST(price AS INTEGER), UPPER(title), LOWER(title), LENGTH(body), TRIM(title), REPLACE(title, 'a', 'b') FROM post

--> read post
SELECT COALESCE(title, 'none'), NULLIF(title, ''), ROUND(price, 2), ABS(price) FROM post

--> read post
SELECT title AS "update", 'DELETE FROM author' FROM post WHERE body = 'INSERT INTO tag'

--> read post
SELECT created_at, updated_at FROM post -- DELETE FROM author

--> read post
/* UPDATE author SET x = 1 */ SELECT * FROM post /* FROM tag */ WHERE id = ?

--> read post
SELECT * FROM post WHERE title = 'it''s; DROP TABLE author'

--> read post
SELECT * FROM post AS "from" WHERE 1 = 1

--> read app.post
SELECT * FROM app.post

--> read app.post arch.post
SELECT * FROM app.post JOIN arch.post ON app.post.id = arch.post.id

--> read
SELECT 1

--> read
SELECT 1 + 1 AS two, 'text', NULL

--> read post
SELECT * FROM post WHERE (author_id, category_id) IN ((?, ?), (?, ?))

--> read post
SELECT * FROM post WHERE NOT (visible = 1 OR price IS NULL) AND id <> 3

--> read post
SELECT price * 2 + 1, -price, price % 3 FROM post WHERE id >= 1 AND id <= 5

--> read post post_tag tag
SELECT t.name, COUNT(DISTINCT p.id) FROM tag t JOIN post_tag pt ON pt.tag_id = t.id JOIN post p ON p.id = pt.post_id GROUP BY t.name

--> read post | bypass volatile
SELECT * FROM post WHERE created_at < CURRENT_TIMESTAMP

--> read post | bypass volatile
SELECT CURRENT_DATE, id FROM post

--> read post | bypass volatile
SELECT id FROM post WHERE id IN (SELECT id FROM post WHERE created_at < CURRENT_TIMESTAMP)

--> read post tag | bypass multiple_statements
SELECT * FROM post; SELECT * FROM tag

--> write post | reads tag | flush
SELECT * FROM tag; DELETE FROM post

--> write post
INSERT INTO post (title) VALUES (?)

--> write post
INSERT INTO post (title) VALUES ('a'), ('b'), ('c')

--> write post | reads tag
INSERT INTO post (title) SELECT name FROM tag

--> write post | reads tag
INSERT INTO post (title) VALUES ((SELECT MAX(name) FROM tag))

--> write post
UPDATE post SET title = ? WHERE id = ?

--> write post | reads author
UPDATE post SET title = 'x' WHERE author_id IN (SELECT id FROM author)

--> write post | reads tag
UPDATE post SET title = (SELECT MAX(name) FROM tag)

--> write post
DELETE FROM post WHERE id = ?

--> write post
DELETE FROM post

--> write post | reads author
DELETE FROM post WHERE author_id NOT IN (SELECT id FROM author)

--> write app.post
DELETE FROM app.post WHERE id = 1

--> write post | schema
CREATE TABLE post (id INTEGER PRIMARY KEY, title TEXT)

--> write post | schema
CREATE TABLE IF NOT EXISTS post (id INTEGER PRIMARY KEY, author_id INTEGER REFERENCES author (id))

--> write copy | reads post | schema
CREATE TABLE copy AS SELECT * FROM post

--> write post | schema
CREATE INDEX post_title ON post (title)

--> write post | schema
DROP TABLE post

--> write post | schema
DROP TABLE IF EXISTS post

--> write post | schema
ALTER TABLE post ADD COLUMN subtitle TEXT

--> write article post | schema
ALTER TABLE post RENAME TO article

--> write v | reads post | flush | schema
CREATE VIEW v AS SELECT * FROM post

--> write v | flush | schema
DROP VIEW v

--> write post | flush | schema | bypass temporary_table
CREATE TEMPORARY TABLE post (id INTEGER)

--> control | flush
COMMIT

--> control
ROLLBACK

--> control
SAVEPOINT a

--> control
ROLLBACK TO SAVEPOINT a

--> control | reads post
EXPLAIN SELECT * FROM post

--> control
EXPLAIN DELETE FROM post WHERE id = 1

--> unknown | flush | schema
FROBNICATE post

--> read | bypass unparsed
SELECT FROM WHERE )

--> control

--> control
;
