# MySQL and MariaDB.

--> read cake
SELECT `cake`.`id`, `cake`.`name` FROM `cake` WHERE `cake`.`id` = ? LIMIT ?

--> read cake fruit
SELECT `cake`.`id` AS `A_id`, `fruit`.`id` AS `B_id` FROM `cake` LEFT JOIN `fruit` ON `cake`.`id` = `fruit`.`cake_id`

--> read cake
SELECT COUNT(*) AS num_items FROM (SELECT `cake`.`id` FROM `cake`) AS `sub_query`

--> read post
SELECT * FROM `Post` JOIN POST p2 ON p2.id = `Post`.id

--> read shop.post
SELECT * FROM `shop`.`post`

--> read post
SELECT * FROM post WHERE title = "DELETE FROM author" AND body = 'a\'b FROM tag'

--> read post
SELECT * FROM post # FROM author
WHERE id = 1

--> read post
SELECT id--1 FROM post -- FROM author

--> read post
SELECT IF(visible, 'a', 'b'), IFNULL(title, ''), CONCAT(title, '-', id), SUBSTRING_INDEX(title, ' ', 1), FIND_IN_SET('a', title) FROM post

--> read post
SELECT DATE_FORMAT(created_at, '%Y-%m'), DATE(created_at), YEAR(created_at), UNIX_TIMESTAMP(created_at), DATEDIFF(created_at, updated_at) FROM post

--> read post
SELECT DATE_ADD(created_at, INTERVAL 1 DAY), created_at - INTERVAL 1 MONTH, EXTRACT(YEAR FROM created_at), TIMESTAMPDIFF(DAY, created_at, updated_at) FROM post

--> read post
SELECT GROUP_CONCAT(DISTINCT title ORDER BY title SEPARATOR ', ') FROM post

--> read post
SELECT data->'$.a', data->>'$.b', JSON_EXTRACT(data, '$.c'), JSON_UNQUOTE(data), JSON_CONTAINS(data, '1'), JSON_ARRAYAGG(id), JSON_OBJECTAGG(id, title) FROM post

--> read post
SELECT jt.* FROM post, JSON_TABLE(post.data, '$[*]' COLUMNS (id INT PATH '$.id')) AS jt

--> read post
SELECT * FROM post USE INDEX (post_title) WHERE title = ?

--> read post
SELECT * FROM post FORCE INDEX FOR ORDER BY (post_title) ORDER BY title

--> read author post
SELECT STRAIGHT_JOIN * FROM post JOIN author ON author.id = post.author_id

--> read author post
SELECT * FROM post STRAIGHT_JOIN author ON author.id = post.author_id

--> read post
SELECT SQL_NO_CACHE * FROM post

--> read post
SELECT /*+ MAX_EXECUTION_TIME(1000) */ * FROM post

--> read post
SELECT * FROM post LIMIT 5, 10

--> read
SELECT 1 FROM DUAL

--> read post
SELECT * FROM post WHERE title REGEXP '^a' AND body RLIKE 'b' AND title NOT LIKE '%c%'

--> read post
SELECT * FROM post WHERE MATCH (title, body) AGAINST (? IN BOOLEAN MODE)

--> read post
SELECT author_id, SUM(price) FROM post GROUP BY author_id WITH ROLLUP

--> read post
SELECT id DIV 2, id MOD 2, id << 1, id & 3, id ^ 1, ~id, NOT id, id XOR 1, id <=> NULL FROM post

--> read post
SELECT CONVERT(title USING utf8mb4), CAST(id AS UNSIGNED), CAST(price AS DECIMAL(10, 2)), BINARY title, _utf8mb4'x', CONVERT(id, CHAR) FROM post

--> read post
SELECT LPAD(id, 5, '0'), FIELD(title, 'a', 'b'), ELT(1, 'x', 'y'), GREATEST(1, id), LEAST(1, id), MD5(title), SHA2(title, 256), HEX(id), BIN(id), CRC32(title) FROM post

