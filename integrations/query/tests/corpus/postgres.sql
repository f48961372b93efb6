# PostgreSQL.

--> read cake
SELECT "cake"."id", "cake"."name" FROM "cake" WHERE "cake"."id" = $1 LIMIT $2

--> read cake fruit
SELECT "cake"."id" AS "A_id", "cake"."name" AS "A_name", "fruit"."id" AS "B_id", "fruit"."name" AS "B_name", "fruit"."cake_id" AS "B_cake_id" FROM "cake" LEFT JOIN "fruit" ON "cake"."id" = "fruit"."cake_id" ORDER BY "cake"."id" ASC

--> read cake
SELECT COUNT(*) AS num_items FROM (SELECT "cake"."id", "cake"."name" FROM "cake") AS "sub_query"

--> read cake
SELECT "cake"."id", "cake"."name" FROM "cake" ORDER BY "cake"."id" ASC LIMIT $1 OFFSET $2

--> read cake cakes_bakers baker
SELECT "baker"."id" FROM "baker" INNER JOIN "cakes_bakers" ON "cakes_bakers"."baker_id" = "baker"."id" INNER JOIN "cake" ON "cake"."id" = "cakes_bakers"."cake_id" WHERE "cake"."id" = $1

--> read active_enum
SELECT "active_enum"."id", CAST("active_enum"."tea" AS "text") FROM "active_enum" WHERE "active_enum"."tea" = (CAST($1 AS "tea"))

--> read users
SELECT "users"."id", "users"."name", "users"."hair_color" FROM "users" WHERE (("users"."name" = $1) AND ("users"."hair_color" IS NOT NULL)) LIMIT $2

--> read posts users
SELECT "users"."id", "posts"."id" FROM ("users" INNER JOIN "posts" ON ("posts"."user_id" = "users"."id")) WHERE ("users"."id" = ANY($1))

--> read cake fruit
SELECT "cake"."id" FROM "cake" WHERE EXISTS(SELECT 1 FROM "fruit" WHERE "fruit"."cake_id" = "cake"."id")

--> read cake
SELECT "id", CASE WHEN "price" > $1 THEN 'dear' WHEN "price" IS NULL THEN 'free' ELSE 'cheap' END AS "class" FROM "cake"

--> read Post
SELECT * FROM "Post"

--> read post
SELECT * FROM "post" JOIN POST AS p ON p.id = "post".id

--> read My.Dotted.Name
SELECT * FROM "My.Dotted"."Name" UNION SELECT 1

--> read public.post
SELECT * FROM mydb.public.post

--> read post
SELECT * FROM ONLY post

--> read post
SELECT * FROM ONLY (post)

--> read author post
SELECT * FROM ONLY post p JOIN ONLY author a ON a.id = p.author_id

--> read post
TABLE post

--> read author post
(TABLE post) UNION ALL TABLE author

--> read post
WITH p AS (TABLE post) SELECT * FROM p

--> read post
TABLE ONLY post ORDER BY id LIMIT 3

--> read post
SELECT * FROM post FETCH FIRST 5 ROWS ONLY

--> read post
SELECT * FROM post OFFSET 5 ROWS FETCH NEXT ROW ONLY

--> read author post
SELECT a.name, l.title FROM author a CROSS JOIN LATERAL (SELECT title FROM post WHERE author_id = a.id ORDER BY id LIMIT 3) l

--> read author post
SELECT * FROM author a LEFT JOIN LATERAL (SELECT COUNT(*) AS n FROM post WHERE author_id = a.id) c ON true

--> read post
SELECT * FROM post JOIN (VALUES (1, 'a'), (2, 'b')) AS v (id, label) ON v.id = post.id

--> read
VALUES (1, 'a'), (2, 'b')

--> read post
SELECT DISTINCT ON (author_id) author_id, id FROM post ORDER BY author_id, created_at DESC

--> read post
SELECT * FROM post WHERE title ILIKE $1 OR title ~ '^a' OR title !~* 'b$' OR title SIMILAR TO '%c%'

--> read post
SELECT data->>'a', data->'b'->>'c', data#>>'{a,b}', data @> '{"a": 1}'::jsonb, data ? 'key' FROM post

--> read post
SELECT * FROM post WHERE tags && $1 AND tags @> ARRAY['a'] AND 'b' = ANY(tags) AND id = ANY($2::int[])

