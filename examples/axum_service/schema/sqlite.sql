-- Readers and the one writer do not wait for each other.
PRAGMA journal_mode = WAL;

CREATE TABLE IF NOT EXISTS shop_orders (
    id INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    customer BIGINT NOT NULL,
    product BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    total BIGINT NOT NULL
);
