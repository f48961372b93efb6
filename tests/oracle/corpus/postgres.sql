## Joins and FROM of PostgreSQL alone
SELECT a.name, l.title FROM author a CROSS JOIN LATERAL (SELECT title FROM post WHERE author_id = a.id ORDER BY id LIMIT 3) l
SELECT * FROM author a LEFT JOIN LATERAL (SELECT count(*) AS n FROM post WHERE author_id = a.id) c ON true
SELECT * FROM author a, LATERAL (SELECT * FROM post p, LATERAL (SELECT * FROM comment WHERE post_id = p.id) x WHERE p.author_id = a.id) y (a1, b1)
SELECT * FROM author a, LATERAL (VALUES (a.id), ((SELECT max(id) FROM tag))) v (n)
SELECT * FROM post p JOIN author a USING (id) AS merged WHERE merged.id = 1
SELECT * FROM (post p CROSS JOIN tag t) AS j (x)
SELECT * FROM ONLY animal
SELECT * FROM ONLY (animal)
SELECT * FROM animal *
SELECT * FROM ONLY animal a JOIN ONLY dog d ON d.id = a.id
TABLE post
TABLE ONLY animal
TABLE arch.post
TABLE "Order"
(TABLE post)
TABLE tag UNION TABLE tag
(TABLE tag) UNION ALL TABLE tag ORDER BY 1
TABLE tag ORDER BY id LIMIT 3
WITH p AS (TABLE post), q AS (SELECT * FROM p) (SELECT id FROM q) UNION (WITH r AS (TABLE author) SELECT id FROM r)
SELECT * FROM (TABLE post) x
SELECT * FROM post WHERE id IN (SELECT id FROM (TABLE tag) t)
SELECT EXISTS (TABLE audit)
WITH p AS (TABLE post) TABLE p
WITH p AS (TABLE post) SELECT * FROM p, tag
WITH tag AS (TABLE post) TABLE tag
SELECT * FROM post FETCH FIRST 5 ROWS ONLY
SELECT * FROM post ORDER BY price FETCH FIRST 5 ROWS WITH TIES
SELECT * FROM post OFFSET 1 ROWS FETCH NEXT ROW ONLY
SELECT * FROM post FETCH FIRST (SELECT count(*) FROM tag) ROWS ONLY
SELECT * FROM post OFFSET (SELECT count(*) FROM tag)
SELECT FROM post
SELECT FROM post WHERE id IN (SELECT id FROM tag)
SELECT DISTINCT ON (author_id) author_id, id FROM post ORDER BY author_id, created_at DESC
SELECT DISTINCT ON ((SELECT max(id) FROM tag)) id FROM post
(SELECT id FROM post) UNION (SELECT id FROM tag)
((SELECT id FROM post ORDER BY id LIMIT 1)) UNION ALL ((SELECT id FROM tag ORDER BY id LIMIT 1))
(SELECT id FROM post INTERSECT ALL SELECT id FROM author) EXCEPT ALL SELECT id FROM tag
SELECT id FROM post UNION (SELECT id FROM author EXCEPT SELECT id FROM tag)
SELECT * FROM post WHERE title IS DISTINCT FROM (SELECT max(name) FROM tag)
SELECT 1 FROM post WHERE true
SELECT * FROM author WHERE false AND id IN (SELECT id FROM audit)
SELECT count(*) FROM post p LEFT JOIN author a ON a.id = p.author_id
SELECT * FROM post TABLESAMPLE SYSTEM (10) REPEATABLE (7) JOIN tag ON true

