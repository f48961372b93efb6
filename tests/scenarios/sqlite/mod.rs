//! What only SQLite has.

mod ctes;
mod dependencies;
mod differential;
mod keys;
mod names;
mod reads;
mod relations;
mod streams;
mod unclear_writes;
mod values;
