//! What can only be shown on real servers: settings of sessions, because whoever may not see a row
//! must never be served it, and the keys of tables as their catalogs tell them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod ahead;
mod late;
mod mariadb;
mod postgres;
mod relay;
mod rows;
mod support;