--> read post
SELECT * FROM post WHERE id <> ALL(ARRAY[1, 2, 3]) AND tags[1] = 'x' AND tags[2:3] = '{a,b}'

--> read post
SELECT date_trunc('day', created_at), extract(epoch FROM created_at), to_char(created_at, 'YYYY-MM') FROM post

--> read post
SELECT created_at::date, price::numeric(10, 2), id::text, $1::uuid FROM post WHERE created_at > '2024-01-01'::timestamptz

--> read post
SELECT * FROM post WHERE created_at > $1::timestamptz - interval '1 day'

--> read post
SELECT created_at AT TIME ZONE 'UTC', age(updated_at, created_at) FROM post

--> read post
SELECT string_agg(title, ', ' ORDER BY title), array_agg(id), jsonb_agg(to_jsonb(post)), json_build_object('a', id) FROM post

--> read post
SELECT count(*) FILTER (WHERE visible), percentile_cont(0.5) WITHIN GROUP (ORDER BY price) FROM post

--> read post
SELECT author_id, category_id, sum(price) FROM post GROUP BY GROUPING SETS ((author_id), (category_id), ())

--> read post
SELECT author_id, sum(price) FROM post GROUP BY ROLLUP (author_id, category_id)

--> read post
SELECT author_id, sum(price), grouping(author_id) FROM post GROUP BY CUBE (author_id, category_id)

--> read post
SELECT generate_series(1, 3), id FROM post

--> read
SELECT * FROM generate_series(1, 10) AS g (n)

--> read post
SELECT p.id, t.tag FROM post p, unnest(p.tags) AS t (tag)

--> read post
SELECT p.id, t.tag, t.n FROM post p CROSS JOIN LATERAL unnest(p.tags) WITH ORDINALITY AS t (tag, n)

--> read post
SELECT p.id, e.key, e.value FROM post p, jsonb_each(p.data) e

--> read post
SELECT x.* FROM post, jsonb_to_recordset(post.data) AS x(a int, b text)

--> read post
SELECT regexp_replace(title, 'a+', 'b', 'g'), split_part(title, '-', 1), md5(body), encode(blob, 'hex') FROM post

--> read post
SELECT * FROM post WHERE to_tsvector('english', body) @@ plainto_tsquery('english', $1) ORDER BY ts_rank(to_tsvector(body), to_tsquery($1)) DESC

--> read post
SELECT position('a' IN title), substring(title FROM 2 FOR 3), overlay(title PLACING 'x' FROM 1 FOR 2), trim(BOTH ' ' FROM title) FROM post

--> read post
SELECT pg_catalog.lower(title), "lower"(title), greatest(1, id), least(1, id) FROM post

--> read post
SELECT nullif(price, 0), width_bucket(price, 0, 10, 5), gcd(id, 4), floor(price), ceil(price), power(2, 3) FROM post

--> read post
SELECT * FROM post WHERE (title, id) > ($1, $2) ORDER BY title, id LIMIT 20

--> read post
SELECT * FROM post WHERE title IS DISTINCT FROM $1 ORDER BY price DESC NULLS LAST

--> read post
SELECT similarity(title, $1) FROM post WHERE title % $1 ORDER BY title <-> $1

--> read post
SELECT * FROM post p WHERE p.data @? '$.a[*] ? (@ > 1)' AND jsonb_path_exists(p.data, '$.b')

--> read a b
WITH RECURSIVE x AS (SELECT * FROM a UNION SELECT * FROM y), y AS (SELECT * FROM b) SELECT * FROM x

--> read post
WITH p AS MATERIALIZED (SELECT * FROM post), q AS NOT MATERIALIZED (SELECT * FROM p) SELECT * FROM q

--> read public.post
WITH post AS (SELECT 1) SELECT * FROM public.post

--> read post
SELECT /* nested /* comment FROM author */ still */ * FROM post

--> read post
SELECT $$DELETE FROM author; --$$, E'it\'s FROM tag', U&'d' FROM post

--> read post
SELECT "update", "delete" FROM post WHERE "order" = 1

--> read point
SELECT ST_AsGeoJSON(geom), ST_Distance(geom, ST_SetSRID(ST_MakePoint($1, $2), 4326)) FROM point WHERE ST_DWithin(geom, $3, 100)