## Subqueries of PostgreSQL alone
SELECT ARRAY(SELECT id FROM tag) FROM post
SELECT ARRAY[(SELECT max(id) FROM tag), 2]
SELECT ROW((SELECT max(id) FROM tag), 2)
SELECT * FROM post WHERE id = ANY (SELECT id FROM tag)
SELECT * FROM post WHERE id = SOME (SELECT id FROM tag)
SELECT * FROM post WHERE id <> ALL (SELECT id FROM tag)
SELECT * FROM post WHERE id > ALL (SELECT id FROM tag UNION SELECT id FROM category)
SELECT * FROM post WHERE id = ANY (ARRAY(SELECT id FROM tag))
SELECT * FROM post WHERE id = ANY (VALUES (1), (2))
SELECT * FROM post WHERE (id, author_id) = (SELECT id, id FROM tag LIMIT 1)
SELECT * FROM post WHERE (id, author_id) = ANY (SELECT post_id, author_id FROM comment)
SELECT * FROM post WHERE ROW(id, title) = (SELECT id, name FROM tag LIMIT 1)
SELECT tags[(SELECT max(id) FROM tag)] FROM post
SELECT tags[(SELECT 1 FROM category LIMIT 1):(SELECT max(id) FROM tag)] FROM post
SELECT (SELECT t FROM tag t LIMIT 1)
SELECT ((SELECT t FROM tag t LIMIT 1)).name
SELECT (SELECT ROW(a.*) FROM author a LIMIT 1) FROM post
SELECT string_agg(title, (SELECT max(name) FROM tag) ORDER BY (SELECT max(name) FROM category)) FROM post
SELECT percentile_cont((SELECT 0.5 FROM tag LIMIT 1)) WITHIN GROUP (ORDER BY price) FROM post
SELECT * FROM unnest(ARRAY(SELECT id FROM tag)) u
SELECT * FROM generate_series(1, (SELECT max(id)::int FROM tag)) g
SELECT * FROM ROWS FROM (generate_series(1, 2), unnest(ARRAY(SELECT id FROM tag))) AS r (a, b)
SELECT id FROM post GROUP BY GROUPING SETS ((id), ()) HAVING count(*) > (SELECT count(*) FROM tag)
SELECT ((SELECT max(name) FROM tag))::text COLLATE "C"
SELECT (SELECT max(created_at) FROM post) AT TIME ZONE (SELECT 'UTC' FROM tag LIMIT 1)
SELECT extract(year FROM (SELECT max(created_at) FROM post))
SELECT position('a' IN (SELECT max(name) FROM tag))
SELECT substring((SELECT max(name) FROM tag) FROM 1 FOR 2)
SELECT overlay((SELECT max(name) FROM tag) PLACING 'x' FROM 1)
SELECT trim(BOTH 'x' FROM (SELECT max(name) FROM tag))
SELECT trim(LEADING (SELECT max(name) FROM tag) FROM title) FROM post
SELECT 'a' LIKE (SELECT max(name) FROM tag) ESCAPE (SELECT 'x' FROM category LIMIT 1)
SELECT 'a' SIMILAR TO (SELECT max(name) FROM tag)
SELECT 'a' ~ (SELECT max(name) FROM tag)
SELECT (SELECT count(*) > 1 FROM tag) IS TRUE
SELECT 1 WHERE (SELECT true FROM tag LIMIT 1) IS NOT FALSE
SELECT 1 WHERE (SELECT max(name) FROM tag) IS NOT NULL
SELECT greatest((SELECT max(id) FROM tag), (SELECT min(id) FROM category))
SELECT * FROM post ORDER BY (SELECT count(*) FROM comment WHERE post_id = post.id) DESC NULLS LAST
SELECT make_interval(days => (SELECT max(id) FROM tag))
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN (SELECT 1 FROM tag LIMIT 1) PRECEDING AND CURRENT ROW) FROM post
SELECT * FROM post p WHERE p IN (SELECT q FROM post q)
SELECT json_build_object('n', (SELECT count(*) FROM tag), 'rows', (SELECT json_agg(c) FROM category c))
SELECT jsonb_agg(x) FROM (SELECT p.id, (SELECT jsonb_agg(c.*) FROM comment c WHERE c.post_id = p.id) AS comments FROM post p) x

