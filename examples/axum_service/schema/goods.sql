CREATE INDEX IF NOT EXISTS shop_orders_of_customer ON shop_orders (tenant, customer);

-- Prices are in cents.
CREATE TABLE IF NOT EXISTS shop_products (
    id BIGINT PRIMARY KEY,
    tenant TEXT NOT NULL,
    name TEXT NOT NULL,
    price BIGINT NOT NULL
);

CREATE TABLE IF NOT EXISTS shop_stock (
    product BIGINT PRIMARY KEY REFERENCES shop_products (id),
    quantity BIGINT NOT NULL CHECK (quantity >= 0)
);

-- Something to look at, the first time: two tenants with 10,000 products each.
INSERT INTO shop_products (id, tenant, name, price)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)
SELECT n,
    CASE WHEN n <= 10000 THEN 'acme' ELSE 'zeta' END,
    CASE n % 5 WHEN 0 THEN 'jam' WHEN 1 THEN 'tea' WHEN 2 THEN 'cake' ELSE 'coffee' END || ' no. ' || n,
    150 + n * 7919 % 997
FROM numbers
WHERE NOT EXISTS (SELECT 1 FROM shop_products);

-- Of every tenth there is none left.
INSERT INTO shop_stock (product, quantity)
SELECT id, CASE id % 10 WHEN 0 THEN 0 ELSE 1000000 END
FROM shop_products
WHERE NOT EXISTS (SELECT 1 FROM shop_stock);

INSERT INTO shop_orders (tenant, customer, product, quantity, total)
WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)
SELECT 'acme', 1 + n % 100, p.id, 1 + n % 3, p.price * (1 + n % 3)
FROM numbers JOIN shop_products AS p ON p.id = 1 + n * 37 % 10000
WHERE NOT EXISTS (SELECT 1 FROM shop_orders);