--> read post
SELECT * FROM post WHERE created_at >= '2024-01-01' AND created_at < DATE '2024-02-01' AND created_at < TIMESTAMP '2024-02-01 00:00:00'

--> read post
SELECT * FROM post WHERE (author_id, id) = (?, ?) ORDER BY FIELD(id, 3, 1, 2)

--> read post
SELECT ST_Distance_Sphere(p, POINT(1, 2)), ST_AsText(p), INET_ATON('1.2.3.4'), BIN_TO_UUID(uid) FROM post

--> read post
SELECT * FROM post PARTITION (p0, p1)

--> read post
TABLE post ORDER BY id LIMIT 3

--> read author post
SELECT a.name, l.title FROM author a, LATERAL (SELECT title FROM post WHERE author_id = a.id LIMIT 3) AS l

--> read category tree
WITH RECURSIVE a AS (SELECT * FROM tree), tree AS (SELECT id FROM category UNION ALL SELECT c.id FROM category c JOIN tree t ON c.parent = t.id) SELECT * FROM a, tree

--> read
VALUES ROW(1, 2), ROW(3, 4)

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > NOW() - INTERVAL 1 DAY

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > CURDATE()

--> read post | bypass volatile
SELECT * FROM post WHERE created_at > UTC_TIMESTAMP

--> read post | bypass volatile
SELECT UNIX_TIMESTAMP() - UNIX_TIMESTAMP(created_at) FROM post

--> read post | bypass volatile
SELECT * FROM post ORDER BY RAND() LIMIT 1

--> read | bypass volatile
SELECT UUID()

--> read | bypass volatile
SELECT SLEEP(1)

--> read | bypass session
SELECT LAST_INSERT_ID()

--> read | bypass session
SELECT DATABASE(), VERSION(), CONNECTION_ID()

--> read | bypass session
SELECT CURRENT_USER

--> read | bypass session
SELECT @@sql_mode

--> read | bypass session
SELECT @@session.time_zone

--> read post | bypass session
SELECT * FROM post WHERE id = @id

--> read post | bypass session
SELECT @row := @row + 1, id FROM post

--> read | bypass session
SELECT GET_LOCK('a', 10)

--> read post | bypass session
SELECT SQL_CALC_FOUND_ROWS * FROM post LIMIT 10

--> read post | bypass session
SELECT id INTO @x FROM post LIMIT 1

--> read post | bypass unknown_function | flush
SELECT my_fn(id) FROM post

--> read | bypass unknown_function | flush
SELECT shop.my_fn(1)

--> read post | bypass locking
SELECT * FROM post WHERE id = ? FOR UPDATE

--> read post | bypass locking
SELECT * FROM post FOR SHARE SKIP LOCKED

--> read | bypass locking
SELECT * FROM post LOCK IN SHARE MODE

--> read information_schema.tables | bypass system_catalog
SELECT * FROM information_schema.tables

--> read mysql.user | bypass system_catalog
SELECT * FROM mysql.user

--> read performance_schema.threads | bypass system_catalog
SELECT * FROM performance_schema.threads

--> write post
INSERT INTO `post` (`title`) VALUES (?)

--> write post
INSERT INTO post SET title = 'x'

--> write post
INSERT IGNORE INTO post (id) VALUES (1)

--> write post
INSERT INTO post (id, n) VALUES (1, 1) ON DUPLICATE KEY UPDATE n = n + VALUES(n)

--> write post | reads tag
INSERT INTO post (id, n) VALUES (1, 1) ON DUPLICATE KEY UPDATE n = (SELECT COUNT(*) FROM tag)

--> write post
REPLACE INTO post (id, title) VALUES (1, 'x')

--> write post | reads tag
REPLACE INTO post SELECT * FROM tag

--> write a | reads b
UPDATE a JOIN b ON a.id = b.id SET a.x = b.x

--> write a b
UPDATE a JOIN b ON a.id = b.id SET a.x = 1, b.y = 2