## JSON, arrays, ranges and other types
SELECT data->>'a', data->'b'->>'c', data#>>'{a,b}', data @> '{"a": 1}'::jsonb FROM post
SELECT * FROM post WHERE data ? 'key' OR data ?| ARRAY['a'] OR data ?& ARRAY['b']
SELECT * FROM post WHERE data @? '$.a[*] ? (@ > 1)' AND data @@ '$.a == 1'
SELECT data - 'a', data #- '{a}', data || '{"b": 1}' FROM post
SELECT data['a'], data['a'][0] FROM post
SELECT e.key, e.value FROM post p, jsonb_each(p.data) e
SELECT p.id, x FROM post p, jsonb_array_elements(p.data->'a') x
SELECT x.* FROM post, jsonb_to_recordset(post.data) AS x(a int, b text)
SELECT x.* FROM post LEFT JOIN LATERAL jsonb_to_record(post.data) AS x(a int, b text) ON true
SELECT jsonb_path_query(data, '$.a[*]') FROM post
SELECT row_to_json(p), to_jsonb(p) FROM post p
SELECT array_agg(id ORDER BY id) FILTER (WHERE visible = 1) FROM post
SELECT * FROM post WHERE tags && ARRAY['x'] AND tags @> '{a}' AND 'b' = ANY(tags)
SELECT unnest(tags) FROM post
SELECT p.id, t.tag, t.n FROM post p CROSS JOIN LATERAL unnest(p.tags) WITH ORDINALITY AS t (tag, n)
SELECT tags[1], tags[1:2], tags[:2], tags[1:] FROM post
SELECT * FROM post WHERE during @> 3 AND lower(during) < upper(during)
SELECT mood::text, 'ok'::mood, CAST('sad' AS mood) FROM post WHERE mood > 'sad'
SELECT (author).name FROM author
SELECT author FROM author
SELECT a, a.* FROM author a
SELECT (a.*) = (a.*) FROM author a
SELECT date_trunc('day', created_at), extract(epoch FROM created_at), to_char(created_at, 'YYYY-MM') FROM post
SELECT created_at - interval '1 day', date '2024-01-01', timestamp '2024-01-01 00:00' FROM post
SELECT '2024-01-01'::date, INTERVAL '1' YEAR, timestamptz '2024-01-01 00:00+00'
SELECT B'101', X'1F', E'a\'b FROM tag', $$FROM tag$$, $x$ $$ FROM category $x$ FROM post
SELECT U&'\0441', U&"\0069d" FROM post
SELECT 'a'
  'b' FROM post
SELECT id::text || '' COLLATE "C" FROM post ORDER BY title COLLATE "C" USING <
SELECT id !~ 'a', title !~~ 'b', title ~~* 'C' FROM (SELECT id::text, title FROM post) x
SELECT id OPERATOR(pg_catalog.+) 1 FROM post
SELECT |/ 4.0, @ -5, ~ 1, 5 # 3, 1 << 2, 2 ^ 3 FROM post
SELECT xmin, ctid, tableoid FROM post
SELECT count(*) FILTER (WHERE visible = 1), mode() WITHIN GROUP (ORDER BY title), bool_and(visible = 1) FROM post
SELECT author_id, sum(price), grouping(author_id) FROM post GROUP BY CUBE (author_id, category_id)
SELECT author_id, sum(price) FROM post GROUP BY ROLLUP (author_id, category_id)
SELECT author_id FROM post GROUP BY DISTINCT ROLLUP (author_id), ROLLUP (author_id)
SELECT generate_series(1, 3), id FROM post
SELECT * FROM generate_series(1, 10) AS g (n)
SELECT * FROM generate_series(1, 3) WITH ORDINALITY, tag
SELECT * FROM generate_series(1, 3) post JOIN tag ON tag.id = post
SELECT * FROM regexp_split_to_table('a,b', ',') r, regexp_matches('ab', '(a)(b)') m
SELECT * FROM json_each('{"a": 1}') author
SELECT to_tsvector('english', body) @@ plainto_tsquery('english', 'x') FROM post
SELECT format('%s', title), concat_ws(',', title, body), left(title, 1), md5(body), split_part(title, ' ', 1) FROM post
SELECT greatest(1, id), least(1, id), width_bucket(price, 0, 10, 5), gcd(id, 4) FROM post
SELECT last_value(id) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING EXCLUDE CURRENT ROW) FROM post
SELECT xmlelement(name a, title), xmlforest(title AS t) FROM post
SELECT created_at AT TIME ZONE 'UTC', timezone('UTC', created_at), age(created_at, created_at) FROM post
SELECT * FROM post WHERE (created_at, created_at) OVERLAPS (timestamp '2024-01-01', timestamp '2024-02-01')
SELECT * FROM post WHERE price BETWEEN SYMMETRIC 5 AND 1
SELECT * FROM post WHERE title IS NORMALIZED OR visible = 1 IS UNKNOWN
SELECT 'x' NOTNULL, 'y' ISNULL FROM post