--> read item
SELECT id FROM item ORDER BY embedding <=> $1 LIMIT 5

--> read post
SELECT t.*, row_to_json(t) FROM (SELECT * FROM post) t

--> read post
SELECT xmin, ctid, tableoid FROM post

--> read post
SELECT bool_and(visible), every(visible), stddev(price), variance(price), corr(price, id), mode() WITHIN GROUP (ORDER BY price) FROM post

--> read post
SELECT array_length(tags, 1), cardinality(tags), array_to_string(tags, ','), array_append(tags, 'x'), tags || 'y' FROM post

--> read post
SELECT concat_ws(' ', title, body), format('%s-%s', id, title), left(title, 3), right(title, 3), lpad(title, 5, ' '), initcap(title), reverse(title), strpos(title, 'a'), repeat('x', 3) FROM post

--> read post
SELECT make_date(2024, 1, 1), date_part('year', created_at), justify_days(interval '40 days'), to_timestamp(id), isfinite(created_at) FROM post

--> read post
SELECT id FROM post WHERE date '2024-01-01' <= created_at AND created_at < timestamp '2024-02-01 00:00:00'

--> read post
SELECT * FROM post WHERE daterange($1, $2) @> created_at::date AND lower(during) < upper(during)

--> read post
SELECT last_value(id) OVER (ORDER BY id RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM post

--> read | bypass unparsed | deterministic
SELECT nth_value(id, 2) OVER (ORDER BY id GROUPS CURRENT ROW EXCLUDE TIES) FROM post

--> read post | bypass locking
SELECT * FROM post WHERE id = $1 FOR UPDATE

--> read post | bypass locking
SELECT * FROM post WHERE id = $1 FOR SHARE

--> read post | bypass locking
SELECT * FROM post FOR UPDATE OF post SKIP LOCKED

--> read post | bypass locking
SELECT * FROM post FOR UPDATE NOWAIT

--> read | bypass locking
SELECT * FROM post FOR NO KEY UPDATE

--> read | bypass locking
SELECT * FROM post FOR KEY SHARE

--> read author post | bypass locking
SELECT * FROM author WHERE id IN (SELECT author_id FROM post FOR UPDATE)

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > now() - interval '1 day'

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > 'now'

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > 'today'::date

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > date 'yesterday'

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > CAST('tomorrow 10:00' AS timestamp)

--> read post | bypass volatile
SELECT age(created_at) FROM post

--> read post | bypass volatile
SELECT * FROM post ORDER BY random()

--> read post | bypass volatile
SELECT * FROM post WHERE id IN (SELECT id FROM post ORDER BY random() LIMIT 1)

--> read post | bypass volatile
SELECT LOCALTIMESTAMP, id FROM post

--> read | bypass volatile
SELECT clock_timestamp()

--> read | bypass volatile
SELECT nextval('post_id_seq')

--> read | bypass volatile
SELECT gen_random_uuid()

--> read | bypass volatile
SELECT uuid_generate_v4()

--> read | bypass volatile
SELECT pg_sleep(1)

--> read | bypass session
SELECT current_user

--> read | bypass session
SELECT session_user, user

--> read post | bypass session
SELECT * FROM post WHERE tenant = current_setting('app.tenant')

--> read | bypass session
SELECT set_config('app.tenant', $1, false)

--> read | bypass session
SELECT current_schema()

--> read | bypass session
SELECT version()

--> read | bypass session
SELECT pg_advisory_lock(1)

--> read | bypass session
SELECT pg_try_advisory_xact_lock($1)

--> read | bypass session
SELECT pg_notify('a', 'b')

--> read post | bypass unknown_function | flush
SELECT writes_fn(id) FROM post

--> read | bypass unknown_function | flush
SELECT app.lower('x')

--> read | bypass table_function | flush
SELECT * FROM get_users(1)

--> read author | bypass table_function | flush
SELECT * FROM author a, LATERAL get_posts(a.id)

--> read | bypass table_function | flush
SELECT * FROM dblink('dbname=x', 'SELECT 1') AS t(a int)

--> read post | bypass sample
SELECT * FROM post TABLESAMPLE BERNOULLI (10)

--> read pg_catalog.pg_class | bypass system_catalog
SELECT * FROM pg_catalog.pg_class

--> read pg_stat_activity | bypass system_catalog
SELECT * FROM pg_stat_activity

--> read information_schema.tables | bypass system_catalog
SELECT * FROM information_schema.tables

--> read | bypass system_catalog
SELECT 'post'::regclass::oid

--> read | bypass system_catalog
SELECT pg_get_viewdef('v')

--> read pg_temp.post | bypass temporary_table
SELECT * FROM pg_temp.post

--> read post
SELECT * FROM post WHERE title COLLATE "C" > 'a' AND title LIKE 'x#%' ESCAPE '#'

--> read post
SELECT * FROM post WHERE ROW(id, title) = ROW($1, $2)

--> read post
SELECT (data).field, (post).title FROM post

--> read post
SELECT JSON_OBJECT('a': id), id IS JSON FROM post

--> write post
INSERT INTO "post" ("title", "body") VALUES ($1, $2) RETURNING "id"

--> write post
INSERT INTO post (id, title) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET title = excluded.title

--> write post | reads tag
INSERT INTO post (id, title) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET title = (SELECT max(name) FROM tag)

--> write post
INSERT INTO post DEFAULT VALUES

--> write post | reads src
WITH s AS (SELECT * FROM src) INSERT INTO post SELECT * FROM s

--> write post
WITH d AS (DELETE FROM post RETURNING *) SELECT * FROM d

--> write post post_archive
WITH d AS (DELETE FROM post RETURNING *) INSERT INTO post_archive SELECT * FROM d

--> write author post | reads tag
WITH u AS (UPDATE post SET title = 'x' RETURNING *), i AS (INSERT INTO author SELECT * FROM tag RETURNING *) SELECT * FROM u, i

--> write a | reads b
UPDATE a SET x = b.x FROM b WHERE a.id = b.id

--> write a
UPDATE ONLY a SET x = 1

--> write a
DELETE FROM ONLY a WHERE id = 1

--> write a | reads b c
DELETE FROM a USING b JOIN c ON c.id = b.id WHERE a.id = b.id

--> write a | reads b
UPDATE a AS x SET y = 1 FROM b WHERE x.id = b.id RETURNING x.*

--> write a | reads b
MERGE INTO a USING b ON a.id = b.id WHEN MATCHED THEN UPDATE SET x = b.x WHEN NOT MATCHED THEN INSERT (id) VALUES (b.id)

--> write a | reads b
MERGE INTO a USING (SELECT * FROM b) AS s ON a.id = s.id WHEN MATCHED THEN DELETE

--> write a b
TRUNCATE a, b

--> write a | flush
TRUNCATE TABLE ONLY a RESTART IDENTITY CASCADE

--> write a
COPY a FROM STDIN

--> write a
COPY a (x, y) FROM '/tmp/a.csv' WITH (FORMAT csv)

--> control | reads a
COPY a TO STDOUT

--> control | reads a
COPY (SELECT * FROM a) TO STDOUT

--> write a | reads b | schema
SELECT * INTO a FROM b

--> write a | reads b | schema | flush | bypass temporary_table
SELECT * INTO TEMP a FROM b

--> write a b | schema
DROP TABLE a, b

--> write a b | schema | flush
DROP TABLE a, b CASCADE

--> write a b | schema
ALTER TABLE a RENAME TO b

--> write a | schema
ALTER TABLE ONLY a ADD CONSTRAINT c UNIQUE (x)

--> write a | schema | flush
ALTER TABLE a ENABLE ROW LEVEL SECURITY

--> write a | schema
CREATE UNIQUE INDEX CONCURRENTLY i ON a (x) WHERE y IS NOT NULL

--> write v | reads a | schema | flush
CREATE MATERIALIZED VIEW v AS SELECT * FROM a

--> write v
REFRESH MATERIALIZED VIEW v

--> write app.v
REFRESH MATERIALIZED VIEW CONCURRENTLY app."v"

--> write a | flush
INSERT INTO a (x) VALUES (my_fn($1))

--> write a
INSERT INTO a (x, t) VALUES (nextval('s'), now())

--> unknown | flush | schema
CALL p(1)

--> unknown | flush | schema
DO $$ BEGIN DELETE FROM a; END $$

--> unknown | flush | schema
GRANT SELECT ON a TO b

--> unknown | flush | schema
REVOKE ALL ON a FROM b

--> unknown | reads a | flush | schema
CREATE POLICY p ON a USING (true)

--> unknown | flush | schema
ALTER ROLE bob SUPERUSER

--> write | flush | schema
DROP SCHEMA app CASCADE

--> write | flush | schema
DROP SCHEMA app

--> unknown | flush | schema
ALTER SCHEMA a RENAME TO b

--> unknown | flush | schema
CREATE SCHEMA app

--> unknown | flush | schema
CREATE RULE r AS ON INSERT TO a DO INSTEAD NOTHING

--> write | flush | schema
CREATE TRIGGER t AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()

--> unknown | flush | schema
PREPARE TRANSACTION 'x'

--> unknown | flush | schema
COMMIT PREPARED 'x'

--> control
PREPARE p AS INSERT INTO a VALUES ($1)

--> unknown | flush | schema
EXECUTE p(1)

--> control
SET ROLE bob

--> control
SET SESSION AUTHORIZATION bob

--> control
RESET ROLE

--> control
SET search_path TO app, public

--> control
SET LOCAL statement_timeout = '1s'

--> control
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE

--> control
SHOW search_path

--> control
BEGIN

--> control
BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY

--> control | flush
END

--> control
RELEASE SAVEPOINT a

--> control | reads a
LOCK TABLE a IN EXCLUSIVE MODE

--> control
LISTEN chan

--> control
NOTIFY chan, 'x'

--> control
VACUUM a

--> control | reads a
ANALYZE a

--> control
DISCARD ALL

--> control
CHECKPOINT

--> control | reads a
EXPLAIN (VERBOSE, FORMAT JSON) SELECT * FROM a

--> control | reads a
EXPLAIN ANALYZE SELECT * FROM a

--> write a
EXPLAIN ANALYZE INSERT INTO a VALUES (1)

--> write a
EXPLAIN (ANALYZE, BUFFERS) DELETE FROM a

--> write a
EXPLAIN (ANALYZE true) DELETE FROM a

--> control
EXPLAIN (ANALYZE false) DELETE FROM a

--> read | bypass unparsed
SELECT * FROM post WHERE ((

--> unknown | flush | schema
UPDATE post SET WHERE

--> read | bypass unparsed | flush
WITH d AS (DELETE FROM post RETURNING *) SELECT * FROM d WHERE ((

--> unknown | flush
BEGIN; COMMIT

--> read current_date | bypass volatile
SELECT * FROM current_date

--> read post
SELECT id FROM post WHERE "current_date" = $1 AND "user" = 'now or never'

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > E'no\x77'::timestamp

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > $$now$$::timestamp

--> read post
SELECT * FROM post WHERE created_at > $1::timestamptz

--> unknown | flush | schema
EXPLAIN ANALYZE EXECUTE p

--> write a | reads b | schema
EXPLAIN ANALYZE CREATE TABLE a AS SELECT * FROM b

--> control | reads b
EXPLAIN CREATE TABLE a AS SELECT * FROM b

--> write a
COPY (DELETE FROM a RETURNING *) TO STDOUT

--> unknown | flush | schema
COPY a FROM STDIN; DELETE FROM b

--> write a | reads b | schema
SELECT * INTO UNLOGGED TABLE a FROM b

--> read a b
SELECT ARRAY(SELECT id FROM b) FROM a WHERE x IN (TABLE b)

--> read a b
WITH x AS (SELECT * FROM a), a AS (SELECT * FROM b) SELECT * FROM x, a

--> write a
UPDATE ONLY (a) SET x = 1

--> read a
SELECT * FROM a, LATERAL generate_series(1, a.n) g

--> read post
WITH post AS (SELECT * FROM post WHERE visible = 1) SELECT * FROM post

--> write dog animal | schema
CREATE TABLE dog (breed text) INHERITS (animal)

--> write event_2025 event | schema
CREATE TABLE event_2025 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')

--> read post
WITH p AS (TABLE post) TABLE p

--> read author post
WITH p AS (TABLE post), q AS (SELECT * FROM p) (TABLE q) UNION TABLE author

--> write a | reads b
INSERT INTO a (x, y) TABLE b

--> write | flush | schema
CREATE FUNCTION f(a int) RETURNS TABLE (b int) LANGUAGE sql AS 'SELECT 1'