--> write a b
UPDATE a JOIN b ON a.id = b.id SET x = 1

--> write orders | reads people
UPDATE orders o JOIN people p ON p.id = o.person SET o.name = p.name

--> write a | reads b
DELETE a FROM a JOIN b ON a.id = b.id

--> write a b
DELETE a, b FROM a JOIN b ON a.id = b.id

--> write a | reads b
DELETE x FROM a AS x JOIN b AS y ON x.id = y.id

--> write a | reads b
DELETE FROM a USING a JOIN b ON a.id = b.id

--> write a | reads b
DELETE FROM x USING a AS x JOIN b AS y ON x.id = y.id

--> write post
UPDATE post SET title = 'x' ORDER BY id LIMIT 10

--> write post
DELETE FROM post ORDER BY id LIMIT 10

--> write a
TRUNCATE TABLE a

--> write a
LOAD DATA INFILE '/tmp/a.csv' INTO TABLE a FIELDS TERMINATED BY ','

--> write a b | schema
RENAME TABLE a TO b

--> write a b | schema
DROP TABLE a, b

--> write a | schema
ALTER TABLE a ADD COLUMN x INT AFTER y, DROP COLUMN z

--> write a b | schema
ALTER TABLE a RENAME TO b

--> unknown | flush | schema
CALL p()

--> unknown | flush | schema
GRANT ALL ON *.* TO 'a'@'%'

--> unknown | flush | schema
/*!40101 SET NAMES utf8 */

--> unknown | flush | schema
/*!50000 DELETE FROM a */

--> read | bypass unparsed | flush
SELECT * FROM a /*! FOR UPDATE */

--> unknown | flush | schema
ANALYZE UPDATE a SET x = 1

--> control | reads a
ANALYZE TABLE a

--> control | flush
START TRANSACTION

--> control | flush
BEGIN

--> control | flush
SET autocommit = 1

--> control
SET NAMES utf8mb4

--> control
SET @x = 1

--> control
SET SESSION sql_mode = 'ANSI'

--> control
SHOW TABLES

--> control
SHOW CREATE TABLE a

--> control
SHOW VARIABLES LIKE 'x'

--> control | reads a
DESCRIBE a

--> control
USE shop

--> control | flush
LOCK TABLES a WRITE

--> control
UNLOCK TABLES

--> write a
EXPLAIN ANALYZE DELETE FROM a

--> unknown | flush | schema
XA COMMIT 'x'

--> write a | reads b
UPDATE a, b SET a.x = b.x WHERE a.id = b.id

--> write a c | reads b
UPDATE a JOIN b ON a.id = b.id JOIN c ON c.id = b.id SET a.x = b.x, c.y = CONCAT(b.y, b.z)

--> read | bypass unparsed | flush
SELECT my_fn(id) FROM post INTO OUTFILE '/tmp/x'

--> read | bypass unparsed
SELECT id FROM post INTO OUTFILE '/tmp/x'

--> read post
SELECT id MOD 2, MOD(id, 2) FROM post

--> write a
UPDATE IGNORE a SET x = 1

--> write a | reads b
UPDATE LOW_PRIORITY IGNORE a, b SET a.x = b.x

--> write a
DELETE LOW_PRIORITY QUICK IGNORE FROM a WHERE x = 1

--> write a | reads b
DELETE QUICK a FROM a JOIN b ON a.id = b.id

--> write post
INSERT INTO post (id) VALUES (1) ON DUPLICATE KEY UPDATE `ignore` = 1

--> unknown | flush | schema
ALTER TABLE a EXCHANGE PARTITION p WITH TABLE b

--> write a b c d | schema
RENAME TABLE a TO b, c TO d

--> write a
DELETE FROM a PARTITION (p0) WHERE x = 1

--> control | flush
SET GLOBAL sql_mode = ''

--> control | flush
SET @@global.time_zone = 'UTC'

--> read post
WITH post AS (SELECT * FROM post WHERE visible = 1) SELECT * FROM post