## Parameters
SELECT * FROM post WHERE id = $1
SELECT * FROM post WHERE id = $1 AND title = $2 LIMIT $3 OFFSET $4
SELECT * FROM post WHERE id = ANY($1) AND author_id IN (SELECT id FROM author WHERE rank = $2)
SELECT $1::int + id FROM post WHERE created_at > $2::timestamptz
SELECT $1::text FROM tag
INSERT INTO audit (id, what) VALUES ($1, $2)
INSERT INTO audit (id, what) SELECT $1, name FROM tag WHERE id = $2
UPDATE post SET title = $1 WHERE id = $2 AND author_id IN (SELECT id FROM author WHERE rank > $3)
DELETE FROM post WHERE id = ANY($1)
SELECT * FROM unnest($1::int[], $2::text[]) AS u (id, name) JOIN tag USING (id)
INSERT INTO tag (id, name) SELECT * FROM unnest($1::int[], $2::text[]) ON CONFLICT (id) DO UPDATE SET name = excluded.name

## Common table expressions of PostgreSQL alone
SELECT 1 FROM tag NATURAL LEFT JOIN category
WITH unused AS (SELECT * FROM audit) SELECT * FROM post
WITH x AS (SELECT id FROM category), category AS (SELECT id FROM tag) SELECT x.id FROM x, category
WITH post AS (SELECT * FROM post WHERE visible = 1) SELECT * FROM post
WITH RECURSIVE x AS (SELECT id FROM tag UNION SELECT id FROM y), y AS (SELECT id FROM category) SELECT * FROM x
WITH RECURSIVE t (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n, (SELECT count(*) FROM tag) FROM t
WITH RECURSIVE c (id, parent) AS (SELECT id, parent FROM category WHERE id = 1 UNION ALL SELECT k.id, k.parent FROM category k, c WHERE k.parent = c.id) SEARCH DEPTH FIRST BY id SET ord SELECT * FROM c ORDER BY ord
WITH RECURSIVE c (id, parent) AS (SELECT id, parent FROM category WHERE id = 1 UNION ALL SELECT k.id, k.parent FROM category k, c WHERE k.parent = c.id) CYCLE id SET looped USING path SELECT * FROM c
WITH post AS (SELECT 1) SELECT * FROM public.post
WITH post AS (SELECT 1 AS id) SELECT * FROM post p JOIN public.post q ON q.id = p.id
WITH "Post" AS (SELECT 1 AS id) SELECT * FROM post
WITH post AS (SELECT 1 AS id) SELECT * FROM "Post"
WITH POST AS (SELECT 1 AS id) SELECT * FROM post, tag
WITH a AS (SELECT * FROM post), b AS (SELECT * FROM tag) (SELECT id FROM a UNION SELECT id FROM b) ORDER BY 1
(WITH tag AS (SELECT id FROM post) SELECT id FROM tag) UNION SELECT id FROM tag
SELECT id FROM tag UNION (WITH tag AS (SELECT id FROM post) SELECT id FROM tag)
SELECT * FROM tag, LATERAL (WITH tag AS (SELECT id FROM post) SELECT * FROM tag) x (n)
WITH RECURSIVE a AS (SELECT id FROM b), b AS (WITH a AS (SELECT id FROM tag) SELECT id FROM a) SELECT * FROM a
WITH a AS (SELECT id FROM post) SELECT ARRAY(SELECT id FROM a), ARRAY(SELECT id FROM author)
WITH v AS (SELECT * FROM popular) SELECT * FROM v JOIN post ON post.id = v.post_id

## Names of PostgreSQL alone
SELECT * FROM public.post
SELECT public.post.id FROM public.post, arch.post AS a
SELECT * FROM "Odd Schema"."Odd Table"
SELECT "Odd Table".id FROM "Odd Schema"."Odd Table"
SELECT * FROM café
SELECT * FROM CAFé JOIN tag USING (id)
SELECT * FROM _under$1
SELECT * FROM generate_series
SELECT * FROM "generate_series" JOIN generate_series(1, 2) g ON true
SELECT * FROM "current_date"
SELECT * FROM "Post" JOIN post ON post.id = "Post".id
SELECT * FROM U&"p\006Fst"
SELECT * FROM post AS "a "" b"
SELECT * FROM post p (x, y)
SELECT * FROM public . post
SELECT * FROM public./* here */"post"
SELECT post.* FROM post, author post2
SELECT public.post.* FROM public.post
SELECT id only FROM post
SELECT t.id FROM tag AS t, post AS "only"
SELECT * FROM post tablesample_, tag
SELECT * FROM animal
SELECT * FROM dog
SELECT * FROM puppy JOIN ONLY dog USING (id)
SELECT * FROM event
SELECT * FROM event WHERE at = '2024-05-05'
SELECT * FROM event_2024_a
SELECT * FROM event_2023 JOIN event_rest USING (id)
SELECT * FROM popular
SELECT n FROM popular p JOIN post ON post.id = p.post_id
SELECT /* nested /* comment FROM author */ still */ * FROM post
SELECT * FROM post -- comment
  JOIN author USING (id)

## Not deterministic
SELECT * FROM post WHERE id = 1 FOR UPDATE
SELECT * FROM post JOIN author USING (id) FOR UPDATE OF author SKIP LOCKED
SELECT * FROM post FOR NO KEY UPDATE NOWAIT
SELECT * FROM post FOR SHARE
SELECT * FROM (SELECT * FROM post FOR KEY SHARE) p, tag
SELECT * FROM author WHERE id IN (SELECT author_id FROM post FOR UPDATE)
SELECT * FROM post WHERE created_at > now() - interval '1 day'
SELECT * FROM post WHERE created_at > 'now'
SELECT * FROM post WHERE created_at > 'yesterday'::date
SELECT age(created_at) FROM post
SELECT LOCALTIMESTAMP, id FROM post
SELECT nextval('ticket')
SELECT gen_random_uuid() FROM tag
SELECT current_user, id FROM post
SELECT current_setting('search_path'), id FROM post
SELECT * FROM post TABLESAMPLE BERNOULLI (50)
SELECT relname FROM pg_class
SELECT * FROM pg_catalog.pg_tables, tag
SELECT * FROM information_schema.tables LIMIT 1
SELECT 'post'::regclass FROM tag
SELECT pg_table_size('post')
SELECT * FROM pg_stat_activity
SELECT clock_timestamp() - created_at FROM post
SELECT * FROM current_date

## Queries that are run by functions
SELECT query_to_xml('SELECT * FROM tag', true, true, '')
SELECT table_to_xml('tag', true, true, '')
SELECT cursor_to_xml('c', 1, true, true, '')
SELECT database_to_xml(true, true, '')
SELECT schema_to_xml('arch', true, true, '')
SELECT ts_stat('SELECT to_tsvector(name) FROM tag')
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery FROM tag')
SELECT pg_relation_size('tag')
SELECT lo_import('/dev/null')
SELECT pg_read_file('/etc/hostname')

## Writes inside of CTEs
WITH d AS (DELETE FROM audit RETURNING *) SELECT * FROM d
WITH d AS (DELETE FROM comment RETURNING *) INSERT INTO audit SELECT id, body FROM d
WITH d AS (DELETE FROM comment RETURNING *) SELECT * FROM d JOIN post ON post.id = d.post_id
WITH u AS (UPDATE post SET title = 'x' RETURNING *), i AS (INSERT INTO audit SELECT id, name FROM tag RETURNING *) SELECT u.id FROM u, i
WITH i AS (INSERT INTO audit (id) VALUES (1)) SELECT 1
WITH a AS (SELECT id FROM tag), d AS (DELETE FROM audit WHERE id IN (SELECT id FROM a) RETURNING id) UPDATE post SET title = 'x' WHERE id IN (SELECT id FROM d)
WITH tag AS (DELETE FROM audit RETURNING *) SELECT * FROM tag
WITH audit AS (DELETE FROM audit RETURNING *) INSERT INTO comment (id) SELECT id FROM audit
WITH audit AS (SELECT 1 AS id) DELETE FROM audit WHERE id IN (SELECT id FROM tag)
WITH audit AS (SELECT 1 AS id) DELETE FROM audit USING audit a2 WHERE audit.id = a2.id
WITH audit AS (SELECT 9 AS id) INSERT INTO audit (id) SELECT id FROM audit
WITH audit AS (SELECT 9 AS id) UPDATE audit SET what = 'x' FROM audit AS a2 WHERE a2.id = audit.id
WITH x AS (INSERT INTO audit (id) VALUES (1) RETURNING id), y AS (SELECT id FROM tag) SELECT * FROM post WHERE id IN (SELECT id FROM x UNION SELECT id FROM y)

## Writes of PostgreSQL alone
INSERT INTO "Order" DEFAULT VALUES RETURNING *
INSERT INTO audit TABLE tag
INSERT INTO audit (TABLE tag)
INSERT INTO audit (id, what) TABLE tag
INSERT INTO audit VALUES ((TABLE "group" LIMIT 0), 'x')
INSERT INTO audit AS a (id) VALUES (1) RETURNING a.id, (SELECT max(id) FROM tag)
INSERT INTO "Order" (id, "Total") OVERRIDING SYSTEM VALUE VALUES (77, 1)
INSERT INTO live_post (id, title) VALUES (500, 'through a view')
INSERT INTO event VALUES (1, '2023-05-05', 'x')
INSERT INTO event_2024 VALUES (1, '2024-05-05', 'a')
INSERT INTO dog VALUES (1, 'rex', 'pug')
INSERT INTO "Odd Schema"."Odd Table" SELECT id FROM "two words"
INSERT INTO tag (id, name) VALUES (1, 'x') ON CONFLICT ON CONSTRAINT tag_pkey DO UPDATE SET (id, name) = (SELECT id, name FROM category WHERE id = 1)
INSERT INTO audit SELECT id, name FROM tag ORDER BY (SELECT max(id) FROM category) LIMIT 1
INSERT INTO audit (id) (SELECT id FROM tag UNION SELECT id FROM post)
UPDATE ONLY animal SET name = 'x'
UPDATE animal * SET name = 'x'
UPDATE animal SET name = 'x'
UPDATE event SET kind = 'b' WHERE at = '2023-05-05'
UPDATE post SET title = a.name FROM author a, LATERAL (SELECT max(name) AS top FROM tag WHERE tag.id = a.id) l WHERE a.id = post.author_id
UPDATE post SET (title, body) = ROW('a', DEFAULT) WHERE id = 1
UPDATE post SET tags[(SELECT max(id) FROM tag)] = 'x'
UPDATE post p SET title = q.title FROM post q WHERE q.id = p.id + 1
UPDATE live_post SET title = 'x'
UPDATE post SET title = 'x' FROM live_author l WHERE l.id = post.author_id
UPDATE post SET title = DEFAULT WHERE (SELECT count(*) FROM tag) > 0 RETURNING post.*
DELETE FROM ONLY animal
DELETE FROM animal
DELETE FROM comment USING post WHERE post.id = comment.post_id
DELETE FROM comment c USING post p JOIN author a ON a.id = p.author_id WHERE p.id = c.post_id
DELETE FROM comment USING (SELECT id FROM tag) t WHERE t.id = comment.id
DELETE FROM comment USING comment older WHERE older.id < comment.id
DELETE FROM event WHERE at < '2024-01-01'
DELETE FROM live_post WHERE id = 1
DELETE FROM comment USING live_author a WHERE a.id = comment.author_id RETURNING *
MERGE INTO post p USING author a ON a.id = p.author_id WHEN MATCHED THEN UPDATE SET title = a.name
MERGE INTO post USING (SELECT * FROM tag) s ON s.id = post.id WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT (id, title) VALUES (s.id + 900, s.name)
MERGE INTO post USING tag ON tag.id = post.id WHEN MATCHED AND post.id IN (SELECT post_id FROM comment) THEN DO NOTHING WHEN MATCHED THEN UPDATE SET title = (SELECT max(name) FROM category)
WITH s AS (SELECT * FROM tag) MERGE INTO post USING s ON s.id = post.id WHEN MATCHED THEN DELETE
MERGE INTO ONLY animal a USING tag t ON t.id = a.id WHEN MATCHED THEN DELETE
TRUNCATE audit
TRUNCATE TABLE audit, comment
TRUNCATE TABLE ONLY animal RESTART IDENTITY
TRUNCATE animal
TRUNCATE "Order", arch.post CASCADE
TRUNCATE event
COPY audit FROM '/dev/null'
COPY audit (id) FROM '/dev/null' WITH (FORMAT csv)
COPY audit TO '/dev/null'
COPY (SELECT * FROM post JOIN tag USING (id)) TO '/dev/null'
COPY (DELETE FROM audit RETURNING *) TO '/dev/null'
COPY "Odd Schema"."Odd Table" TO '/dev/null' WITH CSV HEADER
REFRESH MATERIALIZED VIEW popular
LOCK TABLE tag IN ACCESS SHARE MODE

## Schema of PostgreSQL alone
SELECT * INTO fresh FROM post
SELECT p.id, a.name INTO TABLE fresh FROM post p JOIN author a ON a.id = p.author_id
SELECT * INTO UNLOGGED fresh FROM tag
SELECT * INTO TEMP fresh FROM tag
WITH t AS (SELECT * FROM tag) SELECT * INTO fresh FROM t
CREATE TABLE fresh AS TABLE tag
CREATE TABLE fresh () INHERITS (animal)
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')
CREATE UNLOGGED TABLE fresh (id int)
CREATE MATERIALIZED VIEW fresh AS SELECT * FROM tag
CREATE MATERIALIZED VIEW fresh AS SELECT * FROM tag WITH NO DATA
CREATE OR REPLACE VIEW live_post AS SELECT * FROM post WHERE visible = 2
CREATE RECURSIVE VIEW fresh (n) AS SELECT id FROM tag
CREATE INDEX ON post USING gin (data)
ALTER TABLE post ALTER COLUMN price SET DEFAULT 1
ALTER TABLE post ADD COLUMN extra int DEFAULT 5, ADD CHECK (id > 0)
ALTER TABLE IF EXISTS audit SET SCHEMA arch
ALTER TABLE tag RENAME TO label
ALTER TABLE event DETACH PARTITION event_2023
ALTER TABLE dog NO INHERIT animal
ALTER TABLE audit ENABLE ROW LEVEL SECURITY
ALTER VIEW live_author RENAME TO lively
ALTER MATERIALIZED VIEW popular RENAME TO liked
ALTER SEQUENCE ticket RESTART
DROP TABLE audit, comment CASCADE
DROP TABLE "Order" CASCADE
DROP MATERIALIZED VIEW popular
DROP VIEW IF EXISTS live_author, live_post
DROP SCHEMA arch CASCADE
DROP TYPE mood CASCADE
CREATE RULE quiet AS ON INSERT TO audit DO INSTEAD NOTHING
CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'DELETE FROM audit'
DO $$ BEGIN DELETE FROM audit; END $$
GRANT SELECT ON post TO public
CREATE POLICY p ON audit USING (id IN (SELECT id FROM tag))
CREATE STATISTICS s ON author_id, category_id FROM post

## Explained and prepared
EXPLAIN ANALYZE SELECT * FROM post
EXPLAIN ANALYZE DELETE FROM audit
EXPLAIN (ANALYZE, BUFFERS) UPDATE post SET title = 'x'
EXPLAIN (ANALYZE false) DELETE FROM audit
EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM post JOIN tag USING (id)
EXPLAIN ANALYZE WITH d AS (DELETE FROM audit RETURNING *) SELECT * FROM d
EXPLAIN ANALYZE CREATE TABLE fresh AS SELECT * FROM tag
PREPARE q AS SELECT * FROM post
DECLARE c CURSOR FOR SELECT * FROM post

## Locks that touch no row
CREATE TABLE fresh (LIKE post)
CREATE TABLE fresh (id int REFERENCES post (id))
ALTER TABLE post ADD FOREIGN KEY (author_id) REFERENCES author (id)
COMMENT ON TABLE post IS 'x'
CLUSTER post USING post_pkey
REINDEX TABLE post
ANALYZE post
